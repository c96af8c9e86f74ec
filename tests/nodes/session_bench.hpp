// A Session alone. The test takes the place of its neighbor nodes: it sends what they would send, and it reads the
// output of the session as short lines of text.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nodes/session/session.hpp"
#include "tests/nodes/failing_allocations.hpp"
#include "tests/nodes/fakes.hpp"

namespace resflow::testing {

using Lines = std::vector<std::string>;
using Names = std::vector<std::string>;

class SessionBench {
 public:
  explicit SessionBench(SessionLimits limits = {}, const WebOptions& web = {}) : session_(0, limits, web) {
    connect(0);
  }

  // ---- what the neighbors send; each call is one message, and replaces the output of the message before

  void connect(std::uint32_t slot) { step(Connected{conn(slot), client_info("cid" + std::to_string(slot))}); }
  void disconnect(std::uint32_t slot = 0) { step(Disconnected{conn(slot)}); }
  void version(const std::string& protocol, std::uint32_t slot = 0) {
    Request r = request(RequestKind::version, 0, "", slot);
    r.protocol = protocol;
    step(std::move(r));
  }
  void subscribe(std::uint64_t id, const std::string& rid, std::uint32_t slot = 0) {
    step(request(RequestKind::subscribe, id, rid, slot));
  }
  void get(std::uint64_t id, const std::string& rid) { step(request(RequestKind::get, id, rid, 0)); }
  void unsubscribe(std::uint64_t id, const std::string& rid, std::uint32_t count = 1, std::uint32_t slot = 0) {
    Request r = request(RequestKind::unsubscribe, id, rid, slot);
    r.count = count;
    step(std::move(r));
  }
  void call(std::uint64_t id, const std::string& rid, const std::string& method, RequestKind kind = RequestKind::call) {
    Request r = request(kind, id, rid, 0);
    r.method = method;
    r.params = "[1]";
    called_.insert(id);
    step(std::move(r));
  }
  void allow(const std::string& rid, std::uint32_t slot = 0) {
    step(Verdict{conn(slot), make_rid(rid), number(rid, slot)});
  }
  void deny(const std::string& rid, const ErrorPtr& why = errors::access_denied, std::uint32_t slot = 0) {
    step(Verdict{conn(slot), make_rid(rid), number(rid, slot), why});
  }
  void load(const std::string& rid, const Names& references = {}, std::uint32_t slot = 0) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->text = rid;
    for (const std::string& to : references) snapshot->references.push_back(make_rid(to));
    step(LoadResult{{take_ticket(rid, slot)}, resource(rid), snapshot, nullptr});
  }
  void fail(const std::string& rid, const ErrorPtr& error, std::uint32_t slot = 0) {
    step(LoadResult{{take_ticket(rid, slot)}, 0, nullptr, error});
  }
  void change(const std::string& rid, const Names& added = {}, const Names& removed = {}) {
    auto event = make_event(EventKind::change, "change");
    for (const std::string& to : added) event->added.push_back(make_rid(to));
    for (const std::string& to : removed) event->removed.push_back(make_rid(to));
    step(LaneEvent{resource(rid), event});
  }
  void event(const std::string& rid, EventKind kind, const std::string& name) {
    step(LaneEvent{resource(rid), make_event(kind, name)});
  }
  void custom(const std::string& rid, const std::string& name) { event(rid, EventKind::custom, name); }
  void reaccess(const std::string& rid, ThrottleId throttle = 0) {
    auto event = make_event(EventKind::reaccess, "reaccess");
    event->throttle = throttle;
    step(LaneEvent{resource(rid), event});
  }
  void lose(const std::string& rid, const ErrorPtr& reason) {
    auto event = make_event(EventKind::deleted, "delete");
    event->reason = reason;
    step(LaneEvent{resource(rid), event});
  }
  void remove(const std::string& rid) { event(rid, EventKind::deleted, "delete"); }
  void token(const std::string& text) { step(TokenSet{conn(0), TokenEvent{text, ""}}); }
  // Answers a call. If there is no call with this id, it is made first.
  void answer(std::uint64_t id, const std::string& result, RequestKind kind = RequestKind::call) {
    if (called_.erase(id) == 0) step(request(kind, id, "some", 0));
    step(CallReply{conn(0), id, kind, CallResult{result, nullptr}, nullptr});
  }
  void answer_with_resource(std::uint64_t id, const std::string& rid, RequestKind kind = RequestKind::call) {
    if (called_.erase(id) == 0) step(request(kind, id, "some", 0));
    step(CallReply{conn(0), id, kind, CallResult{"", make_rid(rid)}, nullptr});
  }
  void step(SessionIn message) {
    const std::uint32_t slot = slot_of(message);
    SessionOut nothing;
    session_.process(NewTurn{}, nothing);
    out_ = SessionOut{};
    process_or_run_out(fault_, [&] { session_.process(std::move(message), out_); });
    for (const AuthorizeIn& m : out_.authorize) note(m);
    for (const CacheIn& m : out_.cache) {
      if (const auto* s = std::get_if<Subscribe>(&m)) {
        tickets_[{slot, s->target->text()}] = s->ticket;
        owners_[s->ticket] = slot;
      }
    }
  }

  // In the next step, session runs out of memory at the allocation with this number. Tells what became of it.
  MemoryFault& fault() { return fault_; }

  // Subscribes to a resource, allows it and loads it.
  void subscribed(const std::string& rid, const Names& references = {}, std::uint32_t slot = 0) {
    subscribe(++last_id_, rid, slot);
    allow(rid, slot);
    load(rid, references, slot);
  }

  // ---- what the session sent in the latest step

  // Returns what one client was sent. "#1 set{a,!b}" is a reply in the form `set`, with its resource set, in which "!"
  // marks an error. "a.change{b}" is an event with its set.
  Lines sent(std::uint32_t slot = 0) const {
    Lines lines;
    for (const EncodeIn& m : out_.encode) {
      if (const auto* r = std::get_if<Reply>(&m); r != nullptr && r->conn.slot == slot) lines.push_back(line(*r));
      if (const auto* d = std::get_if<Delivery>(&m)) {
        for (const ConnId to : d->to) {
          if (to.slot == slot) lines.push_back(text_of(d->rid) + '.' + d->event->name + text_of(d->set));
        }
      }
      if (const auto* c = std::get_if<CloseClient>(&m); c != nullptr && c->conn.slot == slot) {
        lines.push_back("close " + std::to_string(c->code));
      }
    }
    return lines;
  }

  Lines asked() const {
    Lines lines;
    for (const AuthorizeIn& m : out_.authorize) {
      if (const auto* q = std::get_if<Question>(&m)) lines.push_back("question " + q->rid->text());
      if (const auto* r = std::get_if<Recheck>(&m)) {
        lines.push_back((r->ask ? "recheck " : "forget ") + r->rid->text());
      }
      if (const auto* r = std::get_if<Release>(&m)) lines.push_back("release " + r->rid->text());
      if (const auto* c = message_if<Call>(m)) lines.push_back("call " + c->target->text() + '.' + c->method);
      if (const auto* a = message_if<Auth>(m)) lines.push_back("auth " + a->target->text() + '.' + a->method);
      if (const auto* t = message_if<TokenChanged>(m)) {
        Names direct;
        for (const Question& q : t->questions) direct.push_back(q.rid->text());
        std::sort(direct.begin(), direct.end());
        std::string text = "token";
        for (const std::string& rid : direct) text += ' ' + rid;
        lines.push_back(text);
      }
    }
    return lines;
  }

  Lines cache() const {
    Lines lines;
    for (const CacheIn& m : out_.cache) {
      if (const auto* s = std::get_if<Subscribe>(&m)) lines.push_back("subscribe " + s->target->text());
      if (const auto* w = std::get_if<Withdraw>(&m)) lines.push_back("withdraw " + w->target->text());
      if (const auto* u = std::get_if<Unsubscribe>(&m)) lines.push_back("unsubscribe " + name(u->resource));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  const SessionOut& out() const { return out_; }
  Session& session() { return session_; }

  ResourceId resource(const std::string& rid) {
    return resources_.try_emplace(rid, ResourceId::from(resources_.size() + 1)).first->second;
  }
  // Returns the latest ticket for a resource. A test can use it to answer late.
  Ticket ticket(const std::string& rid, std::uint32_t slot = 0) const { return tickets_.at({slot, target(rid, slot)}); }

  static ConnId conn(std::uint32_t slot) { return ConnId{slot, 1, 0}; }

  static Request request(RequestKind kind, std::uint64_t id, const std::string& rid, std::uint32_t slot) {
    Request r;
    r.conn = conn(slot);
    r.id = id;
    r.kind = kind;
    if (!rid.empty()) r.rid = make_rid(rid);
    return r;
  }

  // Returns the number of the latest question about a resource.
  std::uint32_t number(const std::string& rid, std::uint32_t slot = 0) const {
    const auto it = numbers_.find({slot, rid});
    return it == numbers_.end() ? 0 : it->second;
  }

 private:
  void note(const AuthorizeIn& m) {
    if (const auto* q = std::get_if<Question>(&m)) numbers_[{q->conn.slot, q->rid->text()}] = q->number;
    if (const auto* r = std::get_if<Recheck>(&m); r != nullptr && r->ask) {
      numbers_[{r->conn.slot, r->rid->text()}] = r->number;
    }
    if (const auto* t = message_if<TokenChanged>(m)) {
      for (const Question& q : t->questions) numbers_[{q.conn.slot, q.rid->text()}] = q.number;
    }
  }

  static std::shared_ptr<ResourceEvent> make_event(EventKind kind, const std::string& name) {
    auto event = std::make_shared<ResourceEvent>();
    event->kind = kind;
    event->name = name;
    return event;
  }

  static std::string text_of(const RidPtr& rid) { return testing::text_of(rid); }

  static std::string text_of(const ResourceSet& set) {
    Names names;
    for (const SetEntry& entry : set) names.push_back((entry.snapshot ? "" : "!") + entry.rid->text());
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& n : names) text += (text.empty() ? "{" : ",") + n;
    return text.empty() ? text : text + '}';
  }

  static std::string line(const Reply& r) {
    const std::string start = '#' + std::to_string(r.id) + ' ';
    switch (r.form) {
      case ReplyForm::empty:
        return start + "empty";
      case ReplyForm::error:
        return start + r.error->code;
      case ReplyForm::protocol:
        return start + "protocol";
      case ReplyForm::set:
        return start + "set" + text_of(r.set);
      case ReplyForm::payload:
        return start + "payload " + r.result;
      case ReplyForm::result:
        return start + "result " + r.result;
      case ReplyForm::resource:
        return start + "resource " + r.rid->text() + text_of(r.set);
    }
    return start;
  }

  // Returns the slot of the client that the message is from, or whose subscription it answers. For an event it returns
  // 0.
  std::uint32_t slot_of(const SessionIn& message) const {
    if (const auto* loaded = std::get_if<LoadResult>(&message)) {
      const auto owner = owners_.find(loaded->tickets.front());
      return owner == owners_.end() ? 0 : owner->second;
    }
    return std::visit(
        [](const auto& m) -> std::uint32_t {
          if constexpr (requires { m.conn; }) return m.conn.slot;
          if constexpr (requires { m->conn; }) return m->conn.slot;
          return 0;
        },
        message);
  }

  static std::string target(const std::string& rid, std::uint32_t slot) {
    return expand_cid(make_rid(rid), "cid" + std::to_string(slot))->text();
  }

  Ticket take_ticket(const std::string& rid, std::uint32_t slot) {
    const auto it = tickets_.find({slot, target(rid, slot)});
    if (it == tickets_.end()) return 0;
    const Ticket ticket = it->second;
    tickets_.erase(it);
    return ticket;
  }

  std::string name(ResourceId id) const {
    for (const auto& [rid, resource] : resources_) {
      if (resource == id) return rid;
    }
    return "nothing";
  }

  MemoryFault fault_;
  Session session_;
  SessionOut out_;
  std::map<std::pair<std::uint32_t, std::string>, Ticket> tickets_;  // by client and target
  std::map<Ticket, std::uint32_t> owners_;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> numbers_;  // of questions, by client and rid
  std::map<std::string, ResourceId> resources_;
  std::set<std::uint64_t> called_;
  std::uint64_t last_id_ = 100;
};

}  // namespace resflow::testing
