// Operations of a session: loading the closure of what a message will make the client hold, then committing it in one
// step ("Resource set": "any subscribed resource previously not subscribed by the client").
#include <algorithm>

#include "nodes/session.hpp"

namespace resflow {

Operation& ClientSession::start(Operation::Kind kind, Subscription& subject) {
  auto op = std::make_unique<Operation>();
  op->kind = kind;
  op->key = context_.next_serial();
  op->serial = context_.next_serial();
  op->subject = &subject;
  pin(*op, subject);
  return operations_.add(std::move(op));
}

void ClientSession::pin(Operation& op, Subscription& s) {
  ++s.pins;
  op.pins.push_back(&s);
}

// The operation is over, whatever came of it.
void ClientSession::finish(Operation& op) {
  const std::unique_ptr<Operation> done = operations_.remove(op.key);
  Subscription& subject = *done->subject;
  if (subject.progress().blocked_by == done.get()) subject.make_progress().blocked_by = nullptr;
  if (done->kind == Operation::Kind::subscribe || done->kind == Operation::Kind::resource_reply) {
    --subject.pending_direct;
  }
  if (done->judging) std::erase(subject.make_progress().judged, done.get());
  if (done->waiting > 0) {
    for (Subscription* s : done->pins) {
      if (s->progress().loaders.empty()) continue;
      auto& loaders = s->make_progress().loaders;
      loaders.erase(std::remove(loaders.begin(), loaders.end(), done.get()), loaders.end());
    }
  }
  // A resource may be pinned twice: it is there until the last pin is gone.
  for (Subscription* s : done->pins) {
    --s->pins;
    drop_if_unused(*s);
  }
}

// A direct request for what failed or was deleted gets another try.
void ClientSession::refresh(Subscription& s) {
  if (s.state == SubscriptionState::deleted || (s.state == SubscriptionState::failed && s.held)) {
    s.state = SubscriptionState::idle;
    s.make_progress().error = nullptr;
  }
}

void ClientSession::question(Operation& op) {
  Subscription& s = *op.subject;
  op.judging = true;
  s.make_progress().judged.push_back(&op);
  s.asked = true;
  if (s.questioned || s.rechecking) return;  // its verdict will do
  s.questioned = true;
  context_.out().authorize.emplace_back(Question{conn_, s.rid, s.target});
}

// Goes through all that the operation needs and the client does not have, and asks for what is not here, in the order
// in which it is named.
void ClientSession::visit(Operation& op, std::vector<Subscription*>& walk) {
  for (std::size_t i = 0; i < walk.size(); ++i) {
    Subscription& s = *walk[i];
    if (s.sent() || s.visit == op.serial) continue;
    s.visit = op.serial;
    want(op, s);
    if (s.state != SubscriptionState::loaded) continue;
    obtain_all(s.progress().snapshot->references, walk);
  }
  walk.clear();
}

// All that is loaded for one operation is one throttle.
void ClientSession::want(Operation& op, Subscription& s) {
  pin(op, s);
  if (s.state == SubscriptionState::idle) {
    start_loading(s, throttle_id(ThrottleKind::reference, conn_.lane, op.key));
  }
  if (s.state != SubscriptionState::loading) return;
  s.make_progress().loaders.push_back(&op);
  ++op.waiting;
}

void ClientSession::loaded(Subscription& s, const Loaded& m) {
  Progress& progress = s.make_progress();
  progress.ticket = 0;
  if (m.error) {
    s.state = SubscriptionState::failed;
    progress.error = m.error;
    s.reaccess = false;
  } else {
    s.state = SubscriptionState::loaded;
    progress.snapshot = m.snapshot;
    context_.link(s, m.resource);
  }
  // First all go on with their walks, then those that wait no more are tried: a commit may end others of them.
  OperationKeys keys;
  std::vector<Subscription*> walk;
  for (Operation* op : std::exchange(progress.loaders, {})) {
    --op->waiting;
    if (m.snapshot) {
      obtain_all(m.snapshot->references, walk);
      visit(*op, walk);
    }
    if (op->waiting == 0) keys.push_back(op->key);
  }
  advance_all(keys);
}

void ClientSession::advance_all(const OperationKeys& keys) {
  for (const std::uint32_t key : keys) {
    if (Operation* op = operations_.find(key)) advance(*op);
  }
}

void ClientSession::verdict(Verdict&& v) {
  if (web_verdict(v)) return;
  Subscription* s = find(v.rid);
  if (s == nullptr) return;
  ++s->pins;
  s->questioned = false;
  const bool rechecked = std::exchange(s->rechecking, false);
  OperationKeys keys;
  for (Operation* op : std::exchange(s->make_progress().judged, {})) {
    op->judging = false;
    keys.push_back(op->key);
  }
  if (rechecked && v.denied && s->direct > 0) revoke(*s, v.denied);
  if (!v.denied) {
    advance_all(keys);
  } else {
    for (const std::uint32_t key : keys) {
      if (Operation* op = operations_.find(key)) deny(*op, v.denied);
    }
  }
  drain(*s);
  --s->pins;
  drop_if_unused(*s);
}

void ClientSession::advance(Operation& op) {
  if (op.judging || op.waiting > 0) return;
  Closure closure;
  if (complete(op, closure)) commit(op, closure);
}

std::vector<Subscription*> ClientSession::roots(const Operation& op) {
  if (op.kind != Operation::Kind::event) return {op.subject};
  std::vector<Subscription*> all;
  for (const RidPtr& rid : op.event->added) all.push_back(&obtain(rid));
  return all;
}

// Collects what the client does not have of the operation's closure. While it waited, the client may have let go of
// something that it had when the walk passed it: then the operation goes on waiting for that.
bool ClientSession::complete(Operation& op, Closure& closure) {
  op.serial = context_.next_serial();
  std::vector<Subscription*> walk = roots(op);
  bool all_here = true;
  while (!walk.empty()) {
    Subscription& s = *walk.back();
    walk.pop_back();
    if (s.sent() || s.visit == op.serial) continue;
    s.visit = op.serial;
    if (s.state == SubscriptionState::loaded) {
      for (const RidPtr& rid : s.progress().snapshot->references) {
        walk.push_back(&obtain(rid));
        closure.references.push_back(walk.back());
      }
    } else if (s.state != SubscriptionState::failed) {
      want(op, s);
      all_here = false;
      continue;
    }
    closure.fresh.push_back(&s);
  }
  return all_here;
}

void ClientSession::commit(Operation& op, const Closure& closure) {
  std::vector<RidPtr> rids;
  for (const Subscription* s : closure.fresh) {
    if (!s->progress().waiting.empty() || s->reaccess) rids.push_back(s->rid);
  }
  if (op.kind == Operation::Kind::event) {
    rids.push_back(op.subject->rid);
    commit_event(op, closure);
  } else {
    commit_request(op, closure);
  }
  drain(rids);
}

void ClientSession::commit_event(Operation& op, const Closure& closure) {
  ResourceSet set = hand_over(closure);
  Subscription& s = *op.subject;
  const EventPtr event = op.event;
  s.make_progress().blocked_by = nullptr;
  apply(s, event, std::move(set));
  finish(op);
}

void ClientSession::commit_request(Operation& op, const Closure& closure) {
  Subscription& s = *op.subject;
  const bool names_resource = op.kind == Operation::Kind::resource_reply;
  const ReplyForm form = names_resource ? ReplyForm::resource : ReplyForm::set;
  const RidPtr rid = names_resource ? s.rid : nullptr;
  if (s.state == SubscriptionState::failed) {
    if (!names_resource) {
      reply(op.id, ReplyForm::error, s.progress().error);
    } else {
      reply(op.id, form, nullptr, {}, rid, ResourceSet{SetEntry{s.rid, nullptr, s.progress().error}});
    }
  } else if (op.kind == Operation::Kind::get) {
    reply(op.id, form, nullptr, {}, rid, resource_set(closure.fresh));
  } else {
    reply(op.id, form, nullptr, {}, rid, hand_over(closure));
    holdings_.subscribe(s);
  }
  finish(op);
  let_go();
}

// The client may not read the resource. A call that led there has succeeded all the same, so its answer has the error
// in place of the resource.
void ClientSession::deny(Operation& op, const ErrorPtr& reason) {
  const RidPtr rid = op.subject->rid;
  if (op.kind == Operation::Kind::resource_reply) {
    reply(op.id, ReplyForm::resource, nullptr, {}, rid, ResourceSet{SetEntry{rid, nullptr, reason}});
  } else {
    reply(op.id, ReplyForm::error, reason);
  }
  finish(op);
}

ResourceSet ClientSession::resource_set(const std::vector<Subscription*>& fresh) {
  ResourceSet set;
  set.reserve(fresh.size());
  for (const Subscription* s : fresh) set.push_back(SetEntry{s->rid, s->progress().snapshot, s->progress().error});
  return set;
}

// From now on the client has these: they refer to what they refer to, and get events.
ResourceSet ClientSession::hand_over(const Closure& closure) {
  for (Subscription* s : closure.fresh) {
    if (s->held) holdings_.unrefer_all(*s);
    s->held = true;
  }
  ResourceSet set;
  set.reserve(closure.fresh.size());
  auto to = closure.references.begin();
  for (Subscription* s : closure.fresh) {
    Progress& progress = s->make_progress();
    if (progress.snapshot) {
      const std::size_t count = progress.snapshot->references.size();
      s->references.reserve(count);
      for (std::size_t i = 0; i < count; ++i) holdings_.refer(*s, **to++);
      s->state = SubscriptionState::live;
    }
    set.push_back(SetEntry{s->rid, std::exchange(progress.snapshot, nullptr), progress.error});
  }
  return set;
}

}  // namespace resflow
