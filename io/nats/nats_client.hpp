// The gateway's connection to the NATS server. All lanes share the connection (a lane is one of the gateway's threads,
// with an event loop of its own). The event loop of lane 0 reads and writes the socket; below, it is called the loop.
//
// The NatsClient delivers messages in the order in which the server sent them. It passes each message to the lane that
// needs it, through the lane's ServiceSink. It does this on the loop's thread if the NATS library allows that
// (nats_direct.hpp), else on a delivery thread of the library. Replies to requests arrive on one inbox, with the
// subjects `<inbox>.<request id>`. The request id contains the number of the lane that has sent the request.
//
// An error about one request or subscription ends only that request or subscription (nats_error.hpp). If the server
// ends the connection because of what the gateway has sent, or if messages were lost, the NatsClient connects again at
// once (nats_reconnect.cpp). Meanwhile the gateway's clients stay connected, and requests wait until the new connection
// is ready. Then the NatsClient sends each lane the notice ServicesRestored. This notice comes after all messages of
// the old connection and before the first event of the new one.
//
// If the connection ends for any other reason, or connecting again fails, the NatsClient calls `on_lost`, which ends
// the gateway. It calls `on_lost` only once, on the thread of any lane.
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

// Receives the messages from services for one lane (a thread of the gateway with an event loop). The NatsClient calls
// these functions on the thread of lane 0, or on the delivery thread of the NATS library. If too many messages wait for
// the lane, such a call blocks until the lane has processed some. The lane's port (nats_port.hpp) also calls these
// functions, to report requests and subscriptions that have failed; it does so on the lane's own thread. Calls on the
// lane's own thread never block.
class ServiceSink {
 public:
  virtual ~ServiceSink() = default;
  virtual void reply(ServiceReply message) = 0;
  virtual void message(ServiceMessage message) = 0;
  virtual void notice(ServiceNotice notice) = 0;
  // Makes the lane call flush() of its ServicePort soon. flush() then calls reply() for each request that has failed.
  virtual void wake() = 0;
};

struct NatsOptions {
  std::string url = "nats://127.0.0.1:4222";  // several URLs are separated by commas
  // creds, cert, key and root_cas are paths of files; empty: there is no such file.
  std::string creds;  // credentials of a NATS user: the user's JWT and the seed of the user's key
  std::string cert;   // the client certificate; `cert` and `key` are both set or both empty
  std::string key;
  std::vector<std::string> root_cas;    // CA certificates that are trusted besides the system's
  std::string inbox_prefix = "_INBOX";  // prefix of the subjects that replies arrive on
  std::size_t max_subscriptions = 0;    // how many the server allows; 0: not known
  std::int64_t connect_timeout_ms = 5'000;
  // If a write over TLS blocks longer than this, the connection ends. Writes without TLS do not block.
  std::int64_t write_timeout_ms = 10'000;
  // Limits for the messages of one subscription that wait in the NATS library for delivery: their number and their
  // bytes. Above a limit, the library drops messages. The NatsClient then replaces the connection.
  int pending_messages = 1'000'000;
  int pending_bytes = 512 << 20;
  // How many bytes may wait to be sent to the server. If there is a connection and more bytes wait, the NatsClient
  // calls `on_lost`, which ends the gateway. If there is no connection, each lane keeps its requests until there is
  // one. The kept requests of a lane have together at most this many bytes; further requests fail.
  int unsent_bytes = 256 << 20;
  // True: messages are delivered on the thread of the event loop, if the version of the NATS library supports it.
  // Otherwise they are delivered on a thread of the library.
  bool direct = true;
};

// Counters for metrics, summed over all connections to NATS since the start. A counter only grows, except those with
// the comment "current value". bytes_in and bytes_out count payloads only.
struct NatsTraffic {
  std::uint64_t messages_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t reconnects = 0;        // how often a new connection has replaced the previous one
  std::uint64_t not_permitted = 0;     // requests and subscriptions for which the server denied permission
  std::size_t subscriptions = 0;       // current value: how many subscriptions there are
  std::size_t subscription_limit = 0;  // current value of the server's limit; 0: not known
};

class NatsClient {
 public:
  NatsClient(uv_loop_t* loop, NatsOptions options, LogPort& log, std::function<void(std::string)> on_lost);
  ~NatsClient();
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  // Tries the servers of the URLs in random order, and connects to the first one that answers. Throws
  // std::runtime_error if none answers; the text of the error says for each server why it failed. Also throws if one of
  // the files in the options cannot be used; this is checked before connecting.
  void connect();

  // Makes and returns the port through which a lane (a thread of the gateway) talks to services. Must be called before
  // start(), once for each lane, in the order of the lanes' numbers.
  ServicePort& add_lane(ServiceSink& sink);

  // Subscribes to the reply inbox and to system events (which services send to all gateways). Blocks until the server
  // has processed both subscriptions. Throws std::runtime_error if the server does not permit the inbox, or does not
  // answer within `connect_timeout_ms`.
  void start();

  // Closes the connection. After close() has returned, the NatsClient calls no ServiceSink any more. The owner must
  // first make sure that no call of a ServiceSink blocks: close() waits for the library's callbacks to return, and they
  // call the ServiceSinks. Loop thread only.
  void close();

  // Returns true if messages are delivered on the loop's thread, false if on the library's delivery thread. Valid after
  // start().
  bool is_direct() const { return is_direct_; }

  // Returns how many bytes a message's payload may have on this server. Valid between connect() and start().
  std::size_t max_payload() const;

  // Returns the counters. Loop thread only.
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

  // Defined in nats_client.cpp.
  void open();
  void flush(Link& link);
  void lost(const std::string& reason);
  void trace(std::string_view arrow, std::string_view subject, std::string_view data);
  ServiceMessage read_message(const Subscription& s, natsMsg* msg);
  static void deliver_reply(const Subscription& s, natsMsg* msg);
  static void deliver_message(const Subscription& s, natsMsg* msg);
  static void deliver_to_all(const Subscription& s, natsMsg* msg);
  NatsTraffic traffic_of(const Link& link) const;

  // Defined in nats_notices.cpp: these functions handle the library's reports about the connection.
  void notify(Notice notice);
  void take_notices();
  void take(Notice&& notice);
  void error(const Notice& notice);
  void refused_request(const NatsFault& fault, const std::string& words);
  void refused_subscription(const NatsFault& fault, const std::string& words);
  void complain(const std::string& words);
  void ended();

  // Defined in nats_reconnect.cpp: these functions replace the connection by a new one.
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
  bool line_fits(std::size_t line);  // may be called on any thread
  void line_too_long();
  void forget_old_links();

  uv_loop_t* loop_;
  NatsOptions options_;
  LogPort& log_;
  std::function<void(std::string)> on_lost_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<Direct> direct_;
  bool is_direct_ = false;  // messages are delivered on the loop's thread; open() sets this for each new connection
  std::string inbox_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::atomic<Link*> link_ = nullptr;         // the current connection; null while there is none
  std::vector<std::unique_ptr<Link>> links_;  // the current connection, and old ones that a lane's port may still use
  std::unique_ptr<Recovery> recovery_;
  // True while the connection is ready. False during the start, and after the loss of a connection until the lanes get
  // the notice ServicesRestored. While it is false, the NatsClient drops events of resources. Clients miss no change by
  // this: after ServicesRestored the lanes fetch the resources again, and so get what these events have changed.
  std::atomic<bool> live_ = false;
  std::atomic<std::size_t> longest_line_ = 0;       // bytes of the longest PUB or SUB line sent on this connection
  std::atomic<std::size_t> line_limit_ = SIZE_MAX;  // bytes; PUB and SUB lines above this limit are not sent
  // Sums of the counters over earlier connections. `reconnects` and `not_permitted` include the current connection.
  NatsTraffic past_;
  std::set<std::string> complaints_;  // texts of permissions violations that complain() has logged

  std::mutex notices_mutex_;
  std::vector<Notice> notices_;  // guarded by notices_mutex_
  UvHandle<uv_async_t> notices_wake_;

  std::atomic<bool> closing_ = false;
  std::atomic<bool> lost_ = false;
};

}  // namespace resflow
