// How a client's session takes messages and does the work that they lead to: in order, in slices, without recursion.
// Part of ClientSession; called by Session on its lane only.
#include "nodes/session/session.hpp"

namespace resflow {

void ClientSession::handle(Boxed<Request>&& m) {
  request(std::move(m));
}

void ClientSession::handle(Boxed<CallReply>&& m) {
  call_reply(std::move(m));
}

void ClientSession::handle(Boxed<TokenSet>&& m) {
  token_set(std::move(m->event));
}

void ClientSession::handle(WaitingLoadResult&& m) {
  Subscription* s = context_.redeem(m.ticket);
  if (s == nullptr) return;  // the subscription does not wait any more
  loaded(*s, LoadResult{{}, m.resource, std::move(m.snapshot), std::move(m.error)});
}

void ClientSession::take_unread(Unread&& m) {
  unread_ = m.on;
  if (!m.on || !agenda_) take(std::move(m));
}

// Gives the answers that have waited for the client to read, unless it has stopped reading again.
void ClientSession::handle(Unread&&) {
  if (unread_) return;
  OperationKeys keys;
  while (!parked_.empty()) keys.push_back(parked_.pop());
  push_proceed(keys);
}

// Handles the LoadResult of a subscription. If the client is gone, the state is given back to the cache.
void ClientSession::take_loaded(Subscription& s, const LoadResult& m) {
  if (ended_) {
    s.state = SubscriptionState::idle;
    if (m.resource != 0) context_.give_back(m.resource);
    return;
  }
  loaded(s, m);
  run();
}

// Puts a message into the inbox. The inbox is bounded: the client waits for no more answers than it has subscriptions,
// and admit limits its requests. Only events can become too many; then the client is closed.
void ClientSession::defer(ClientInput&& m) {
  if (std::holds_alternative<EventFor>(m) && ++agenda_->events > context_.limits().waiting_messages) {
    close("too many messages waiting");
  }
  agenda_->inbox.push(std::move(m));
}

ClientInput ClientSession::take_deferred() {
  ClientInput m = agenda_->inbox.pop();
  if (std::holds_alternative<EventFor>(m)) --agenda_->events;
  return m;
}

void ClientSession::push(Task&& task) {
  if (!agenda_) agenda_ = std::make_unique<Agenda>();
  agenda_->tasks.push_back(std::move(task));
}

// Pushes the operations in reverse order, so that the first one is on top of the stack.
void ClientSession::push_proceed(const OperationKeys& keys) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) push({Task::Kind::proceed, *key});
}

void ClientSession::run() {
  while (agenda_) {
    if (agenda_->tasks.empty() && agenda_->inbox.empty()) {
      agenda_ = nullptr;
    } else if (!may_work()) {
      break;
    } else if (!agenda_->tasks.empty()) {
      step();
    } else {
      std::visit([this](auto&& m) { handle(std::move(m)); }, take_deferred());
    }
  }
  if (agenda_ && !std::exchange(agenda_->scheduled, true)) context_.schedule(conn_);
  tell_standing();
}

void ClientSession::run_again() {
  if (agenda_) agenda_->scheduled = false;
  run();
}

// Tells admit whether the client's next requests have to wait: they do while work is left over, and while the client
// does not read. Also tells it how many requests were answered, as soon as there are enough to report.
void ClientSession::tell_standing() {
  const bool held = unread_ || agenda_;
  if ((held == held_ && answered_ < context_.answers_at_once()) || web_) return;
  held_ = held;
  context_.out().admit.emplace_back(Standing{conn_, std::exchange(answered_, 0), held});
}

// Does the top task, or a slice of it. The task is taken off the stack first, and pushed again if it is not done.
void ClientSession::step() {
  Task task = std::move(agenda_->tasks.back());
  agenda_->tasks.pop_back();
  switch (task.kind) {
    case Task::Kind::proceed: {
      Operation* op = operations_.find(task.key);
      if (op != nullptr && !proceed(*op)) push(std::move(task));
      return;
    }
    case Task::Kind::drain_name:
      if (Subscription* s = find(task.rid)) start_drain(*s);
      return;
    case Task::Kind::let_go:
      return let_go();
    case Task::Kind::drain:
      return drain(std::move(task));
    default:
      return step_through(std::move(task));
  }
}

// Does a task that goes through a list. Pushes it again if the client's share of the turn is used up.
void ClientSession::step_through(Task&& task) {
  for (; task.done < task.list.size(); ++task.done) {
    if (!may_work()) return push(std::move(task));
    Subscription& s = *task.list[task.done];
    if (task.kind == Task::Kind::reset_gone) {
      reset(s);
    } else {
      --s.pins;
      drop_if_unused(s);
    }
    spend(1);
  }
  if (task.kind != Task::Kind::reset_gone) return;
  task.kind = Task::Kind::unpin;
  task.done = 0;
  push(std::move(task));
}

}  // namespace resflow
