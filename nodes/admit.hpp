// admit: decides when a client's request is served. It stands between parse and session. It holds back a client's
// requests while the gateway has to wait for that client: because its work is not done yet, too many of its requests
// are under way, or it does not read what it was sent. Requests that are held back wait here, in order. When many wait,
// the client's socket is not read until there are fewer. So an honest burst is served, and a greedy client waits for
// itself.
//
// Fairness: in one turn of the lane, each client gets a share of its requests through, and all clients together a
// limited number. The rest goes on in the next turn. Requests that have just come go before requests that wait.
//
// admit also enforces the operator's limit on the rate of requests. A request over the limit is answered with an error,
// in its place among the other answers. Web requests are counted per connection, or per address when they come through
// a proxy.
//
// Pure; one instance per lane, called by that lane only. It is the only node that pauses and resumes clients.
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
  std::vector<AdmitIn> later;  // for admit itself, in the lane's next turn
};

class Admit {
 public:
  Admit(AdmitLimits limits, ClientPort& clients)
      : limits_(limits), clients_(clients), senders_(limits.rate, limits.tracked) {}

  void process(AdmitIn&& message, AdmitOut& out);

  // Returns true if the lane's next turn must begin with a Tick: because requests wait, because a good part of a share
  // is used, or because rates are limited and time has passed.
  bool wants_tick(bool time_has_passed) const {
    return passed_ > limits_.share / 8 || !ring_.empty() || (time_has_passed && limits_.rate.rate > 0);
  }

  const AdmitCounters& counters() const { return counters_; }
  // Returns how many records it keeps. When no client is connected and nothing is under way, there must be none.
  std::size_t records() const { return accounts_.size() + ring_.size(); }

 private:
  using Item = std::variant<Boxed<Request>, Boxed<WebTask>>;

  // What admit knows of one WebSocket connection, or of one web request.
  struct Account {
    std::uint32_t under_way = 0;  // requests that session has got and not answered
    std::uint32_t turn = 0;       // the latest turn in which a request has passed
    std::uint16_t passed = 0;     // how many requests have passed in that turn
    bool held = false;            // session takes no more requests at present
    bool listed = false;          // the client is in ring_
    bool paused = false;          // the client's socket is not read
    bool web = false;             // it is a web request, which needs the account only while it waits
    std::uint32_t waiting_bytes = 0;
    LazyQueue<Item> waiting;
    std::unique_ptr<TokenBucket> bucket;  // null while the rate is not limited
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
  void go_on();
  void take(ConnId conn, Account& a, Item&& item);
  void pass(Account& a, Item&& item);
  void pass_waiting(ConnId conn, Account& a);
  void wait(ConnId conn, Account& a, Item&& item);
  void list(ConnId conn, Account& a);
  void close_if_done(ConnId conn, const Account& a);
  bool refuses_rate();

  AdmitLimits limits_;
  ClientPort& clients_;
  AdmitOut* out_ = nullptr;  // valid during process()
  Millis now_ = 0;
  std::uint32_t turn_ = 1;
  std::size_t passed_ = 0;   // requests that have passed in this turn
  std::deque<ConnId> ring_;  // clients whose requests wait for their share
  bool continues_ = false;   // a Continue is under way
  RateTable senders_;        // rates of the senders of web requests
  SlotTable<Account> accounts_;
  AdmitCounters counters_;
};

}  // namespace resflow
