#include "nodes/session/client_work.hpp"

namespace resflow {

void ClientWork::push(Task&& task) {
  if (!agenda_) agenda_ = std::make_unique<Agenda>();
  agenda_->tasks.push_back(std::move(task));
}

void ClientWork::push_proceed(const OperationKeys& keys) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) push({Task::Kind::proceed, *key});
}

void ClientWork::stop() {
  if (!agenda_) agenda_ = std::make_unique<Agenda>();
  agenda_->stopped = true;
  agenda_->tasks.clear();
  while (!agenda_->inbox.empty()) agenda_->inbox.pop();
}

bool ClientWork::defer(ClientInput&& m) {
  if (agenda_->stopped) return true;
  const bool fits = !std::holds_alternative<EventFor>(m) || ++agenda_->events <= session_.limits().waiting_messages;
  agenda_->inbox.push(std::move(m));
  return fits;
}

ClientInput ClientWork::take_deferred() {
  ClientInput m = agenda_->inbox.pop();
  if (std::holds_alternative<EventFor>(m)) --agenda_->events;
  return m;
}

Task ClientWork::take_task() {
  Task task = std::move(agenda_->tasks.back());
  agenda_->tasks.pop_back();
  return task;
}

void ClientWork::schedule(ConnId conn) {
  if (agenda_ && !agenda_->stopped && !std::exchange(agenda_->scheduled, true)) session_.schedule(conn);
}

}  // namespace resflow
