// Ids of lanes, connections, requests, cached resources and subscriptions, and the meaning of their bits. Messages
// between the gateway's nodes carry these ids. Plain data; any thread may use it.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace resflow {

// The number of a lane; the first lane has number 0. A lane is a thread with its own event loop and flow graph, which
// serves a part of the connections and resources.
using LaneId = std::uint8_t;
inline constexpr std::size_t kMaxLanes = 64;

// The id of one client connection (or web request). The slot is an index into tables of connections. After a connection
// is closed, a new one may get the same slot, but it has another generation. So a late message for a closed connection
// never reaches the new connection in the same slot.
struct ConnId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  LaneId lane = 0;

  friend bool operator==(const ConnId&, const ConnId&) = default;
};

// A number that identifies an object, such as a request; 0 means no object. The template argument Tag makes ids of
// different kinds different types, which do not convert into each other. A literal converts to an id; a variable needs
// Id::from().
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

// The hash function for tables keyed by an Id. Clients and services cannot choose ids that collide, because the gateway
// itself assigns all ids. So the hash needs no secret seed.
struct IdHash {
  template <typename Tag>
  std::size_t operator()(Id<Tag> id) const noexcept {
    return static_cast<std::size_t>(id.value());
  }
};

// The tags of ids that are unique in the whole gateway derive from InLane. Each lane (thread) makes such ids on its
// own. They never collide, because the upper 8 bits of an id are the number of the lane that made it.
struct InLane {};
struct ResourceTag : InLane {};
struct ServiceRequestTag : InLane {};
struct TicketTag : InLane {};
struct ThrottleTag : InLane {};

// Returns the lane of an id.
template <std::derived_from<InLane> Tag>
constexpr LaneId lane_of(Id<Tag> id) {
  return static_cast<LaneId>(id.value() >> 56);
}
// Makes an id from the number of a lane and a serial number below 2^56.
template <typename AnyId>
constexpr AnyId in_lane(LaneId lane, std::uint64_t serial) {
  return AnyId::from((std::uint64_t{lane} << 56) | serial);
}

// Identifies a cached resource. A resource that clients request with a query ("?limit=10") has its own id for each
// query; but queries that the service declares equivalent share one id. An id is never used again while the process
// runs. The lane in the id is the lane that owns the resource.
using ResourceId = Id<ResourceTag>;

// Identifies a request to a service. The lane in the id is the lane that sends the request. The id is the last token of
// the reply subject, so each reply carries the id.
using ServiceRequestId = Id<ServiceRequestTag>;

// Identifies a client's subscription while it waits for the state of its resource. The wait begins when the session
// node sends the cache node a Subscribe message, and ends when the answer, a LoadResult message, comes. A ticket is
// unique in all lanes and never used again (nodes/session/ticket_table.hpp). The lane in the id is the lane that waits.
using Ticket = Id<TicketTag>;

// Identifies a throttle: a limit on how many requests to services may run at once (nodes/ask/throttle.hpp). It counts
// only requests that have the same cause, such as one system reset event. The upper 8 bits of the id are the lane that
// counts these requests. The next bit is the ThrottleKind.
using ThrottleId = Id<ThrottleTag>;

enum class ThrottleKind : std::uint8_t {
  reset,      // limits the requests to services that one system reset event causes (cached data may be out of date)
  reference,  // limits the get requests that load referenced resources for one request of a client
};

inline ThrottleId throttle_id(ThrottleKind kind, LaneId lane, std::uint64_t serial) {
  return in_lane<ThrottleId>(lane, (static_cast<std::uint64_t>(kind) << 55) | serial);
}

inline ThrottleKind kind_of(ThrottleId id) {
  return static_cast<ThrottleKind>((id.value() >> 55) & 1);
}

// Identifies a NATS subscription of the gateway. The upper two bits are its HandleKind. By it, the decode node knows
// what the messages of the subscription are about:
//
//   system      00, and all other bits are 0
//   resource    01, then the lane (bits 55 to 48) and a serial number (bits 47 to 0)
//   connection  10, then the lane (bits 61 to 54), the generation (bits 53 to 27) and the slot (bits 26 to 0)
using SubscriptionHandle = Id<struct SubscriptionTag>;

enum class HandleKind : std::uint8_t { system = 0, resource = 1, connection = 2 };

inline HandleKind handle_kind(SubscriptionHandle handle) {
  return static_cast<HandleKind>(handle.value() >> 62);
}

// The handle of the subscription to system events, such as system.reset. All lanes get these events, with this handle.
inline constexpr SubscriptionHandle kSystemHandle = 0;

// Makes the handle for the subscription to a resource's events. The cache node also uses the handle as a key, to find
// what it keeps for the resource.
inline SubscriptionHandle resource_handle(LaneId lane, std::uint64_t serial) {
  return SubscriptionHandle::from((std::uint64_t{1} << 62) | (std::uint64_t{lane} << 48) | serial);
}

// A subscription handle stores the slot of a connection in kConnBits bits, and its generation in as many. A slot always
// fits: there are at most as many slots as the process may have open files, which is far less than 2^27. A generation
// always fits, because it is counted modulo 2^27.
inline constexpr std::uint32_t kConnBits = 27;
inline constexpr std::uint32_t kConnMask = (1u << kConnBits) - 1;

// Makes the handle for the gateway's subscription to the events of one client connection. With such an event, a service
// sets the connection's token, for example at login.
inline SubscriptionHandle connection_handle(ConnId conn) {
  return SubscriptionHandle::from((std::uint64_t{2} << 62) | (std::uint64_t{conn.lane} << (2 * kConnBits)) |
                                  (std::uint64_t{conn.generation & kConnMask} << kConnBits) | (conn.slot & kConnMask));
}

// Returns the connection for which connection_handle() has made this handle.
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
