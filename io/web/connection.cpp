#include "io/web/connection.hpp"

#include <libwebsockets.h>

#include "nodes/protocol/ids.hpp"

namespace resflow {

bool has_backlog(const Connection& connection) {
  return lws_partial_buffered(connection.wsi) != 0;
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

// Gives the connection a new id, by adding 1 to its generation, a number that is a part of the id. The old id does not
// find the connection any more. A generation has kConnBits bits (nodes/protocol/ids.hpp); after the largest value comes
// 0.
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
