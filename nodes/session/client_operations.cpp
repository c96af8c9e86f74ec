// Operations of a client's session. An operation first loads its closure: all resources that its message will make the
// client hold, with everything they refer to. Then it is committed in one step, with one message that carries the whole
// closure ("Resource set": "any subscribed resource previously not subscribed by the client"). The work is done in
// slices, but between two slices the session handles no other message of the client. Part of ClientSession.
#include <algorithm>

#include "nodes/base/check.hpp"
#include "nodes/session/session.hpp"

namespace resflow {

namespace {

template <typename Operations>
void erase_value(Operations& operations, const Operation* op) {
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

// Keeps the subscription until the operation is finished.
void ClientSession::pin(Operation& op, Subscription& s) {
  ++s.pins;
  op.pins.push_back(&s);
}

// Removes the operation, whether it succeeded or not, and everything that refers to it.
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

// Lets a resource that failed or was deleted be loaded again, because the client asks for it directly.
void ClientSession::refresh(Subscription& s) {
  if (s.state == SubscriptionState::deleted || (s.state == SubscriptionState::failed && s.held)) {
    s.state = SubscriptionState::idle;
    s.make_progress().error = nullptr;
  }
}

// Visits the resources that the operation needs and the client does not have, in the order in which they are named, and
// asks the cache for them. At most `most_loading` are loaded at a time, so that their answers do not delay everybody
// else's; each answer makes room for another. Returns false if the client's share of the turn is used up.
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

// Handles a resource that is beyond the client's limit of subscriptions. A request is refused. An event cannot be
// refused, since it has happened: the client gets an error in place of the resource. At twice the limit the client is
// closed.
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

// Makes the operation wait for the resource, and starts to load it if that has not begun. All resources that are loaded
// for one operation share one throttle.
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
    doubt_verdict(s);
  } else {
    s.state = SubscriptionState::loaded;
    progress.snapshot = m.snapshot;
    if (!s.linked()) context_.link(s, m.resource);
  }
  // All operations go on with their walks first. The complete ones proceed after that, since the commit of one may end
  // others.
  OperationKeys keys;
  for (Operation* op : progress.loaders) {  // none is added here, since the resource is not loading any more
    RESFLOW_DEBUG_CHECK(op->waiting > 0);
    --op->waiting;
    if (m.snapshot) add_to_walk(*op, m.snapshot);
    if (!visit(*op) || op->waiting == 0 || op->refused) keys.push_back(op->key);
  }
  progress.loaders.clear();
  try_to_proceed(keys);
}

// Goes on with the operations: at once if there is only one and the session is free, else as tasks. Mostly there is
// one.
void ClientSession::try_to_proceed(const OperationKeys& keys) {
  if (keys.empty()) return;
  if (keys.size() > 1 || agenda_ || !may_work()) return push_proceed(keys);
  Operation* op = operations_.find(keys.front());
  if (op != nullptr && !proceed(*op)) push({Task::Kind::proceed, keys.front()});
}

// Takes the operation through its phases as far as possible; the operation may be finished and deleted then. Returns
// false if the client's share of the turn is used up.
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

// Begins to put the closure together. Returns false if the operation has to wait or has been refused. The answer to a
// request waits while the client does not read.
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

// Collects the part of the closure that the client does not have. The client may have let go of a resource that it
// still had when the walk passed it; then the operation waits until that resource is loaded. Returns false if the
// client's share of the turn is used up.
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

// Makes the client hold the closure, and fills the resource set that it is sent. A plain get only fills the set.
// Returns false if the client's share of the turn is used up.
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

// Gives one resource of the closure to the client. From now on the references of its state count, and its events are
// sent.
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

// Sends the message of an operation whose closure is complete. Events that wait on its resources are handled after
// that.
void ClientSession::commit(Operation& op) {
  Closure& closure = *op.closure;
  RESFLOW_CHECK(op.waiting == 0 && !op.judging);
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

// Starts over for the next get that has joined this operation, so that each get is answered with the state of its time.
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

// Ends an operation because the client may not read the resource. If the resource came from a call, the call has
// succeeded all the same, so its answer has the error in place of the resource.
void ClientSession::deny(Operation& op, const ErrorPtr& reason) {
  if (op.kind != Operation::Kind::resource_reply) return refuse(op, reason);
  const RidPtr rid = op.subject->rid;
  reply(op.id, ReplyForm::resource, nullptr, {}, rid, ResourceSet{SetEntry{rid, nullptr, reason}});
  finish(op);
}

}  // namespace resflow
