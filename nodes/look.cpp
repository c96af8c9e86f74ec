// What one client or one resource is like at present, for whoever looks at them; nothing is decided by it.
#include <algorithm>

#include "nodes/merge.hpp"
#include "nodes/session.hpp"
#include "nodes/write.hpp"

namespace resflow {

std::size_t Session::subscription_count(ConnId conn) const {
  if (conn.slot >= clients_.size() || !clients_[conn.slot] || clients_[conn.slot]->conn() != conn) return 0;
  return clients_[conn.slot]->subscription_count();
}

void Write::add_outbox(ConnId conn, ClientState& state) const {
  if (conn.slot >= boxes_.size() || boxes_[conn.slot].conn != conn) return;
  state.outbox_frames += boxes_[conn.slot].frames.size();
  state.outbox_bytes += boxes_[conn.slot].event_bytes + boxes_[conn.slot].answer_bytes;
}

std::vector<ResourceId> Merge::some_resources(std::size_t at_most) const {
  std::vector<ResourceId> ids;
  ids.reserve(std::min(at_most, resources_.size()));
  for (const auto& [id, resource] : resources_) {
    if (ids.size() == at_most) break;
    ids.push_back(id);
  }
  return ids;
}

std::optional<ResourceState> Merge::state_of(ResourceId id) const {
  const auto it = resources_.find(id);
  if (it == resources_.end()) return std::nullopt;
  const CachedResource& r = *it->second;
  ResourceState s;
  s.rid = r.name->name;
  if (!r.query().empty()) s.rid.append("?").append(r.query());
  if (r.loaded()) {
    s.kind = r.is_model() ? ResourceState::Kind::model : ResourceState::Kind::collection;
    s.size = r.size();
  }
  if (r.loading) s.subscribers = r.loading->waiting.size();
  for (const CachedResource::LaneCount& lane : r.lanes) s.subscribers += lane.subscribers;
  return s;
}

}  // namespace resflow
