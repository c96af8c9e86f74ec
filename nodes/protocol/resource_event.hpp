// An event of a resource, as clients are told of it (RES-Client protocol, "Events"). Made once, shared by all who are
// told; pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nodes/protocol/error.hpp"
#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/rid.hpp"

namespace resflow {

enum class EventKind : std::uint8_t { change, add, remove, deleted, custom, reaccess, unsubscribe };

// An event, immutable and shared by all it is sent to.
struct ResourceEvent {
  EventKind kind = EventKind::custom;
  std::string name;
  std::string data;             // JSON text; empty when there is none
  std::string legacy_data;      // for clients before 1.2.1; empty when it is the same
  std::vector<RidPtr> added;    // references that the resource gains,
  std::vector<RidPtr> removed;  // and loses by the event
  ThrottleId throttle = 0;      // of a reaccess event
  ErrorPtr reason = nullptr;    // of a delete event: why subscriptions end, if not because the resource was deleted

  const std::string& data_for(bool legacy) const { return legacy && !legacy_data.empty() ? legacy_data : data; }
  bool changes_references() const { return !added.empty() || !removed.empty(); }
};
using EventPtr = std::shared_ptr<const ResourceEvent>;

}  // namespace resflow
