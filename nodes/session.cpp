#include "nodes/session.hpp"

#include <algorithm>

#include "nodes/give_back.hpp"

namespace resflow {

void Session::process(SessionIn&& message, SessionOut& out) {
  out_ = &out;
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
  out_ = nullptr;
}

ClientSession* Session::find(ConnId conn) {
  if (conn.slot >= clients_.size()) return nullptr;
  ClientSession* client = clients_[conn.slot].get();
  return client != nullptr && client->conn() == conn ? client : nullptr;
}

template <typename F>
void Session::with(ConnId conn, F&& f) {
  ClientSession* client = find(conn);
  if (client == nullptr) return;
  f(*client);
  if (client->done()) end(conn);
}

// Who has the slot is gone, also if nobody has said so, as in a capture that was cut and put together.
ClientSession& Session::start(Connected&& m) {
  if (m.conn.slot >= clients_.size()) clients_.resize(m.conn.slot + 1);
  std::unique_ptr<ClientSession>& client = clients_[m.conn.slot];
  if (client) end(client->conn());
  client = std::make_unique<ClientSession>(static_cast<SessionContext&>(*this), m.conn, m.info);
  ++clients_count_;
  out_->authorize.emplace_back(std::move(m));
  return *client;
}

void Session::end(ConnId conn) {
  clients_[conn.slot]->end();
  clients_[conn.slot] = nullptr;
  --clients_count_;
  out_->encode.emplace_back(Disconnected{conn});
  out_->authorize.emplace_back(Disconnected{conn});
}

void Session::on(Connected&& m) {
  const bool held = m.kind == ClientKind::held;
  out_->encode.emplace_back(m);
  ClientSession& client = start(std::move(m));
  if (held) client.decide_opening(*web_.ws_header_auth);
}

void Session::on(Disconnected&& m) {
  if (find(m.conn) != nullptr) end(m.conn);
}

void Session::on(Request&& m) {
  if (ClientSession* client = find(m.conn)) client->request(std::move(m));
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
  with(m.conn, [&](ClientSession& c) { c.verdict(std::move(m)); });
}

void Session::on(CallReply&& m) {
  with(m.conn, [&](ClientSession& c) { c.call_reply(std::move(m)); });
}

void Session::on(TokenSet&& m) {
  if (ClientSession* client = find(m.conn)) client->token_set(std::move(m.event));
}

void Session::on(Loaded&& m) {
  for (const Ticket ticket : m.tickets) loaded(ticket, m);
  give_back_memory(tickets_);
}

// There may be a great many of them, so the subscription is found by its ticket, not by names.
void Session::loaded(Ticket ticket, const Loaded& m) {
  const auto it = tickets_.find(ticket);
  if (it == tickets_.end()) {  // it was let go meanwhile
    if (m.resource != 0) out_->merge.emplace_back(Unsubscribe{lane_, m.resource});
    return;
  }
  Subscription& s = *it->second;
  tickets_.erase(it);
  ClientSession& client = *s.session;
  client.loaded(s, m);
  if (client.done()) end(client.conn());
}

inline bool Session::Group::takes(const Subscription& s) const {
  return legacy == s.session->legacy() && RidEqual()(rid, s.rid);
}

// All who can be told at once are told at once; the others each on their own.
void Session::on(LaneEvent&& m) {
  const auto it = resources_.find(m.resource);
  if (it == resources_.end()) return;
  groups_.clear();  // an event that failed half-way has left its own
  const EventPtr& event = m.event;
  const bool same_for_all =
      !event->changes_references() && event->kind != EventKind::reaccess && event->kind != EventKind::deleted;
  std::vector<std::pair<ConnId, RidPtr>> others;
  const std::vector<Subscription*>& subscribers = it->second.subscribers;
  Group* group = nullptr;  // that of the one before: mostly all are alike
  for (const Subscription* s : subscribers) {
    if (same_for_all && s->open()) {
      if (group == nullptr || !group->takes(*s)) group = &group_for(*s, subscribers.size());
      group->to.push_back(s->session->conn());
    } else {
      others.emplace_back(s->session->conn(), s->rid);
    }
  }
  deliver(event);
  for (const auto& [conn, rid] : others) {
    if (ClientSession* client = find(conn)) client->event(rid, m.resource, event);
  }
}

// The first group has room for everybody.
Session::Group& Session::group_for(const Subscription& s, std::size_t everybody) {
  const auto it = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.takes(s); });
  if (it != groups_.end()) return *it;
  Group& group = groups_.emplace_back(Group{s.rid, s.session->legacy(), {}});
  if (groups_.size() == 1) group.to.reserve(everybody);
  return group;
}

void Session::deliver(const EventPtr& event) {
  for (Group& g : groups_) {
    out_->encode.emplace_back(Delivery{event, std::move(g.rid), g.legacy, {}, std::move(g.to)});
  }
  groups_.clear();
}

Ticket Session::give_ticket(Subscription& s) {
  const Ticket given = in_lane(lane_, ++last_ticket_);
  tickets_.emplace(given, &s);
  return given;
}

void Session::take_back(Ticket ticket) {
  tickets_.erase(ticket);
}

void Session::link(Subscription& s, ResourceId resource) {
  LaneResource& r = resources_[resource];
  if (!r.spelling) r.spelling = s.rid;
  if (s.rid != r.spelling && s.rid->text() == r.spelling->text()) {
    if (s.target == s.rid) s.target = r.spelling;
    s.rid = r.spelling;
  }
  s.resource = resource;
  s.list_index = static_cast<std::uint32_t>(r.subscribers.size());
  r.subscribers.push_back(&s);
}

void Session::unlink(Subscription& s, bool tell_cache) {
  const auto it = resources_.find(s.resource);
  std::vector<Subscription*>& list = it->second.subscribers;
  list[s.list_index] = list.back();
  list[s.list_index]->list_index = s.list_index;
  list.pop_back();
  if (tell_cache) out_->merge.emplace_back(Unsubscribe{lane_, s.resource});
  if (list.empty()) resources_.erase(it);
  s.resource = 0;
}

}  // namespace resflow
