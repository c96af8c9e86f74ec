// One connection to a NATS server, from connecting until its end; a NatsClient has one after the other. What the
// library says of it, on threads of its own, becomes notices for the client.
//
// Private to the files nats_*.cpp. Made and destroyed on the loop's thread; connect() on any one thread.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_direct.hpp"
#include "io/nats/nats_poll.hpp"
#include "io/nats/nats_url.hpp"

namespace resflow {

class NatsClient::Link {
 public:
  Link(NatsClient& client, uv_loop_t* loop) : client_(client), poll_(loop) {}
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // To the first of them that answers. Returns why none did; empty when it is connected.
  std::string connect(const std::vector<NatsUrl>& urls);

  natsConnection* connection() const { return connection_; }
  Poll& poll() { return poll_; }
  const Poll& poll() const { return poll_; }

  // Any thread. NATS_OK, or why there is no subscription.
  natsStatus subscribe(const std::string& subject, const Subscription& subscription, natsSubscription** made);

  // Ends it; nothing is delivered any more.
  void close();
  // Nothing of the library's is under way any more, so it may be destroyed.
  bool is_over() const { return callbacks_ == 0 && (connection_ == nullptr || closed_); }

  // What the library noted last. Its text changes while the loop's thread reads, so it is to be asked for there.
  std::pair<natsStatus, std::string> last_error() const;
  // What the library noted last of all errors, and what the client was told last: all have come when they are the same.
  bool all_told() const;
  void told(std::string text) { told_ = std::move(text); }

 private:
  struct Closure {
    Subscription subscription;
    Link* link;
  };

  std::string try_server(const NatsUrl& url, bool tls);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure);
  static void on_closed(natsConnection*, void* closure);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure);

  NatsClient& client_;
  Poll poll_;
  natsConnection* connection_ = nullptr;
  std::string told_;
  std::atomic<int> callbacks_ = 0;  // subscriptions whose callback may still be called
  std::mutex incomplete_mutex_;
  std::vector<std::unique_ptr<Closure>> incomplete_;  // of subscriptions that ended while they were made
  std::atomic<bool> cut_ = false;                     // what comes on them is let go
  std::atomic<bool> closed_ = false;                  // the library has said so, its last word
};

// What is heard of a connection, in the order in which the library says it; on the loop's thread.
struct NatsClient::Notice {
  enum class Kind { connected, error, marker, closed };

  Kind kind = Kind::error;
  const Link* link = nullptr;
  natsStatus status = NATS_OK;  // of an error
  std::string text;             // of an error, or why it could not connect
};

}  // namespace resflow
