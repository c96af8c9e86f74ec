#include "tools/gateway/lane_tables.hpp"

#include <string>
#include <utility>

namespace resflow {

namespace {

template <typename Number>
AdminCell number(Number value) {
  return static_cast<std::int64_t>(value);
}

std::string id_of(ConnId conn) {
  return std::to_string(conn.lane) + '-' + std::to_string(conn.slot) + '-' + std::to_string(conn.generation);
}

std::string name_of(ResourceState::Kind kind) {
  switch (kind) {
    case ResourceState::Kind::model:
      return "model";
    case ResourceState::Kind::collection:
      return "collection";
    case ResourceState::Kind::loading:
      break;
  }
  return "loading";
}

}  // namespace

bool LaneTables::step(const Lane& lane, const WebServer& server) {
  if (auto wanted = wanted_.take()) {
    scan_.emplace(std::move(*wanted));
    begin(lane);
  }
  if (!scan_) return false;
  const bool connections = scan_->table == AdminTable::connections;
  for (std::size_t i = 0; i < kStep; ++i, ++scan_->next) {
    if (scan_->next >= (connections ? server.slots() : scan_->resources.size())) {
      Scan done = std::move(*scan_);
      scan_.reset();
      done.take(std::move(done.rows));
      return false;
    }
    connections ? add_connection(lane, server) : add_resource(lane);
  }
  return true;
}

void LaneTables::begin(const Lane& lane) {
  if (scan_->table == AdminTable::connections) return;
  scan_->resources = lane.some_resources(kMaxResources);
  if (scan_->resources.size() == kMaxResources) scan_->rows.cut_short();
}

// Adds the row of the connection in slot number scan_->next of the server, or nothing if that slot is free. The cells
// of the row have the order of admin_columns() (io/operator/admin_table.hpp).
void LaneTables::add_connection(const Lane& lane, const WebServer& server) {
  const auto look = server.look(scan_->next);
  if (!look) return;
  const ClientState state = lane.client_state(look->conn);
  scan_->rows.add({id_of(look->conn), look->websocket ? "WebSocket" : "HTTP", look->address, number(look->conn.lane),
                   number(look->age_ms), number(state.subscriptions), number(state.outbox_frames),
                   number(state.outbox_bytes), number(look->bytes_in), number(look->bytes_out)});
}

void LaneTables::add_resource(const Lane& lane) {
  const ResourceId id = scan_->resources[scan_->next];
  auto state = lane.resource_state(id);
  if (!state) return;
  scan_->rows.add({std::move(state->rid), name_of(state->kind), number(state->size), number(state->subscribers),
                   number(lane_of(id))});
}

}  // namespace resflow
