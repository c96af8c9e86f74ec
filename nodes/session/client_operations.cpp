#include "nodes/session/client_operations.hpp"

#include "nodes/base/check.hpp"
#include "nodes/session/client_loading.hpp"

namespace resflow {

// Continues the operations with these keys. Usually there is only one, and it is continued at once. If there are
// several, if earlier work is left over, or if the client's share of work is used up, makes each operation a task for
// later.
void ClientOperations::try_to_proceed(const OperationKeys& keys) {
  if (keys.empty()) return;
  if (keys.size() > 1 || client_.work.is_left() || !client_.work.may_work()) return client_.work.push_proceed(keys);
  Operation* op = client_.records.find_operation(keys.front());
  if (op != nullptr && !proceed(*op)) client_.work.push({Task::Kind::proceed, keys.front()});
}

bool ClientOperations::proceed(Operation& op) {
  if (!ClientLoading(client_).visit(op)) return false;
  if (op.phase == Operation::Phase::loading && !start_collecting(op)) return true;
  if (op.phase == Operation::Phase::collecting && !collect(op)) return false;
  if (op.phase == Operation::Phase::giving) {
    if (!give(op)) return false;
    commit(op);
  }
  return true;
}

// Begins to collect the closure: all resources that the operation's message to the client must contain. Returns false
// if the operation must wait for a resource or an access check, or if it was refused with an error. The answer to a
// request also waits while the client does not read from its connection.
bool ClientOperations::start_collecting(Operation& op) {
  if (op.awaits_verdict) return false;
  if (op.refused) {
    refuse(op, op.refused);
    return false;
  }
  if (op.waiting > 0) return false;
  if (client_.output.unread() && op.kind != Operation::Kind::event) {
    client_.output.park(op.key);
    return false;
  }
  op.phase = Operation::Phase::collecting;
  op.serial = client_.session.next_serial();
  op.closure = std::make_unique<Closure>();
  auto& walk = op.closure->to_collect;
  if (op.kind != Operation::Kind::event) {
    walk.push_back(op.subject);
  } else {
    for (const RidPtr& rid : op.event->added) walk.push_back(&client_.records.obtain(rid));
  }
  return true;
}

// Collects the closure: the resources that the message must contain, without those that the client has already. If one
// of them is no longer loaded, loads it again: the operation then goes back to the phase `loading`. Returns false if
// the client has used up its share of work in this turn of the event loop.
bool ClientOperations::collect(Operation& op) {
  Closure& closure = *op.closure;
  while (!closure.to_collect.empty()) {
    if (!client_.work.may_work()) return false;
    client_.work.spend(1);
    Subscription& s = *closure.to_collect.back();
    closure.to_collect.pop_back();
    if (s.sent() || s.visit == op.serial) continue;
    s.visit = op.serial;
    if (s.state == SubscriptionState::loaded) {
      for (const RidPtr& rid : s.progress().snapshot->references) {
        closure.to_collect.push_back(&client_.records.obtain(rid));
        closure.references.push_back(closure.to_collect.back());
      }
    } else if (s.state != SubscriptionState::failed) {
      ClientLoading(client_).want(op, s);
      closure.all_loaded = false;
      continue;
    }
    closure.fresh.push_back(&s);
  }
  op.phase = closure.all_loaded ? Operation::Phase::giving : Operation::Phase::loading;
  if (!closure.all_loaded) op.closure = nullptr;
  return true;
}

// Puts the collected resources into the message, and records that the client is subscribed to them from now on. For a
// RES get request, which reads without subscribing, records nothing. Returns false if the client has used up its share
// of work in this turn of the event loop.
bool ClientOperations::give(Operation& op) {
  const bool request = op.kind != Operation::Kind::event;
  if (request && op.subject->state == SubscriptionState::failed) return true;  // the answer is only the error
  const bool holds = op.kind != Operation::Kind::get;
  Closure& closure = *op.closure;
  for (; holds && closure.held < closure.fresh.size(); ++closure.held) {
    if (!client_.work.may_work()) return false;
    client_.work.spend(1);
    Subscription& s = *closure.fresh[closure.held];
    if (s.held) client_.records.unrefer_all(s);
    s.held = true;
  }
  closure.set.reserve(closure.fresh.size());
  for (; closure.set.size() < closure.fresh.size();) {
    if (!client_.work.may_work()) return false;
    client_.work.spend(1);
    Subscription& s = *closure.fresh[closure.set.size()];
    if (holds) {
      give(closure, s);
    } else {
      closure.add(s.rid, s.progress().snapshot, s.progress().error);
    }
  }
  return true;
}

// Adds one resource to the message that the operation will send to the client. From now on, the client gets the
// resource's events. Also counts the references in the resource's state: by each of them, the client is subscribed to
// another resource.
void ClientOperations::give(Closure& closure, Subscription& s) {
  Progress& progress = s.make_progress();
  if (progress.snapshot) {
    const std::size_t count = progress.snapshot->references.size();
    s.references.reserve(count);
    for (std::size_t i = 0; i < count; ++i) client_.records.refer(s, *closure.references[closure.referred++]);
    s.state = SubscriptionState::live;
  }
  closure.add(s.rid, std::exchange(progress.snapshot, nullptr), progress.error);
  if (!progress.waiting.empty() || s.reaccess) closure.drains.push_back(s.rid);
}

// Sends the operation's message to the client; it is complete now. Events of the resources in the message had to wait
// until it was sent: makes the tasks that send these events later.
void ClientOperations::commit(Operation& op) {
  Closure& closure = *op.closure;
  RESFLOW_CHECK(op.waiting == 0 && !op.awaits_verdict);
  client_.work.spend(WorkShares::units_of_bytes(closure.text_bytes));
  if (op.kind == Operation::Kind::event) closure.drains.push_back(op.subject->rid);
  for (auto rid = closure.drains.rbegin(); rid != closure.drains.rend(); ++rid) {
    client_.work.push({Task::Kind::drain_name, 0, std::move(*rid)});
  }
  if (op.kind == Operation::Kind::event) {
    commit_event(op);
  } else {
    answer_request(op);
  }
}

void ClientOperations::commit_event(Operation& op) {
  Subscription& s = *op.subject;
  const EventPtr event = op.event;
  s.make_progress().blocked_by = nullptr;
  apply(s, event, std::move(op.closure->set));
  client_.records.finish(op);
}

// Sends an event to the client, and updates how many references each resource has. An event may remove a reference and
// add it again. So added references are counted first: otherwise the count could fall to 0 in between, and the client
// would lose the resource.
void ClientOperations::apply(Subscription& s, const EventPtr& event, ResourceSet set) {
  for (const RidPtr& rid : event->added) client_.records.refer(s, client_.records.obtain(rid));
  for (const RidPtr& rid : event->removed) {
    if (Subscription* to = client_.records.find(rid)) client_.records.unrefer(s, *to);
  }
  client_.output.deliver(s, event, std::move(set));
  client_.records.let_go();
}

void ClientOperations::answer_request(Operation& op) {
  Subscription& s = *op.subject;
  const bool names_resource = op.kind == Operation::Kind::resource_reply;
  const ReplyForm form = names_resource ? ReplyForm::resource : ReplyForm::set;
  const RidPtr rid = names_resource ? s.rid : nullptr;
  if (s.state == SubscriptionState::failed) {
    if (!names_resource) {
      client_.output.reply(op.id, ReplyForm::error, s.progress().error);
    } else {
      client_.output.reply(op.id, form, nullptr, {}, rid, ResourceSet{SetEntry{s.rid, nullptr, s.progress().error}});
    }
  } else {
    client_.output.reply(op.id, form, nullptr, {}, rid, std::move(op.closure->set));
    if (op.kind != Operation::Kind::get) client_.records.confirm_direct(s);
  }
  if (!op.others.empty()) return answer_next(op);
  client_.records.finish(op);
  client_.records.let_go();
}

// Several RES get requests of a client for the same resource share one operation, which answers them one by one. Starts
// the operation again for the next request, so that each answer has the resource's latest state.
void ClientOperations::answer_next(Operation& op) {
  op.id = op.others.pop();
  op.phase = Operation::Phase::loading;
  op.closure = nullptr;
  client_.work.push({Task::Kind::proceed, op.key});
}

void ClientOperations::refuse(Operation& op, const ErrorPtr& reason) {
  client_.output.reply(op.id, ReplyForm::error, reason);
  while (!op.others.empty()) client_.output.reply(op.others.pop(), ReplyForm::error, reason);
  client_.records.finish(op);
}

// Answers a request with an error, because the client may not read the resource. If a call has returned this resource,
// the call itself has succeeded: its answer has the resource id, with the error in place of the resource's data.
void ClientOperations::deny(Operation& op, const ErrorPtr& reason) {
  if (op.kind != Operation::Kind::resource_reply) return refuse(op, reason);
  const RidPtr rid = op.subject->rid;
  client_.output.reply(op.id, ReplyForm::resource, nullptr, {}, rid, ResourceSet{SetEntry{rid, nullptr, reason}});
  client_.records.finish(op);
}

}  // namespace resflow
