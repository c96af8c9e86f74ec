// The admit node decides when a client's request is served. Nodes are the parts of the gateway's logic: the parse node
// reads requests, the admit node passes them on or holds them back, and the session node serves them. The admit node
// holds back a client's requests in three cases: the session node has not finished earlier work for the client, too
// many requests of the client are being served, or the client does not read what the gateway sends. These requests wait
// in the admit node, in order. When many wait, it pauses the client's socket: the gateway does not read from the socket
// until fewer requests wait. So a short burst of requests is served, and a client that sends too much delays only
// itself.
//
// Fairness: a lane (one thread of the gateway, with its own clients) works in turns. A turn is one pass over the
// messages that have come. In one turn, the admit node passes on a limited number of requests of each client (the
// client's share), and a limited number of requests of all clients together. The others wait for the next turn. The
// requests of one client always keep their order. But a new request of one client may overtake waiting requests of
// other clients.
//
// The operator can also limit the rate of requests. The admit node turns a request over this limit into an error, with
// which the session node answers the request. The rate of web requests is counted per connection, or per IP address for
// clients behind a proxy.
//
// Uses no thread, clock or socket of its own. There is one instance per lane, called by that lane only. No other node
// pauses or resumes clients' sockets.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <variant>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/base/rate_table.hpp"
#include "nodes/base/token_bucket.hpp"
#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/protocol/slot_table.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct AdmitOut {
  std::vector<SessionIn> session;
  std::vector<AdmitIn> later;  // messages to the admit node itself; the lane delivers them in its next turn
};

class Admit {
 public:
  Admit(AdmitLimits limits, ClientPort& clients)
      : limits_(limits), clients_(clients), senders_(limits.rate, limits.tracked) {}

  void process(AdmitIn&& message, AdmitOut& out);

  // Returns true if this node needs a Tick message at the start of the lane's next turn (one pass over the messages
  // that have come). A Tick tells the time, and sets the counts of requests per turn to 0. The node needs it in three
  // cases: clients wait in ring_; request rates are limited and time has passed; or more than limits_.share / 8
  // requests were passed on since the last Tick. With fewer requests, the counts are far below the limits and can stay.
  bool wants_tick(bool time_has_passed) const {
    return passed_ > limits_.share / 8 || !ring_.empty() || (time_has_passed && limits_.rate.rate > 0);
  }

  const AdmitCounters& counters() const { return counters_; }
  // Returns how many records this node keeps. The number is 0 if no client is connected and no request waits.
  std::size_t records() const { return accounts_.size() + ring_.size(); }

 private:
  using Item = std::variant<Boxed<Request>, Boxed<WebTask>>;

  // What this node stores about one WebSocket connection or one web request.
  struct Account {
    std::uint32_t under_way = 0;  // requests that were passed on to the session node and not answered yet
    std::uint32_t turn = 0;       // the latest turn (pass over the lane's messages) with a request passed on
    std::uint16_t passed = 0;     // how many requests of the client were passed on in that turn
    bool held = false;            // the session node takes no further requests of the client now
    bool listed = false;          // the client is in ring_, the queue of waiting clients
    bool paused = false;          // the gateway does not read from the client's socket, because this node has paused it
    bool web = false;             // this is the account of a web request; it is deleted when the request is passed on
    std::uint32_t waiting_bytes = 0;
    LazyQueue<Item> waiting;
    std::unique_ptr<TokenBucket> bucket;  // limits the request rate; null: no request yet, or no limit
  };

  void on(Connected&& m);
  void on(Disconnected&& m);
  void on(Boxed<Request>&& m);
  void on(Boxed<WebTask>&& m);
  void on(Standing&& m);
  void on(Continue&& m);
  void on(Tick&& m);

  Account& open(ConnId conn);
  std::size_t share() const;
  bool blocked(const Account& a) const { return a.held || a.under_way >= limits_.served; }
  bool may_pass(const Account& a, std::size_t turn) const;
  void continue_next_turn();
  void take(ConnId conn, Account& a, Item&& item);
  void pass(Account& a, Item&& item);
  void pass_waiting(ConnId conn, Account& a);
  void wait(ConnId conn, Account& a, Item&& item);
  void list(ConnId conn, Account& a);
  void close_if_done(ConnId conn, const Account& a);
  bool refuses_rate();

  AdmitLimits limits_;
  ClientPort& clients_;
  AdmitOut* out_ = nullptr;  // the output of the process() call under way; null between calls
  Millis now_ = 0;
  std::uint32_t turn_ = 1;
  std::size_t passed_ = 0;   // requests of all clients that were passed on in this turn
  std::deque<ConnId> ring_;  // clients whose requests wait for a later turn; the front client is served first
  bool continues_ = false;   // a Continue message is on its way; it makes this node pass on waiting requests
  RateTable senders_;        // request rates of the senders of web requests
  SlotTable<Account> accounts_;
  AdmitCounters counters_;
};

}  // namespace resflow
