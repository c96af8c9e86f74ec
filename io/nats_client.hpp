// The connection to the NATS server, for all lanes. It is read and written on the loop it is given (that of lane 0);
// its messages come one after the other in the order in which the server sent them, on the loop's thread where the
// library lets them (nats_direct.hpp), else on the one delivery thread of the library, and go to the sink of the lane
// they are for. Replies come on one wildcard inbox: the last token is the request's id, which
// names the lane.
//
// There is no reconnecting: what was missed meanwhile would leave the cache wrong. When the connection is lost,
// `on_lost` is called, once, from any thread.
#pragma once

#include <nats/nats.h>
#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/ports.hpp"

namespace resflow {

struct NatsUrl;

// Where a lane gets its messages from services. Called on the thread of the loop or on the delivery thread; may wait
// when another lane than that of the loop cannot keep up.
class ServiceSink {
 public:
  virtual ~ServiceSink() = default;
  virtual void reply(ServiceReply message) = 0;
  virtual void message(ServiceMessage message) = 0;
};

struct NatsOptions {
  std::string url = "nats://127.0.0.1:4222";  // several are separated by commas
  // Names of files; empty: none.
  std::string creds;  // of a user: a JWT and the seed of its key
  std::string cert;   // the client's certificate, and its key; both or none
  std::string key;
  std::vector<std::string> root_cas;  // trusted besides those of the system
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t write_timeout_ms = 10'000;  // over TLS: that the server may take nothing before it is given up
  int pending_messages = 1'000'000;        // that wait on one subscription; beyond it the connection is given up
  int pending_bytes = 512 << 20;
  int unsent_bytes = 256 << 20;  // that the server does not take; beyond it the connection is given up
  bool direct = true;            // messages on the thread of the loop, if the library can
};

// What has gone over the connection: messages, and the bytes of their payloads.
struct NatsTraffic {
  std::uint64_t messages_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_out = 0;
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

  // Subscribes to the reply inbox and to system events. Throws std::runtime_error.
  void start();

  // Ends the connection; no sink is called after it returned. On the loop's thread; sinks must not wait any more.
  void close();

  // After start(): messages come on the thread of the loop.
  bool is_direct() const { return is_direct_; }

  // Bytes the server takes in one message.
  std::size_t max_payload() const;

  // On the loop's thread.
  NatsTraffic traffic() const;

 private:
  class Port;
  class Poll;
  class Direct;
  struct Subscription;
  friend class Port;

  std::string try_server(const NatsUrl& url, bool tls);
  natsSubscription* subscribe(const std::string& subject, const Subscription& subscription);
  void unsubscribe(natsSubscription* s);
  void flush(bool own_thread);
  void await_callbacks();
  void lost(const std::string& reason);
  ServiceMessage read_message(const Subscription& s, natsMsg* msg);
  void trace(std::string_view arrow, std::string_view subject, std::string_view data);

  static void deliver_reply(const Subscription& s, natsMsg* msg);
  static void deliver_message(const Subscription& s, natsMsg* msg);
  static void deliver_to_all(const Subscription& s, natsMsg* msg);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure);
  static void on_closed(natsConnection*, void* closure);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure);

  NatsOptions options_;
  LogPort& log_;
  std::function<void(std::string)> on_lost_;
  std::unique_ptr<Poll> poll_;
  std::unique_ptr<Direct> direct_;
  bool is_direct_ = false;  // set by start()
  natsConnection* connection_ = nullptr;
  std::string inbox_;
  std::vector<std::unique_ptr<Port>> ports_;
  natsSubscription* replies_ = nullptr;
  natsSubscription* system_ = nullptr;
  std::atomic<int> callbacks_ = 0;    // subscriptions whose callback may still be called
  std::atomic<bool> closed_ = false;  // the library has said so, its last word
  std::atomic<bool> closing_ = false;
  std::atomic<bool> lost_ = false;
};

}  // namespace resflow
