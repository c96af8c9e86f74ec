// The session node knows which resources each client holds (is subscribed to, directly or through references), and
// decides what each client gets. It receives the clients' requests, loaded resources, events, and verdicts of the
// authorize node (may the client read a resource?). It sends out replies and events for clients, questions for the
// authorize node, and requests for resources to the cache node.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only. An event of a resource comes in once for all clients of the lane. It goes out once for each
// group of clients that get the same bytes (Session::Group).
//
// In each turn of the lane's event loop, a client gets a limited share of work (work_shares.hpp). A client with work
// left over waits in a queue (ring_), and gets another share in the next turn.
//
// When the work for one client throws an exception, that client's connection is closed, since the client's data may be
// inconsistent. The message is still handled for all other clients, and then the exception is rethrown.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/slot_table.hpp"
#include "nodes/session/client_session.hpp"
#include "nodes/session/session_context.hpp"
#include "nodes/session/ticket_table.hpp"

namespace resflow {

class Session : private SessionContext {
 public:
  Session(LaneId lane, SessionLimits limits, const WebOptions& web);

  void process(SessionIn&& message, SessionOut& out);

  // Returns true if this node needs a NewTurn message at the start of the event loop's next turn. The message gives
  // each client a new share of work. It is needed if work is left over. It is also needed if all clients together have
  // used a noticeable amount of work: more than an eighth of one client's share (WorkLimits::share).
  bool wants_new_turn() const { return shares_.is_worth_renewing() || !ring_.empty() || !leaving_.empty(); }

  std::size_t client_count() const { return clients_.size(); }
  // Returns how many records this node keeps. Serves to find leaks: the number must be 0 if no client is connected and
  // no ended session is left.
  std::size_t records() const {
    return clients_.size() + ring_.size() + leaving_.size() + lost_.size() + tickets_.size() + resources_.size();
  }
  SessionCounters counters() const {
    SessionCounters c = counters_;
    c.waiting = ring_.size() + leaving_.size();
    return c;
  }
  // Returns how many subscriptions the client has, or 0 if there is no such client.
  std::size_t subscription_count(ConnId conn) const;

 private:
  using Subscribers = boost::container::small_vector<Subscription*, 1>;  // mostly one element
  // The subscriptions of this lane's clients on one cached resource.
  struct LaneResource {
    RidPtr spelling;  // resource id as the first subscriber spells it; later ones with the same text share it
    Subscribers subscribers;
  };
  // The clients that get the same bytes for one event. All of them have the same text as the resource id: for one
  // resource, clients can spell the query in it (the part after "?") in different ways. And either all or none of them
  // are legacy clients (protocol version below 1.2.1).
  struct Group {
    RidPtr rid;
    bool legacy;
    Recipients to;

    bool takes(const Subscription& s) const;
  };

  // The functions of the interface SessionContext. ClientSession and its parts (client.hpp) call them.
  SessionOut& out() override { return *out_; }
  Ticket give_ticket(Subscription& s) override { return tickets_.add(s); }
  void take_back(Ticket ticket) override { tickets_.remove(ticket); }
  Subscription* take_ticket(Ticket ticket) override;
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
  // Calls f(session) with the client's session. Does nothing if there is none. Then ends the session if it was for a
  // web request that has its response now (ClientSession::done).
  template <typename F>
  void with(ConnId conn, F&& f);
  // Calls f(). If f throws an exception, disconnects the client (ClientSession::fail), and keeps the exception for
  // process() to rethrow.
  template <typename F>
  void guard(ClientSession& client, F&& f);
  void keep_failure();
  void release(std::unique_ptr<ClientSession>&& client);
  void loaded(Ticket ticket, const LoadResult& m);
  void continue_next_turn();
  void continue_clients();
  void release_leaving();
  void tell_subscribers(const LaneResource& r, const LaneEvent& m);
  // Returns true if the subscriber's client can get an event of the resource at once. Otherwise the event must wait.
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
  SessionOut* out_ = nullptr;  // the output of the process() call under way; null between calls
  std::uint32_t last_serial_ = 0;
  SlotTable<std::unique_ptr<ClientSession>> clients_;
  std::deque<ConnId> ring_;                             // clients with work left over; the front client is served first
  std::deque<std::unique_ptr<ClientSession>> leaving_;  // ended sessions that still have subscriptions
  std::vector<std::unique_ptr<ClientSession>> lost_;    // ended sessions whose release() threw; kept for ever
  std::exception_ptr failure_;                          // the first exception thrown for the current message
  bool continues_ = false;                              // this node has sent a Continue message to itself
  bool leaving_first_ = false;                          // last time, leaving_ was served before ring_; this alternates
  SessionCounters counters_;
  std::vector<Group> groups_;  // the receivers of the event that is being delivered now, in groups
  // Maps a resource id to the index in groups_ of the group whose clients use this id. Has only the groups after the
  // first kFewGroups; find_group() looks at the first ones one by one. Element 0 is for clients of protocol 1.2.1 and
  // later, element 1 for legacy clients.
  std::array<boost::unordered_flat_map<RidPtr, std::size_t, RidHash, RidEqual>, 2> more_groups_;
  TicketTable tickets_;
  boost::unordered_flat_map<ResourceId, LaneResource, IdHash> resources_;
};

}  // namespace resflow
