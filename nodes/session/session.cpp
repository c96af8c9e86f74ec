#include "nodes/session/session.hpp"

#include <algorithm>

#include "nodes/base/check.hpp"

namespace resflow {

namespace {

// The admit node holds back a client's requests while too many are unanswered, so the session node tells it how many
// were answered. One message reports several answers to a client, to save messages. Returns how many: a quarter of the
// allowed number of unanswered requests, but at least 1 and at most 64.
std::uint32_t answers_to_gather(std::size_t pending_requests) {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(pending_requests / 4, 1, 64));
}

}  // namespace

Session::Session(LaneId lane, SessionLimits limits, const WebOptions& web)
    : SessionContext(limits.work, answers_to_gather(limits.pending_requests)),
      lane_(lane),
      limits_(limits),
      web_(web),
      tickets_(lane) {}

void Session::process(SessionIn&& message, SessionOut& out) {
  out_ = &out;
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
  out_ = nullptr;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

ClientSession* Session::find(ConnId conn) {
  return find_object(clients_, conn);
}

template <typename F>
void Session::with(ConnId conn, F&& f) {
  ClientSession* client = find(conn);
  if (client == nullptr) return;
  guard(*client, [&] { f(*client); });
  if (client->done()) end(conn);
}

template <typename F>
void Session::guard(ClientSession& client, F&& f) {
  try {
    f();
  } catch (const std::exception&) {
    keep_failure();
    client.fail();
  }
}

// Called in a catch block. Keeps the exception, and process() rethrows it at its end. If several are thrown for one
// message, only the first is kept.
void Session::keep_failure() {
  if (!failure_) failure_ = std::current_exception();
}

void Session::continue_next_turn() {
  if (!std::exchange(continues_, true)) out_->later.emplace_back(Continue{});
}

void Session::schedule(ConnId conn) {
  ring_.push_back(conn);
  continue_next_turn();
}

bool Session::refuses(Limit limit) {
  ++counters_.exceeded[limit];
  return !limits_.dry_run;
}

void Session::on(NewTurn&&) {
  shares_.begin_turn(ring_.size() + leaving_.size());
}

void Session::on(Unread&& m) {
  with(m.conn, [&](ClientSession& c) { c.take_unread(std::move(m)); });
}

// Continues work that was left over in the last turn of the event loop, until the amount of work for this turn is used
// up. There are two first-in, first-out queues: clients with work left over (ring_), and ended sessions with
// subscriptions to remove (leaving_).
void Session::on(Continue&&) {
  continues_ = false;
  shares_.reserve_for_waiting();
  // In every other turn, leaving_ is served before ring_, so that neither queue can use up every turn.
  leaving_first_ = !leaving_first_;
  if (leaving_first_) release_leaving();
  continue_clients();
  if (!leaving_first_) release_leaving();
  if (!ring_.empty() || !leaving_.empty()) continue_next_turn();
}

void Session::continue_clients() {
  for (std::size_t n = ring_.size(); n > 0 && !shares_.turn_is_over(); --n) {
    const ConnId conn = ring_.front();
    ring_.pop_front();
    with(conn, [](ClientSession& c) { c.run_again(); });
  }
}

void Session::release_leaving() {
  for (std::size_t n = leaving_.size(); n > 0 && !shares_.turn_is_over(); --n) {
    std::unique_ptr<ClientSession> client = std::move(leaving_.front());
    leaving_.pop_front();
    release(std::move(client));
  }
}

// Removes the subscriptions of an ended session. If not all can be removed in this turn of the event loop, puts the
// session into leaving_, to continue later. After an exception, the ended session is kept for ever, since tickets_ and
// resources_ may still point to its subscriptions.
void Session::release(std::unique_ptr<ClientSession>&& client) {
  try {
    if (!client->release()) leaving_.push_back(std::move(client));
  } catch (const std::exception&) {
    keep_failure();
    lost_.push_back(std::move(client));
  }
}

// Starts the session of a new connection, and puts it into clients_, in the place given by the connection's slot.
// Normally the place is free. If a session is there, its connection is gone, and it is ended first. This happens only
// when a capture (a recording of messages) is replayed that lacks the message Disconnected.
ClientSession& Session::start(Connected&& m) {
  if (const auto* former = clients_.find_slot(m.conn.slot)) end((*former)->conn());
  ClientSession& client =
      *clients_.open(m.conn, std::make_unique<ClientSession>(static_cast<SessionContext&>(*this), m.conn, m.info));
  out_->authorize.emplace_back(std::move(m));
  return client;
}

void Session::end(ConnId conn) {
  std::unique_ptr<ClientSession> client = clients_.close(conn);
  client->end();
  release(std::move(client));
  if (!leaving_.empty()) continue_next_turn();
  out_->encode.emplace_back(Disconnected{conn});
  out_->authorize.emplace_back(Disconnected{conn});
}

void Session::on(Connected&& m) {
  const bool held = m.kind == ClientKind::held;
  out_->encode.emplace_back(m);
  const ConnId conn = m.conn;
  start(std::move(m));
  if (held) with(conn, [&](ClientSession& c) { c.decide_opening(*web_.ws_header_auth); });
}

void Session::on(Disconnected&& m) {
  if (find(m.conn) != nullptr) end(m.conn);
}

void Session::on(Boxed<Request>&& m) {
  with(m->conn, [&](ClientSession& c) { c.take(std::move(m)); });
}

void Session::on(WebTask&& m) {
  if (m.kind == WebTask::Kind::respond) {
    WebReply answer{{}, std::nullopt, std::move(m.headers), false};
    answer.reply.conn = m.conn;
    answer.reply.id = m.id;
    answer.reply.form = m.error ? ReplyForm::error : ReplyForm::empty;
    answer.reply.error = std::move(m.error);
    if (!answer.reply.error) answer.status = 200;
    out_->encode.emplace_back(std::move(answer));
    return;
  }
  const ConnId conn = m.conn;
  start(Connected{conn, m.info, ClientKind::web});
  with(conn, [&](ClientSession& c) { c.serve(std::move(m), web_.header_auth); });
}

void Session::on(Verdict&& m) {
  with(m.conn, [&](ClientSession& c) { c.take(std::move(m)); });
}

void Session::on(Boxed<CallReply>&& m) {
  with(m->conn, [&](ClientSession& c) { c.take(std::move(m)); });
}

void Session::on(Boxed<TokenSet>&& m) {
  with(m->conn, [&](ClientSession& c) { c.take(std::move(m)); });
}

void Session::on(LoadResult&& m) {
  for (const Ticket ticket : m.tickets) loaded(ticket, m);
  tickets_.give_back_memory();
}

// Hands a LoadResult (the cache's answer: a resource's state, or an error) to the subscription that waits with
// `ticket`. One LoadResult may be for very many subscriptions. To find them by tickets is faster than by names.
void Session::loaded(Ticket ticket, const LoadResult& m) {
  Subscription* waiting = tickets_.find(ticket);
  if (waiting == nullptr) {  // the subscription no longer waits for the cache's answer
    if (m.resource != 0) give_back(m.resource);
    return;
  }
  Subscription& s = *waiting;
  ClientSession& client = *s.session;
  guard(client, [&] {
    if (m.resource != 0) link(s, m.resource);  // the subscription gets the resource's events from now on
    if (client.is_busy()) return client.defer_loaded(ticket, m);
    tickets_.remove(ticket);
    client.take_loaded(s, m);
  });
  const bool is_leaving = find(client.conn()) != &client;
  if (client.done() && !is_leaving) end(client.conn());
}

inline bool Session::Group::takes(const Subscription& s) const {
  return legacy == s.session->legacy() && RidEqual()(rid, s.rid);
}

inline bool Session::can_be_told(const Subscription& s) {
  return s.open() && !s.session->is_busy();
}

// Hands an event to the resource's subscribers in this lane. If that throws an exception, any of them may have missed
// the event, so the connections of all of them are closed.
void Session::on(LaneEvent&& m) {
  const auto it = resources_.find(m.resource);
  if (it == resources_.end()) return;
  const LaneResource& r = it->second;
  try {
    tell_subscribers(r, m);
  } catch (const std::exception&) {
    keep_failure();
    clear_groups();
    for (const Subscription* s : r.subscribers) s->session->fail();
  }
}

// Hands an event to the resource's subscribers in this lane. Subscribers that can get it now are put into groups;
// the session node sends one message for each group, with the event and the clients. For each other subscriber, the
// client's ClientSession keeps the event until the client may get it.
void Session::tell_subscribers(const LaneResource& r, const LaneEvent& m) {
  const EventPtr& event = m.event;
  const bool same_for_all =
      !event->changes_references() && event->kind != EventKind::reaccess && event->kind != EventKind::deleted;
  std::vector<std::pair<ConnId, RidPtr>> others;
  const Subscribers& subscribers = r.subscribers;
  if (subscribers.size() == 1 && same_for_all && can_be_told(*subscribers.front())) {
    const Subscription& s = *subscribers.front();
    return tell(event, s.rid, s.session->legacy(), Recipients{s.session->conn()});
  }
  Group* group = nullptr;  // the previous subscriber's group; tried first, since usually all are in one group
  for (const Subscription* s : subscribers) {
    if (same_for_all && can_be_told(*s)) {
      if (group == nullptr || !group->takes(*s)) group = &group_for(*s, subscribers.size());
      group->to.push_back(s->session->conn());
    } else {
      others.emplace_back(s->session->conn(), s->rid);
    }
  }
  deliver(event);
  for (const auto& [conn, rid] : others) {
    with(conn, [&, &name = rid](ClientSession& c) { c.take(EventFor{name, m.resource, event}); });
  }
}

// Returns the group that takes the subscriber: clients that get the same bytes for the event (Session::Group). Returns
// null if there is none yet. Looks at the first kFewGroups groups one by one, and finds any others in a table. There
// may be very many groups, since clients can spell the query in a resource id (the part after "?") in many ways.
Session::Group* Session::find_group(const Subscription& s) {
  const auto first = groups_.begin();
  const auto few = first + static_cast<std::ptrdiff_t>(std::min(groups_.size(), kFewGroups));
  const auto it = std::find_if(first, few, [&](const Group& g) { return g.takes(s); });
  if (it != few) return &*it;
  const auto& others = more_groups_[s.session->legacy()];
  const auto other = others.find(s.rid);
  return other == others.end() ? nullptr : &groups_[other->second];
}

// Returns the group that takes the subscriber: clients that get the same bytes for the event (Session::Group). Makes
// the group if it is missing. The first group gets room for `everybody`, the number of all subscribers, since mostly
// all are in one group.
Session::Group& Session::group_for(const Subscription& s, std::size_t everybody) {
  if (Group* known = find_group(s)) return *known;
  const bool legacy = s.session->legacy();
  if (groups_.size() >= kFewGroups) more_groups_[legacy].emplace(s.rid, groups_.size());
  Group& group = groups_.emplace_back(Group{s.rid, legacy, {}});
  if (groups_.size() == 1) group.to.reserve(everybody);
  return group;
}

void Session::deliver(const EventPtr& event) {
  for (Group& g : groups_) tell(event, std::move(g.rid), g.legacy, std::move(g.to));
  clear_groups();
}

void Session::tell(const EventPtr& event, RidPtr rid, bool legacy, Recipients&& to) {
  out_->encode.emplace_back(std::in_place_type<Delivery>, event, std::move(rid), legacy, ResourceSet(), std::move(to));
}

void Session::clear_groups() {
  const bool were_many = groups_.size() > kFewGroups;
  groups_.clear();
  if (!were_many) return;
  for (auto& others : more_groups_) others = {};
}

Subscription* Session::take_ticket(Ticket ticket) {
  Subscription* s = tickets_.find(ticket);
  tickets_.remove(ticket);
  return s;
}

void Session::link(Subscription& s, ResourceId resource) {
  LaneResource& r = resources_[resource];
  if (!r.spelling) r.spelling = s.rid;
  if (s.rid != r.spelling && s.rid->text() == r.spelling->text()) {
    if (s.target == s.rid) s.target = r.spelling;
    s.rid = r.spelling;
  }
  RESFLOW_CHECK(!s.linked());
  r.subscribers.push_back(&s);
  s.resource = resource;
  s.list_index = static_cast<std::uint32_t>(r.subscribers.size() - 1);
}

void Session::unlink(Subscription& s, bool tell_cache) {
  const auto it = resources_.find(s.resource);
  RESFLOW_CHECK(it != resources_.end());
  Subscribers& list = it->second.subscribers;
  RESFLOW_CHECK(list[s.list_index] == &s);
  // Add the message before the lists change: if emplace_back() throws, the lists are still right.
  if (tell_cache) out_->cache.emplace_back(Unsubscribe{lane_, s.resource});
  list[s.list_index] = list.back();
  list[s.list_index]->list_index = s.list_index;
  list.pop_back();
  if (list.empty()) resources_.erase(it);
  s.resource = 0;
}

std::size_t Session::subscription_count(ConnId conn) const {
  const ClientSession* client = find_object(clients_, conn);
  return client == nullptr ? 0 : client->subscription_count();
}

}  // namespace resflow
