// admit: when is a client's request served? Stands between parse and session, and holds back what a client asks for
// while the gateway has to wait for that client: its work is not done yet, too many of its requests are under way, or
// it does not read what it was sent. What is held back stays here, in order; when that is much, the client is not read
// any more, until it is less. So an honest burst is served, and a greedy client waits for itself.
//
// Fairness: in one turn of the lane each client gets through a share of the requests, and all together a limited
// number; the rest goes on in the next turn. Newcomers come before those that wait.
//
// An operator's limit on the rate of requests is kept here as well: what is over it is answered with an error, in its
// place among the other answers. Web requests count by connection, or by address when they come through a proxy.
//
// Pure; one instance a lane, called by that lane only. The only node that pauses and resumes clients.
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
#include "nodes/statistics.hpp"

namespace resflow {

struct AdmitOut {
  std::vector<SessionIn> session;
  std::vector<AdmitIn> later;  // to itself, in the lane's next turn
};

class Admit {
 public:
  Admit(AdmitLimits limits, ClientPort& clients)
      : limits_(limits), clients_(clients), senders_(limits.rate, limits.tracked) {}

  void process(AdmitIn&& message, AdmitOut& out);

  // Whether the lane's next turn is to begin with a Tick: somebody waits, or has used a part of its share that matters,
  // or rates have to know that time has passed.
  bool wants_tick(bool time_has_passed) const {
    return passed_ > limits_.share / 8 || !ring_.empty() || (time_has_passed && limits_.rate.rate > 0);
  }

  const AdmitCounters& counters() const { return counters_; }

 private:
  using Item = std::variant<Boxed<Request>, Boxed<WebTask>>;

  // What is known of one WebSocket connection; of a web request, while it waits.
  struct Account {
    std::uint32_t generation = 0;  // of the connection that has the slot
    std::uint32_t under_way = 0;   // requests
    std::uint32_t turn = 0;        // the latest in which a request has passed,
    std::uint16_t passed = 0;      // and how many have in it
    bool open = false;
    bool held = false;    // by session
    bool listed = false;  // in ring_
    bool paused = false;
    std::uint32_t waiting_bytes = 0;
    LazyQueue<Item> waiting;
    std::unique_ptr<TokenBucket> bucket;  // null while no rate is set
  };

  void on(Connected&& m);
  void on(Disconnected&& m);
  void on(Boxed<Request>&& m);
  void on(Boxed<WebTask>&& m);
  void on(Standing&& m);
  void on(Continue&& m);
  void on(Tick&& m);

  Account* find(ConnId conn);
  Account& open(ConnId conn);
  std::size_t share() const;
  bool blocked(const Account& a) const { return a.held || a.under_way >= limits_.served; }
  bool may_pass(const Account& a, std::size_t turn) const;
  void go_on();
  void take(ConnId conn, Account& a, Item&& item);
  void pass(Account& a, Item&& item);
  void pass_waiting(ConnId conn, Account& a);
  void wait(ConnId conn, Account& a, Item&& item);
  void close(Account& a);
  void list(ConnId conn, Account& a);
  bool refuses_rate();

  AdmitLimits limits_;
  ClientPort& clients_;
  AdmitOut* out_ = nullptr;  // during process()
  Millis now_ = 0;
  std::uint32_t turn_ = 1;
  std::size_t passed_ = 0;         // requests in this turn
  std::deque<ConnId> ring_;        // clients with requests that wait for their share
  bool continues_ = false;         // a Continue is out
  RateTable senders_;              // of web requests
  std::vector<Account> accounts_;  // by slot
  AdmitCounters counters_;
};

}  // namespace resflow
