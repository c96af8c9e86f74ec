// A snapshot is one state of a resource in the form that is sent to clients. Plain data; any thread may use it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/service_protocol.hpp"

namespace resflow {

// One state of a resource. The cache node makes one snapshot of each state. All lanes (parallel threads of the gateway)
// and clients that get this state share the snapshot. Immutable.
struct Snapshot {
  bool is_model = true;
  std::uint32_t size = 0;  // number of properties or values
  std::string text;        // the state as JSON
  // The text for clients that speak a version of the RES protocol below 1.2.1. Null if it is the same as `text`.
  std::unique_ptr<const std::string> legacy_text;
  // The resources to which the state refers, in the order of the text. The same one may be there several times.
  std::vector<RidPtr> references;

  // Returns the text for a client. `legacy`: the client speaks a version of the RES protocol below 1.2.1.
  const std::string& text_for(bool legacy) const { return legacy && legacy_text ? *legacy_text : text; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

Snapshot make_snapshot(const Resource& resource);

}  // namespace resflow
