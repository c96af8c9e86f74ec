#include "io/web/connection.hpp"

#include "nodes/protocol/ids.hpp"

namespace resflow {

void DeadlineQueue::push(Connection& connection, std::uint64_t now_ms) {
  connection.queue = this;
  connection.deadline = now_ms + wait_ms_;
  connection.previous = last_;
  connection.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &connection;
  last_ = &connection;
}

void DeadlineQueue::remove(Connection& connection) {
  (connection.previous == nullptr ? first_ : connection.previous->next) = connection.next;
  (connection.next == nullptr ? last_ : connection.next->previous) = connection.previous;
  connection.previous = nullptr;
  connection.next = nullptr;
  connection.queue = nullptr;
}

Connection* DeadlineQueue::pop_due(std::uint64_t now_ms) {
  Connection* connection = first_;
  if (connection == nullptr || connection->deadline > now_ms) return nullptr;
  remove(*connection);
  return connection;
}

Connection& ConnectionTable::acquire() {
  ++in_use_;
  if (free_.empty()) {
    Connection& connection = slots_.emplace_back();
    connection.slot = static_cast<std::uint32_t>(slots_.size() - 1);
    return connection;
  }
  Connection& connection = slots_[free_.back()];
  free_.pop_back();
  return connection;
}

void ConnectionTable::release(Connection& connection) {
  const std::uint32_t slot = connection.slot;
  renew(connection);
  const std::uint32_t generation = connection.generation;
  connection = Connection();
  connection.slot = slot;
  connection.generation = generation;
  free_.push_back(slot);
  --in_use_;
}

// The generation wraps, so that it fits into the bits that a subscription handle has for it (nodes/protocol/ids.hpp).
void ConnectionTable::renew(Connection& connection) {
  connection.generation = (connection.generation + 1) & kConnMask;
}

Connection* ConnectionTable::find(ConnId id) {
  if (id.lane != lane_ || id.slot >= slots_.size()) return nullptr;
  Connection& connection = slots_[id.slot];
  const bool same = connection.generation == id.generation && connection.state != ConnectionState::free;
  return same ? &connection : nullptr;
}

}  // namespace resflow
