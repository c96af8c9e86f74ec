// Functions that tell the admin page what is cached at present. They run on the thread of the lane, and change nothing.
#include <algorithm>

#include "nodes/cache/cache.hpp"

namespace resflow {

std::vector<ResourceId> Cache::some_resources(std::size_t at_most) const {
  std::vector<ResourceId> ids;
  ids.reserve(std::min(at_most, resources_.size()));
  for (const auto& [id, resource] : resources_) {
    if (ids.size() == at_most) break;
    ids.push_back(id);
  }
  return ids;
}

std::optional<ResourceState> Cache::state_of(ResourceId id) const {
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
