// Handles of service subscriptions: what they are for is in the two upper bits, so that decode knows a message by its
// handle alone. Pure.
#pragma once

#include <cstdint>

#include "nodes/protocol/ids.hpp"

namespace resflow {

enum class HandleKind : std::uint8_t { system = 0, resource = 1, connection = 2 };

inline HandleKind handle_kind(std::uint64_t handle) {
  return static_cast<HandleKind>(handle >> 62);
}

inline std::uint64_t resource_handle(std::uint64_t serial) {
  return (std::uint64_t{1} << 62) | serial;
}

// Slots and generations beyond 27 bits do not occur: the first is bounded by open files, the second wraps there.
inline constexpr std::uint32_t kConnBits = 27;
inline constexpr std::uint32_t kConnMask = (1u << kConnBits) - 1;

inline std::uint64_t connection_handle(ConnId conn) {
  return (std::uint64_t{2} << 62) | (std::uint64_t{conn.lane} << (2 * kConnBits)) |
         (std::uint64_t{conn.generation & kConnMask} << kConnBits) | (conn.slot & kConnMask);
}

inline ConnId connection_of(std::uint64_t handle) {
  return ConnId{static_cast<std::uint32_t>(handle & kConnMask),
                static_cast<std::uint32_t>((handle >> kConnBits) & kConnMask),
                static_cast<LaneId>((handle >> (2 * kConnBits)) & 0xff)};
}

inline constexpr std::uint64_t kSystemHandle = 0;

}  // namespace resflow
