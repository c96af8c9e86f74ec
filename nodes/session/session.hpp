// session: what does each client hold, and what must it be told? Takes requests, loaded resources, events and verdicts;
// emits replies and events for clients, and questions for authorize and the cache.
//
// Pure; one instance a lane, called by that lane only. An event comes once for all clients of the lane, and leaves once
// for all of them that spell the resource alike and need nothing else with it.
//
// What one client causes is cut into shares of a turn (work_shares.hpp): clients whose work does not fit wait in a
// ring, and get their next share in the lane's next turn.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/client_session.hpp"

namespace resflow {

struct SessionOut {
  std::vector<AuthorizeIn> authorize;
  std::vector<CacheIn> cache;
  std::vector<EncodeIn> encode;
  std::vector<AdmitIn> admit;
  std::vector<SessionIn> later;  // to itself, in the lane's next turn
};

class Session : private SessionContext {
 public:
  Session(LaneId lane, SessionLimits limits, const WebOptions& web);

  void process(SessionIn&& message, SessionOut& out);

  // Whether it has to know that the lane's next turn begins: somebody waits for it, or shares are partly used.
  bool wants_new_turn() const { return shares_.partly_used() || !ring_.empty() || !leaving_.empty(); }

  std::size_t client_count() const { return clients_count_; }
  SessionCounters counters() const {
    SessionCounters c = counters_;
    c.waiting = ring_.size() + leaving_.size();
    return c;
  }
  // 0 when the client is not there.
  std::size_t subscription_count(ConnId conn) const;

 private:
  using Subscribers = boost::container::small_vector<Subscription*, 1>;  // mostly one
  // The lane's subscribers of one cached resource.
  struct LaneResource {
    RidPtr spelling;  // the first subscriber's, shared by all who spell it alike
    Subscribers subscribers;
  };
  // Recipients of one event that get the same bytes.
  struct Group {
    RidPtr rid;
    bool legacy;
    Recipients to;

    bool takes(const Subscription& s) const;
  };

  // SessionContext
  SessionOut& out() override { return *out_; }
  Ticket give_ticket(Subscription& s) override;
  void take_back(Ticket ticket) override;
  Subscription* redeem(Ticket ticket) override;
  std::uint32_t next_serial() override { return ++last_serial_; }
  const SessionLimits& limits() const override { return limits_; }
  void link(Subscription& s, ResourceId resource) override;
  void unlink(Subscription& s, bool tell_cache) override;
  void give_back(ResourceId resource) override { out_->cache.emplace_back(Unsubscribe{lane_, resource}); }
  void schedule(ConnId conn) override;
  bool refuses(Limit limit) override;

  void on(Connected&& m);
  void on(Disconnected&& m);
  void on(Boxed<Request>&& m);
  void on(WebTask&& m);
  void on(Verdict&& m);
  void on(Boxed<CallReply>&& m);
  void on(LoadResult&& m);
  void on(LaneEvent&& m);
  void on(Boxed<TokenSet>&& m);
  void on(NewTurn&& m);
  void on(Continue&& m);
  void on(Unread&& m);

  ClientSession* find(ConnId conn);
  ClientSession& start(Connected&& m);
  void end(ConnId conn);
  // Calls f(session) for the client's session, and ends one that is done.
  template <typename F>
  void with(ConnId conn, F&& f);
  void loaded(Ticket ticket, const LoadResult& m);
  void continue_next_turn();
  void continue_clients();
  void release_leaving();
  // Nothing stands between an event and the client.
  static bool can_be_told(const Subscription& s);
  void deliver(const EventPtr& event);
  void tell(const EventPtr& event, RidPtr rid, bool legacy, Recipients&& to);
  Group& group_for(const Subscription& s, std::size_t everybody);
  Group* find_group(const Subscription& s);
  void clear_groups();

  static constexpr std::size_t kFewGroups = 16;

  LaneId lane_;
  SessionLimits limits_;
  WebOptions web_;
  SessionOut* out_ = nullptr;  // during process()
  std::uint64_t last_ticket_ = 0;
  std::uint32_t last_serial_ = 0;
  std::size_t clients_count_ = 0;
  std::vector<std::unique_ptr<ClientSession>> clients_;  // by slot
  std::deque<ConnId> ring_;                              // clients with work left over
  std::deque<std::unique_ptr<ClientSession>> leaving_;   // clients that are gone, with subscriptions left
  bool continues_ = false;                               // a Continue is out
  bool leaving_first_ = false;
  SessionCounters counters_;
  std::vector<Group> groups_;  // of the event being delivered
  // Those behind the first kFewGroups, by their place; for the clients of today's protocol, and for older ones.
  std::array<boost::unordered_flat_map<RidPtr, std::size_t, RidHash, RidEqual>, 2> more_groups_;
  boost::unordered_flat_map<Ticket, Subscription*, IdHash> tickets_;  // of those that wait for their LoadResult
  boost::unordered_flat_map<ResourceId, LaneResource, IdHash> resources_;
};

}  // namespace resflow
