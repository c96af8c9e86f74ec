// A snapshot is one state of a resource in the form that is sent to clients. No I/O and no shared state; any thread may
// use it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/service_protocol.hpp"

namespace resflow {

// The cache makes a snapshot once, and all lanes and clients that get this state share it. Immutable.
struct Snapshot {
  bool is_model = true;
  std::uint32_t size = 0;                          // number of properties or values
  std::string text;                                // JSON
  std::unique_ptr<const std::string> legacy_text;  // for clients before RES protocol 1.2.1; null if it equals `text`
  std::vector<RidPtr> references;  // in the order of the text; the same reference may be there several times

  // Returns the text for a client; `legacy` means a client before RES protocol 1.2.1.
  const std::string& text_for(bool legacy) const { return legacy && legacy_text ? *legacy_text : text; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

Snapshot make_snapshot(const Resource& resource);

}  // namespace resflow
