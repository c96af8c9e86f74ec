// Identities that travel through the pipeline: connections, lanes, requests, cached resources, subscriptions; and which
// of their bits mean what. Pure values; any thread.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

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

// A number that identifies something of one kind, which Tag names. Kinds do not convert into each other, nor does a
// variable number become an id by itself; a literal does. 0 is none.
template <typename Tag>
class Id {
 public:
  constexpr Id() = default;
  consteval Id(std::uint64_t literal) : value_(literal) {}
  static constexpr Id from(std::uint64_t value) {
    Id id;
    id.value_ = value;
    return id;
  }

  constexpr std::uint64_t value() const { return value_; }
  constexpr explicit operator bool() const { return value_ != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::uint64_t value_ = 0;
};

// For hash tables. The numbers are the gateway's own, so nobody chooses where they meet.
struct IdHash {
  template <typename Tag>
  std::size_t operator()(Id<Tag> id) const noexcept {
    return static_cast<std::size_t>(id.value());
  }
};

// An id whose upper 8 bits are a lane: ids of different lanes never meet.
template <typename Tag>
constexpr LaneId lane_of(Id<Tag> id) {
  return static_cast<LaneId>(id.value() >> 56);
}
template <typename AnyId>
constexpr AnyId in_lane(LaneId lane, std::uint64_t serial) {
  return AnyId::from((std::uint64_t{lane} << 56) | serial);
}

// A cached resource (or normalized query of one), unique for the life of the process. Its lane is the one that owns the
// resource.
using ResourceId = Id<struct ResourceTag>;

// A request to a service, unique within its lane. The lane is the one that asks (it comes back as the last token of the
// reply subject).
using ServiceRequestId = Id<struct ServiceRequestTag>;

// A subscription that waits for its resource's state, from Subscribe to LoadResult: unique in all lanes, never used
// again. The lane is the one that waits.
using Ticket = Id<struct TicketTag>;

// What many requests to services come from, of which only so many may be under way at once. The lane is the one that
// keeps the count; the bit below it is the kind.
using ThrottleId = Id<struct ThrottleTag>;

enum class ThrottleKind : std::uint8_t {
  reset,      // a system reset
  reference,  // a client's request, whose references are followed
};

inline ThrottleId throttle_id(ThrottleKind kind, LaneId lane, std::uint64_t serial) {
  return in_lane<ThrottleId>(lane, (static_cast<std::uint64_t>(kind) << 55) | serial);
}

inline ThrottleKind kind_of(ThrottleId id) {
  return static_cast<ThrottleKind>((id.value() >> 55) & 1);
}

// A subscription at the messaging system. What it is for is in the two upper bits, so that decode knows a message by
// its handle alone; below them it has the serial number of a resource name, or the connection.
using SubscriptionHandle = Id<struct SubscriptionTag>;

enum class HandleKind : std::uint8_t { system = 0, resource = 1, connection = 2 };

inline HandleKind handle_kind(SubscriptionHandle handle) {
  return static_cast<HandleKind>(handle.value() >> 62);
}

// The subscriptions to system events, of which each lane has one.
inline constexpr SubscriptionHandle kSystemHandle = 0;

// The events of a resource name. The cache knows the name by this number for as long as it keeps it.
inline SubscriptionHandle resource_handle(LaneId lane, std::uint64_t serial) {
  return SubscriptionHandle::from((std::uint64_t{1} << 62) | (std::uint64_t{lane} << 48) | serial);
}

// The events of a connection. Slots and generations beyond 27 bits do not occur: the first is bounded by open files,
// the second wraps there.
inline constexpr std::uint32_t kConnBits = 27;
inline constexpr std::uint32_t kConnMask = (1u << kConnBits) - 1;

inline SubscriptionHandle connection_handle(ConnId conn) {
  return SubscriptionHandle::from((std::uint64_t{2} << 62) | (std::uint64_t{conn.lane} << (2 * kConnBits)) |
                                  (std::uint64_t{conn.generation & kConnMask} << kConnBits) | (conn.slot & kConnMask));
}

inline ConnId connection_of(SubscriptionHandle handle) {
  const std::uint64_t bits = handle.value();
  return ConnId{static_cast<std::uint32_t>(bits & kConnMask),
                static_cast<std::uint32_t>((bits >> kConnBits) & kConnMask),
                static_cast<LaneId>((bits >> (2 * kConnBits)) & 0xff)};
}

}  // namespace resflow

template <>
struct std::hash<resflow::ConnId> {
  std::size_t operator()(const resflow::ConnId& id) const noexcept {
    return std::hash<std::uint64_t>{}((std::uint64_t{id.generation} << 32) ^ id.slot ^ (std::uint64_t{id.lane} << 56));
  }
};
