// The connection to the NATS server, for all lanes. It is read and written on the loop it is given (that of lane 0);
// its messages come one after the other in the order in which the server sent them, on the loop's thread where the
// library lets them (nats_direct.hpp), else on the one delivery thread of the library, and go to the sink of the lane
// they are for. Replies come on one wildcard inbox: the last token is the request's id, which
// names the lane.
//
// An error about one request or subscription ends just that (nats_error.hpp). One that ends the connection, or has lost
// messages, because of what was sent on it, makes the client connect anew, at once (nats_reconnect.cpp): clients stay,
// and lanes are told with a ServicesRestored, behind all that came from the old connection and before the first of the
// new one. Until then requests are kept. When the connection ends for another reason, or there is no other one to be
// had at once, `on_lost` is called, once, on the loop's thread or a lane's.
#pragma once

#include <nats/nats.h>
#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "io/uv_handle.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/protocol/service_messages.hpp"

namespace resflow {

struct NatsFault;

// Where a lane gets its messages from services. Called on the thread of the loop or on the delivery thread; may wait
// when another lane than that of the loop cannot keep up. What a port is told at once comes on the lane's own thread.
class ServiceSink {
 public:
  virtual ~ServiceSink() = default;
  virtual void reply(ServiceReply message) = 0;
  virtual void message(ServiceMessage message) = 0;
  virtual void notice(ServiceNotice notice) = 0;
  // The lane's port has something to tell: it is to be flushed soon.
  virtual void wake() = 0;
};

struct NatsOptions {
  std::string url = "nats://127.0.0.1:4222";  // several are separated by commas
  // Names of files; empty: none.
  std::string creds;  // of a user: a JWT and the seed of its key
  std::string cert;   // the client's certificate, and its key; both or none
  std::string key;
  std::vector<std::string> root_cas;    // trusted besides those of the system
  std::string inbox_prefix = "_INBOX";  // of the subjects that replies come on
  std::size_t max_subscriptions = 0;    // that the server allows; 0: it will turn out
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t write_timeout_ms = 10'000;  // over TLS: that the server may take nothing before it is given up
  int pending_messages = 1'000'000;        // that wait on one subscription; beyond it the connection is replaced
  int pending_bytes = 512 << 20;
  int unsent_bytes = 256 << 20;  // that the server does not take; beyond it the connection is given up
  bool direct = true;            // messages on the thread of the loop, if the library can
};

// What has gone over the connection: messages, and the bytes of their payloads; and what became of it.
struct NatsTraffic {
  std::uint64_t messages_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t not_permitted = 0;     // requests and subscriptions that the server has refused
  std::size_t subscriptions = 0;       // at present
  std::size_t subscription_limit = 0;  // at present; 0: not known
};

class NatsClient {
 public:
  NatsClient(uv_loop_t* loop, NatsOptions options, LogPort& log, std::function<void(std::string)> on_lost);
  ~NatsClient();
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  // To the first server that answers, in random order. Throws std::runtime_error: with the file that cannot be used,
  // before anybody is connected to; or with each server and the reason.
  void connect();

  // Before start(): the port of a lane, in order of their ids.
  ServicePort& add_lane(ServiceSink& sink);

  // Subscribes to the reply inbox and to system events, and waits until the server has. Throws std::runtime_error, also
  // when the server does not permit the inbox.
  void start();

  // Ends the connection; no sink is called after it returned. On the loop's thread; sinks must not wait any more.
  void close();

  // After start(): messages come on the thread of the loop.
  bool is_direct() const { return is_direct_; }

  // Bytes the server takes in one message; before start().
  std::size_t max_payload() const;

  // On the loop's thread.
  NatsTraffic traffic() const;

 private:
  class Port;
  class Poll;
  class Direct;
  class Link;
  class Subscriptions;
  struct Subscription;
  struct Notice;
  struct Recovery;
  friend class Port;

  // nats_client.cpp
  void open();
  void flush(Link& link);
  void lost(const std::string& reason);
  void trace(std::string_view arrow, std::string_view subject, std::string_view data);
  ServiceMessage read_message(const Subscription& s, natsMsg* msg);
  static void deliver_reply(const Subscription& s, natsMsg* msg);
  static void deliver_message(const Subscription& s, natsMsg* msg);
  static void deliver_to_all(const Subscription& s, natsMsg* msg);
  NatsTraffic traffic_of(const Link& link) const;

  // nats_notices.cpp: what the library says
  void notify(Notice notice);
  void take_notices();
  void take(Notice&& notice);
  void error(const Notice& notice);
  void refused_request(const NatsFault& fault, const std::string& words);
  void refused_subscription(const NatsFault& fault, const std::string& words);
  void complain(const std::string& words);
  void ended();

  // nats_reconnect.cpp: one connection in the place of another
  void send_marker();
  void replace(const std::string& reason);
  void begin_connecting();
  void connected(const std::string& failure);
  void came_back();
  void subscribe_some();
  bool subscribe_again(std::size_t due);
  void marker();
  void restored();
  void count_too_high();
  bool line_fits(std::size_t line);  // any thread
  void line_too_long();
  void forget_old_links();

  uv_loop_t* loop_;
  NatsOptions options_;
  LogPort& log_;
  std::function<void(std::string)> on_lost_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<Direct> direct_;
  bool is_direct_ = false;  // set by start()
  std::string inbox_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::atomic<Link*> link_ = nullptr;         // the present connection; null while there is none
  std::vector<std::unique_ptr<Link>> links_;  // that, and older ones that ports may still look at
  std::unique_ptr<Recovery> recovery_;
  std::atomic<bool> live_ = false;  // resource events count: what there was before them is fetched behind them
  std::atomic<std::size_t> longest_line_ = 0;       // that was written on this connection
  std::atomic<std::size_t> line_limit_ = SIZE_MAX;  // bytes of a line that the server is known to take
  NatsTraffic past_;                                // of older connections
  std::set<std::string> complaints_;                // that were logged

  std::mutex notices_mutex_;
  std::vector<Notice> notices_;
  UvHandle<uv_async_t> notices_wake_;

  std::atomic<bool> closing_ = false;
  std::atomic<bool> lost_ = false;
};

}  // namespace resflow
