// Identities that travel through the pipeline: connections, lanes, requests, cached resources.
// Pure values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace resflow {

// A lane is a thread with its own loop and graph; lanes are numbered from 0.
using LaneId = std::uint8_t;
inline constexpr std::size_t kMaxLanes = 64;

// One client connection. The generation tells a reused slot from the connection that had it before, so a late message
// for a closed connection finds nobody.
struct ConnId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  LaneId lane = 0;

  friend bool operator==(const ConnId&, const ConnId&) = default;
};

// A cached resource (or normalized query of one), unique for the life of the process; 0 is none. The lane that owns the
// resource is in the upper 8 bits, so that ids of different lanes never meet.
using ResourceId = std::uint64_t;

// Of any number that has its lane in the upper 8 bits; and such a number.
inline LaneId lane_of(std::uint64_t id) {
  return static_cast<LaneId>(id >> 56);
}
inline std::uint64_t in_lane(LaneId lane, std::uint64_t serial) {
  return (std::uint64_t{lane} << 56) | serial;
}

// A request to a service, unique within its lane; 0 is none. The lane is in the upper 8 bits (it comes back as the last
// token of the reply subject).
using ServiceRequestId = std::uint64_t;

// A subscription that waits for its resource's state, from Subscribe to Loaded: unique in all lanes, never used again;
// 0 is none. The lane that waits is in the upper 8 bits.
using Ticket = std::uint64_t;

// What many requests to services come from, of which only so many may be under way at once; 0 is nothing of the kind.
// The lane that keeps the count is in the upper 8 bits, the kind in the bit below.
using ThrottleId = std::uint64_t;

enum class ThrottleKind : std::uint8_t {
  reset,      // a system reset
  reference,  // a client's request, whose references are followed
};

inline ThrottleId throttle_id(ThrottleKind kind, LaneId lane, std::uint64_t serial) {
  return in_lane(lane, (static_cast<std::uint64_t>(kind) << 55) | serial);
}

inline ThrottleKind kind_of(ThrottleId id) {
  return static_cast<ThrottleKind>((id >> 55) & 1);
}

}  // namespace resflow

template <>
struct std::hash<resflow::ConnId> {
  std::size_t operator()(const resflow::ConnId& id) const noexcept {
    return std::hash<std::uint64_t>{}((std::uint64_t{id.generation} << 32) ^ id.slot ^ (std::uint64_t{id.lane} << 56));
  }
};
