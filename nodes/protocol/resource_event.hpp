// An event of a resource in the form that is sent to clients (RES-Client protocol, "Events"). Plain data; any thread
// may use it.
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

// An event is made once. It is immutable from then on, and shared by all lanes and clients that it is sent to.
struct ResourceEvent {
  EventKind kind = EventKind::custom;
  std::string name;
  std::string data;             // JSON text; empty if the event has no data
  std::string legacy_data;      // data for clients with RES protocol below 1.2.1; empty if it is the same as `data`
  std::vector<RidPtr> added;    // ids of the resources to which the event adds a reference
  std::vector<RidPtr> removed;  // ids of the resources to which the event removes a reference
  ThrottleId throttle = 0;      // for reaccess ("access has changed"): limits how many access requests run at once
  // Only for a delete event. Null: the service has deleted the resource. Otherwise: the error because of which the
  // gateway gets no more events of the resource.
  ErrorPtr reason = nullptr;

  // Returns the data for a client. `legacy`: the client speaks a version of the RES protocol below 1.2.1.
  const std::string& data_for(bool legacy) const { return legacy && !legacy_data.empty() ? legacy_data : data; }
  bool changes_references() const { return !added.empty() || !removed.empty(); }
};
using EventPtr = std::shared_ptr<const ResourceEvent>;

}  // namespace resflow
