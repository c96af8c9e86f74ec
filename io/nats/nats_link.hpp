// One connection to a NATS server, from connecting until its end. A NatsClient has one at a time, and replaces it by
// another one. The library reports on its own threads; the link turns these reports into notices for the client.
//
// Private to the files nats_*.cpp. Created and destroyed on the loop's thread. connect() may be called on any one
// thread.
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

  // Connects to the first server of the list that answers. Returns an empty text on success, else each server and why
  // it failed.
  std::string connect(const std::vector<NatsUrl>& urls);

  natsConnection* connection() const { return connection_; }
  Poll& poll() { return poll_; }
  const Poll& poll() const { return poll_; }

  // Subscribes. Returns NATS_OK, or the status that says why it failed. Any thread.
  natsStatus subscribe(const std::string& subject, const Subscription& subscription, natsSubscription** made);

  // Closes the connection. Messages that still arrive are dropped.
  void close();
  // Returns true if no callback of the library can come any more, so that the link may be destroyed.
  bool is_over() const { return callbacks_ == 0 && (connection_ == nullptr || closed_); }

  // Returns the last error of the connection. Loop thread only: the library changes the text while that thread reads.
  std::pair<natsStatus, std::string> last_error() const;
  // Returns true if the client was told of the last error of the connection, so that no error notice is on its way.
  // told() sets the text that the client was told last.
  bool all_told() const;
  void told(std::string text) { told_ = std::move(text); }

 private:
  struct Closure {
    Subscription subscription;
    Link* link;
  };

  // Connects to one server. Returns an empty text on success, else why it failed.
  std::string try_server(const NatsUrl& url, bool tls);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure);
  static void on_closed(natsConnection*, void* closure);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure);

  NatsClient& client_;
  Poll poll_;
  natsConnection* connection_ = nullptr;
  std::string told_;                // the error text that the client was told last
  std::atomic<int> callbacks_ = 0;  // number of subscriptions whose callback may still be called
  std::mutex incomplete_mutex_;
  std::vector<std::unique_ptr<Closure>> incomplete_;  // closures of subscriptions that ended while they were made
  std::atomic<bool> cut_ = false;                     // set by close(): messages that arrive are dropped
  std::atomic<bool> closed_ = false;                  // set by the last callback of the library
};

// A report about a connection. Notices are handled on the loop's thread, in the order in which they were made.
struct NatsClient::Notice {
  enum class Kind { connected, error, marker, closed };  // marker: the marker came back (nats_recovery.hpp)

  Kind kind = Kind::error;
  const Link* link = nullptr;
  natsStatus status = NATS_OK;  // of kind `error`
  std::string text;             // of kind `error`; of kind `connected`: why connecting failed, or empty
};

}  // namespace resflow
