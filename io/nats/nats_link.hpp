// A link is one connection to a NATS server, from the attempt to connect until its end. A NatsClient uses one link at a
// time. To connect again, it makes a new link. The NATS library reports errors and the end of the connection on threads
// of its own. The link passes each report on to the NatsClient as a Notice.
//
// Private to the files nats_*.cpp. Created and destroyed on the loop's thread. connect() may run on any thread, but
// only once.
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

  // Connects to the first server in `urls` that answers. Returns an empty text on success. Otherwise returns for each
  // server why the attempt to connect failed.
  std::string connect(const std::vector<NatsUrl>& urls);

  natsConnection* connection() const { return connection_; }
  Poll& poll() { return poll_; }
  const Poll& poll() const { return poll_; }

  // Subscribes to `subject`, and stores the library's handle of the subscription in `made`. Returns NATS_OK, or the
  // status that says why subscribing failed. Any thread.
  natsStatus subscribe(const std::string& subject, const Subscription& subscription, natsSubscription** made);

  // Closes the connection. Messages that still arrive are dropped.
  void close();
  // Returns true if the library will call no callback of this link any more. Then the link may be destroyed.
  bool is_over() const { return callbacks_ == 0 && (connection_ == nullptr || closed_); }

  // Returns the connection's last error; the text is empty if there was none. Loop thread only: the library changes the
  // text while the loop's thread reads the socket.
  std::pair<natsStatus, std::string> last_error() const;
  // The NatsClient calls told() with the text of each error that it has processed. all_told() returns true if the
  // NatsClient has processed the connection's last error, or if there was no error.
  bool all_told() const;
  void told(std::string text) { told_ = std::move(text); }

 private:
  // The data that the library passes to on_message() with each message of a subscription. The library calls such data a
  // closure.
  struct Closure {
    Subscription subscription;
    Link* link;
  };

  // Connects to one server. Returns an empty text on success, else why connecting failed.
  std::string try_server(const NatsUrl& url, bool tls);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure);
  static void on_closed(natsConnection*, void* closure);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure);

  NatsClient& client_;
  Poll poll_;
  natsConnection* connection_ = nullptr;
  std::string told_;                // text of the last error that the NatsClient has processed
  std::atomic<int> callbacks_ = 0;  // number of subscriptions whose callback may still be called
  std::mutex incomplete_mutex_;
  // Closures of subscriptions whose end the library will not report. They are freed when the link is destroyed.
  std::vector<std::unique_ptr<Closure>> incomplete_;
  std::atomic<bool> cut_ = false;     // set by close(); from then on on_message() drops messages
  std::atomic<bool> closed_ = false;  // set by on_closed(), the last callback of the library
};

// A report about a connection. notify() queues it, and the loop's thread handles the queued reports in order.
struct NatsClient::Notice {
  // `connected`: the attempt to connect has ended; `text` is empty if it has succeeded. `error`: the library has
  // reported an error. `marker`: a message that the gateway sent to itself has come back (nats_recovery.hpp). `closed`:
  // the connection has ended.
  enum class Kind { connected, error, marker, closed };

  Kind kind = Kind::error;
  const Link* link = nullptr;
  natsStatus status = NATS_OK;  // for `error`: the status code of the NATS library
  std::string text;             // for `error`: the error text; for `connected`: why connecting failed, or empty
};

}  // namespace resflow
