// One state of a resource, as clients are told of it. Made once, shared by all who are told; pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/service_protocol.hpp"

namespace resflow {

// One state of a resource, immutable: its text and the resources it refers to (an entry for each reference, in order).
struct Snapshot {
  bool is_model = true;
  std::uint32_t size = 0;  // properties or values
  std::string text;
  std::unique_ptr<const std::string> legacy_text;  // for clients before 1.2.1; null when it is the same
  std::vector<RidPtr> references;

  const std::string& text_for(bool legacy) const { return legacy && legacy_text ? *legacy_text : text; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

Snapshot make_snapshot(const Resource& resource);

}  // namespace resflow
