#include "nodes/session/client_records.hpp"

#include <algorithm>

#include "nodes/base/check.hpp"
#include "nodes/protocol/rid.hpp"

namespace resflow {

namespace {

// Up to this many resources are forgotten immediately. If there are more to forget, a task forgets all of them, which
// may take several turns of the event loop.
constexpr std::size_t kFew = 64;

template <typename Operations>
void erase_value(Operations& operations, const Operation* op) {
  operations.erase(std::remove(operations.begin(), operations.end(), op), operations.end());
}

}  // namespace

Subscription& ClientRecords::obtain(const RidPtr& rid) {
  if (Subscription* known = subscriptions_.find(rid)) return *known;
  return make(rid);
}

Subscription& ClientRecords::make(const RidPtr& rid) {
  return subscriptions_.add(std::make_unique<Subscription>(owner_, rid, expand_cid(rid, identity_.cid())));
}

// Called when a subscription ends. If it still waits for its resource, tells the cache that no answer is needed: sends
// a Withdraw. But the cache may have answered already, so that its answer waits in the client's inbox. The cache then
// also sends the resource's events. In this case, sends an Unsubscribe instead, to stop the events.
void ClientRecords::withdraw(Subscription& s) {
  if (s.state != SubscriptionState::loading) return;
  session_.take_back(s.progress().ticket);
  if (s.linked()) return session_.unlink(s, true);
  session_.out().cache.emplace_back(Withdraw{s.target, s.progress().ticket});
}

void ClientRecords::forget_state(Subscription& s) {
  const bool loading = s.state == SubscriptionState::loading;
  if (s.linked() && !loading) session_.unlink(s, true);
  s.access.cancel_recheck();
  if (!loading) s.assume_reaccess();
  if (Operation* blocked_by = s.progress().blocked_by) finish(*blocked_by);
  if (!loading) s.state = SubscriptionState::idle;
  if (s.at_rest()) return;
  Progress& progress = s.make_progress();
  progress.snapshot = nullptr;
  progress.error = nullptr;
  progress.waiting.clear();
}

void ClientRecords::drop_if_unused(Subscription& s) {
  if (s.held || s.pins > 0) return s.settle();
  forget_state(s);
  withdraw(s);
  if (s.access.is_known()) session_.out().authorize.emplace_back(Release{identity_.conn, s.rid});
  subscriptions_.remove(s.rid);
}

Operation& ClientRecords::start(Operation::Kind kind, Subscription& subject) {
  auto op = std::make_unique<Operation>();
  op->kind = kind;
  op->key = session_.next_serial();
  op->serial = session_.next_serial();
  op->subject = &subject;
  pin(*op, subject);
  return operations_.add(std::move(op));
}

void ClientRecords::pin(Operation& op, Subscription& s) {
  ++s.pins;
  op.pins.push_back(&s);
}

void ClientRecords::finish(Operation& op) {
  const std::unique_ptr<Operation> done = operations_.remove(op.key);
  Subscription& subject = *done->subject;
  if (subject.progress().blocked_by == done.get()) subject.make_progress().blocked_by = nullptr;
  if (subject.progress().getting == done.get()) subject.make_progress().getting = nullptr;
  if (done->kind == Operation::Kind::subscribe || done->kind == Operation::Kind::resource_reply) {
    unwant_direct(subject);
  }
  if (done->awaits_verdict) erase_value(subject.make_progress().awaiting_verdict, done.get());
  if (done->waiting > 0) {
    for (Subscription* s : done->pins) {
      if (s->progress().loaders.empty()) continue;
      erase_value(s->make_progress().loaders, done.get());
    }
  }
  unpin(std::move(done->pins));
}

void ClientRecords::want_direct(Subscription& s) {
  if (s.direct + s.pending_direct++ == 0) ++direct_;
}

void ClientRecords::unwant_direct(Subscription& s) {
  RESFLOW_CHECK(s.pending_direct > 0 && direct_ > 0);
  if (s.direct + --s.pending_direct == 0) --direct_;
}

void ClientRecords::unsubscribe(Subscription& s, std::uint32_t count) {
  holdings_.unsubscribe(s, count);
  if (s.direct + s.pending_direct == 0) --direct_;
}

void ClientRecords::let_go() {
  if (!work_.may_work()) return work_.push({Task::Kind::let_go});
  const std::vector<Held*> collected = holdings_.collect();
  work_.spend(holdings_.traced());
  if (collected.empty()) return;
  Task task{Task::Kind::forget_gone};
  task.list.reserve(collected.size());
  for (Held* item : collected) {
    auto* s = static_cast<Subscription*>(item);
    ++s->pins;
    task.list.push_back(s);
  }
  if (task.list.size() > kFew) return work_.push(std::move(task));
  for (Subscription* s : task.list) forget_state(*s);
  unpin(std::move(task.list));
}

// Takes one pin off each subscription of the list, and removes the subscriptions that nothing needs any more. A pin
// keeps a subscription from being removed. A subscription with two pins is in the list twice.
void ClientRecords::unpin(Subscriptions&& pins) {
  if (pins.size() > kFew) return work_.push({Task::Kind::unpin, 0, nullptr, nullptr, std::move(pins)});
  work_.spend(pins.size());
  for (Subscription* s : pins) {
    RESFLOW_DEBUG_CHECK(s->pins > 0);
    --s->pins;
    drop_if_unused(*s);
  }
}

void ClientRecords::go_through(Task&& task) {
  for (; task.done < task.list.size(); ++task.done) {
    if (!work_.may_work()) return work_.push(std::move(task));
    Subscription& s = *task.list[task.done];
    if (task.kind == Task::Kind::forget_gone) {
      forget_state(s);
    } else {
      --s.pins;
      drop_if_unused(s);
    }
    work_.spend(1);
  }
  if (task.kind != Task::Kind::forget_gone) return;
  task.kind = Task::Kind::unpin;
  task.done = 0;
  work_.push(std::move(task));
}

bool ClientRecords::release() {
  while (!subscriptions_.empty()) {
    if (!work_.may_work()) return false;
    const std::unique_ptr<Subscription> s = subscriptions_.take_last();
    withdraw(*s);
    if (s->linked()) session_.unlink(*s, true);
    work_.spend(1);
  }
  return true;
}

}  // namespace resflow
