// The node admit decides when the node session, which serves requests, gets a client's request. It stands between the
// nodes parse and session. It holds back the requests of a client in three cases: session has not finished its earlier
// work for the client, too many requests of the client are under way, or the client does not read what the gateway
// sends. Requests that are held back wait in admit, in order. When many wait, admit pauses the client's socket: the
// gateway does not read from the socket until fewer requests wait. So the gateway serves an honest burst of requests,
// and a greedy client delays only itself.
//
// Fairness: a lane (one thread with its part of the clients) works in turns. In one turn, admit passes on a limited
// number of requests of each client (the client's share), and a limited number of requests of all clients together.
// Further requests wait for the next turn. A request that has just come goes before requests that wait, unless an
// earlier request of the same client waits.
//
// admit also enforces the operator's limit on the rate of requests. It turns a request over the limit into an error,
// and session answers the request with that error. For web requests, admit counts the rate per connection, or per
// address if the requests come through a proxy.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only. admit is the only node that pauses and resumes clients' sockets.
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
  std::vector<AdmitIn> later;  // messages from admit to itself, for the lane's next turn
};

class Admit {
 public:
  Admit(AdmitLimits limits, ClientPort& clients)
      : limits_(limits), clients_(clients), senders_(limits.rate, limits.tracked) {}

  void process(AdmitIn&& message, AdmitOut& out);

  // Returns true if the lane must send admit a Tick at the start of its next turn. The Tick tells admit the time, and
  // begins a turn in which each client has its full share of requests again. admit needs the Tick in three cases:
  // clients with waiting requests are in ring_, the requests of this turn exceed an eighth of one client's share, or
  // request rates are limited and time has passed.
  bool wants_tick(bool time_has_passed) const {
    return passed_ > limits_.share / 8 || !ring_.empty() || (time_has_passed && limits_.rate.rate > 0);
  }

  const AdmitCounters& counters() const { return counters_; }
  // Returns how many records the node admit keeps. The number is 0 if no client is connected and no request waits.
  std::size_t records() const { return accounts_.size() + ring_.size(); }

 private:
  using Item = std::variant<Boxed<Request>, Boxed<WebTask>>;

  // What the node admit knows of one WebSocket connection, or of one web request.
  struct Account {
    std::uint32_t under_way = 0;  // requests that admit has passed on, and the node session has not answered
    std::uint32_t turn = 0;       // number of the latest turn in which admit passed on a request of the client
    std::uint16_t passed = 0;     // how many requests of the client admit passed on in that turn
    bool held = false;            // the node session has told admit to hold back the client's requests
    bool listed = false;          // the client is in ring_, the queue of waiting clients
    bool paused = false;          // admit has paused the client's socket
    bool web = false;             // this is a web request's account; it exists only while the request waits
    std::uint32_t waiting_bytes = 0;
    LazyQueue<Item> waiting;
    std::unique_ptr<TokenBucket> bucket;  // counts the request rate; null until admit first checks the rate
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
  std::size_t passed_ = 0;   // requests of all clients that admit has passed on in this turn
  std::deque<ConnId> ring_;  // clients whose requests wait for a later turn; the front client is served first
  bool continues_ = false;   // a Continue from admit to itself is on its way
  RateTable senders_;        // request rates of the senders of web requests
  SlotTable<Account> accounts_;
  AdmitCounters counters_;
};

}  // namespace resflow
