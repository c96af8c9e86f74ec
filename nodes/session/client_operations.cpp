// Operations of a session: loading the closure of what a message will make the client hold, then committing it in one
// step ("Resource set": "any subscribed resource previously not subscribed by the client"). The client sees one step;
// between its slices no other message of the client is taken.
#include <algorithm>

#include "nodes/session/session.hpp"

namespace resflow {

namespace {

void erase_value(Progress::Operations& operations, const Operation* op) {
  operations.erase(std::remove(operations.begin(), operations.end(), op), operations.end());
}

}  // namespace

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
  if (subject.progress().getting == done.get()) subject.make_progress().getting = nullptr;
  if (done->kind == Operation::Kind::subscribe || done->kind == Operation::Kind::resource_reply) {
    unwant_direct(subject);
  }
  if (done->judging) erase_value(subject.make_progress().judged, done.get());
  if (done->waiting > 0) {
    for (Subscription* s : done->pins) {
      if (s->progress().loaders.empty()) continue;
      erase_value(s->make_progress().loaders, done.get());
    }
  }
  unpin(std::move(done->pins));
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
  context_.out().authorize.emplace_back(std::in_place_type<Question>, conn_, s.rid, s.target);
}

// Goes through all that the operation needs and the client does not have, and asks for what is not here, in the order
// in which it is named: but only so much at a time, or its answers would fill the way of everybody else's. Each that
// comes makes room for another. False when the share of the turn is used up.
bool ClientSession::visit(Operation& op) {
  constexpr std::uint32_t most_loading = 1'024;
  while (op.walk && op.waiting < most_loading) {
    if (!may_work()) return false;
    visit(op, op.walk->next());
    if (op.walk && op.walk->empty()) op.walk = nullptr;
  }
  return true;
}

void ClientSession::visit(Operation& op, const RidPtr& rid) {
  spend(1);
  if (Subscription* known = find(rid)) return visit(op, *known);
  if (subscriptions_.size() < context_.limits().subscriptions) return visit(op, make(rid));
  exceed(op, rid);
}

// The client would hold more than it may. A request is refused; an event has happened, so the client gets the error in
// place of what the event refers to.
void ClientSession::exceed(Operation& op, const RidPtr& rid) {
  if (op.kind != Operation::Kind::event) {
    op.refused = errors::subscription_limit_exceeded;
    op.walk = nullptr;
    return;
  }
  Subscription& s = make(rid);
  s.state = SubscriptionState::failed;
  s.make_progress().error = errors::subscription_limit_exceeded;
  visit(op, s);
  if (subscriptions_.size() > 2 * context_.limits().subscriptions) close("too many subscriptions");
}

void ClientSession::visit(Operation& op, Subscription& s) {
  if (s.sent() || s.visit == op.serial) return;
  s.visit = op.serial;
  want(op, s);
  if (s.state == SubscriptionState::loaded) add_to_walk(op, s.progress().snapshot);
}

void ClientSession::add_to_walk(Operation& op, const SnapshotPtr& snapshot) {
  if (snapshot->references.empty() || op.refused) return;
  if (!op.walk) op.walk = std::make_unique<ReferenceWalk>();
  op.walk->add(snapshot);
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

void ClientSession::loaded(Subscription& s, const LoadResult& m) {
  Progress& progress = s.make_progress();
  progress.ticket = 0;
  if (m.error) {
    s.state = SubscriptionState::failed;
    progress.error = m.error;
    s.reaccess = false;
  } else {
    s.state = SubscriptionState::loaded;
    progress.snapshot = m.snapshot;
    if (!s.linked()) context_.link(s, m.resource);
  }
  // First all go on with their walks, then those that wait no more are tried: a commit may end others of them.
  OperationKeys keys;
  for (Operation* op : progress.loaders) {  // none comes to it, since the resource is not being loaded any more
    --op->waiting;
    if (m.snapshot) add_to_walk(*op, m.snapshot);
    if (!visit(*op) || op->waiting == 0 || op->refused) keys.push_back(op->key);
  }
  progress.loaders.clear();
  try_to_proceed(keys);
}

// Mostly it is one, which is through at once.
void ClientSession::try_to_proceed(const OperationKeys& keys) {
  if (keys.empty()) return;
  if (keys.size() > 1 || agenda_ || !may_work()) return push_proceed(keys);
  Operation* op = operations_.find(keys.front());
  if (op != nullptr && !proceed(*op)) push({Task::Kind::proceed, keys.front()});
}

void ClientSession::handle(Verdict&& v) {
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
  const bool events_wait = s->reaccess || !s->progress().waiting.empty();
  if (events_wait) push({Task::Kind::drain_name, 0, s->rid});  // behind what follows
  if (!v.denied) {
    try_to_proceed(keys);
  } else {
    if (rechecked && s->direct > 0) revoke(*s, v.denied);
    for (const std::uint32_t key : keys) {
      if (Operation* op = operations_.find(key)) deny(*op, v.denied);
    }
  }
  --s->pins;
  drop_if_unused(*s);
}

// Goes on with it as far as possible; it may be over then. False when the share of the turn is used up.
bool ClientSession::proceed(Operation& op) {
  if (!visit(op)) return false;
  if (op.phase == Operation::Phase::loading && !start_collecting(op)) return true;
  if (op.phase == Operation::Phase::collecting && !collect(op)) return false;
  if (op.phase == Operation::Phase::giving) {
    if (!give(op)) return false;
    commit(op);
  }
  return true;
}

// False when it is not the time yet, or never will be. An answer waits for a client that does not read.
bool ClientSession::start_collecting(Operation& op) {
  if (op.judging) return false;
  if (op.refused) {
    refuse(op, op.refused);
    return false;
  }
  if (op.waiting > 0) return false;
  if (unread_ && op.kind != Operation::Kind::event) {
    parked_.push(op.key);
    return false;
  }
  op.phase = Operation::Phase::collecting;
  op.serial = context_.next_serial();
  op.closure = std::make_unique<Closure>();
  auto& walk = op.closure->walk;
  if (op.kind != Operation::Kind::event) {
    walk.push_back(op.subject);
  } else {
    for (const RidPtr& rid : op.event->added) walk.push_back(&obtain(rid));
  }
  return true;
}

// Collects what the client does not have of the operation's closure. While it waited, the client may have let go of
// something that it had when the walk passed it: then the operation goes on waiting for that.
bool ClientSession::collect(Operation& op) {
  Closure& closure = *op.closure;
  while (!closure.walk.empty()) {
    if (!may_work()) return false;
    spend(1);
    Subscription& s = *closure.walk.back();
    closure.walk.pop_back();
    if (s.sent() || s.visit == op.serial) continue;
    s.visit = op.serial;
    if (s.state == SubscriptionState::loaded) {
      for (const RidPtr& rid : s.progress().snapshot->references) {
        closure.walk.push_back(&obtain(rid));
        closure.references.push_back(closure.walk.back());
      }
    } else if (s.state != SubscriptionState::failed) {
      want(op, s);
      closure.all_here = false;
      continue;
    }
    closure.fresh.push_back(&s);
  }
  op.phase = closure.all_here ? Operation::Phase::giving : Operation::Phase::loading;
  if (!closure.all_here) op.closure = nullptr;
  return true;
}

// The client comes to hold the closure, and the set tells it what that is. A plain get only tells.
bool ClientSession::give(Operation& op) {
  const bool request = op.kind != Operation::Kind::event;
  if (request && op.subject->state == SubscriptionState::failed) return true;  // the error is the answer
  const bool holds = op.kind != Operation::Kind::get;
  Closure& closure = *op.closure;
  for (; holds && closure.held < closure.fresh.size(); ++closure.held) {
    if (!may_work()) return false;
    spend(1);
    Subscription& s = *closure.fresh[closure.held];
    if (s.held) holdings_.unrefer_all(s);
    s.held = true;
  }
  closure.set.reserve(closure.fresh.size());
  for (; closure.set.size() < closure.fresh.size();) {
    if (!may_work()) return false;
    spend(1);
    Subscription& s = *closure.fresh[closure.set.size()];
    if (holds) {
      give(closure, s);
    } else {
      closure.add(s.rid, s.progress().snapshot, s.progress().error);
    }
  }
  return true;
}

// From now on the client has this: it refers to what it refers to, and gets events.
void ClientSession::give(Closure& closure, Subscription& s) {
  Progress& progress = s.make_progress();
  if (progress.snapshot) {
    const std::size_t count = progress.snapshot->references.size();
    s.references.reserve(count);
    for (std::size_t i = 0; i < count; ++i) holdings_.refer(s, *closure.references[closure.referred++]);
    s.state = SubscriptionState::live;
  }
  closure.add(s.rid, std::exchange(progress.snapshot, nullptr), progress.error);
  if (!progress.waiting.empty() || s.reaccess) closure.drains.push_back(s.rid);
}

// What waits on the resources that the client has got comes behind the message that gives them.
void ClientSession::commit(Operation& op) {
  Closure& closure = *op.closure;
  spend(WorkShares::units_of_bytes(closure.text_bytes));
  if (op.kind == Operation::Kind::event) closure.drains.push_back(op.subject->rid);
  for (auto rid = closure.drains.rbegin(); rid != closure.drains.rend(); ++rid) {
    push({Task::Kind::drain_name, 0, std::move(*rid)});
  }
  if (op.kind == Operation::Kind::event) {
    commit_event(op);
  } else {
    answer_request(op);
  }
}

void ClientSession::commit_event(Operation& op) {
  Subscription& s = *op.subject;
  const EventPtr event = op.event;
  s.make_progress().blocked_by = nullptr;
  apply(s, event, std::move(op.closure->set));
  finish(op);
}

void ClientSession::answer_request(Operation& op) {
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
  } else {
    reply(op.id, form, nullptr, {}, rid, std::move(op.closure->set));
    if (op.kind != Operation::Kind::get) holdings_.subscribe(s);
  }
  if (!op.others.empty()) return answer_next(op);
  finish(op);
  let_go();
}

// Each get of those that have joined is answered with what is true in its turn.
void ClientSession::answer_next(Operation& op) {
  op.id = op.others.pop();
  op.phase = Operation::Phase::loading;
  op.closure = nullptr;
  push({Task::Kind::proceed, op.key});
}

void ClientSession::refuse(Operation& op, const ErrorPtr& reason) {
  reply(op.id, ReplyForm::error, reason);
  while (!op.others.empty()) reply(op.others.pop(), ReplyForm::error, reason);
  finish(op);
}

// The client may not read the resource. A call that led there has succeeded all the same, so its answer has the error
// in place of the resource.
void ClientSession::deny(Operation& op, const ErrorPtr& reason) {
  if (op.kind != Operation::Kind::resource_reply) return refuse(op, reason);
  const RidPtr rid = op.subject->rid;
  reply(op.id, ReplyForm::resource, nullptr, {}, rid, ResourceSet{SetEntry{rid, nullptr, reason}});
  finish(op);
}

}  // namespace resflow
