// What is counted, node by node, for whoever runs the gateway. Plain numbers: each struct belongs to its node, is
// written on that node's lane only, and is copied there when somebody asks. What is not called a number of the present
// never goes back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/base/histogram.hpp"
#include "nodes/limits.hpp"
#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/request_id.hpp"
#include "nodes/protocol/service_messages.hpp"
#include "nodes/protocol/web_method.hpp"

namespace resflow {

// A number for each enumerator; E ends with `count_`.
template <typename E, typename Number = std::uint64_t>
class By {
 public:
  using Key = E;
  static constexpr std::size_t kSize = static_cast<std::size_t>(E::count_);

  Number& operator[](E e) { return numbers_[static_cast<std::size_t>(e)]; }
  const Number& operator[](E e) const { return numbers_[static_cast<std::size_t>(e)]; }
  By& operator+=(const By& other) {
    for (std::size_t i = 0; i < kSize; ++i) numbers_[i] += other.numbers_[i];
    return *this;
  }

 private:
  std::array<Number, kSize> numbers_{};
};

// ---- parse

struct ParseCounters {
  By<RequestKind> requests;    // of WebSocket clients
  By<WebMethod> web_requests;  // those of HEAD are with those of GET
  std::uint64_t dropped = 0;   // messages that are no request with an id
};

// ---- admit and session

struct AdmitCounters {
  By<Limit> exceeded;        // requests; also when they are only counted
  std::uint64_t held = 0;    // requests that had to wait
  std::uint64_t pauses = 0;  // times that a client was not read any more
  std::uint64_t ticks = 0;
  std::uint64_t resumes = 0;
  std::size_t waiting = 0;  // at present: requests
};

struct SessionCounters {
  By<Limit> exceeded;       // requests; also when they are only counted
  std::size_t waiting = 0;  // at present: clients with work left over for the next turn
};

// ---- encode

struct EncodeCounters {
  By<RequestKind> errors;              // requests that were answered with one
  std::uint64_t events_delivered = 0;  // counted once for each client that got it
};

// ---- write

struct WriteCounters {
  std::uint64_t sent = 0;                       // frames, responses and opened connections
  std::uint64_t writable = 0;                   // times that a socket took data again
  std::uint64_t slow_clients = 0;               // closed because they did not read
  std::map<std::string, std::uint64_t> closes;  // of clients by the gateway, by reason
};

// ---- ask

struct AskCounters {
  By<ServiceRequestKind, By<ServiceRequestEnd>> ended;
  By<ServiceRequestKind, Histogram> durations;  // of those that were sent, while somebody measures
  std::uint64_t late_replies = 0;
  std::uint64_t replies = 0;  // all that have come, with those that say that nobody listens
  std::uint64_t sent = 0;     // requests, subscriptions and their ends
  std::uint64_t ticks = 0;
  By<SubscriptionRefusal> refused_subscriptions;
};

// ---- cache

// What a subscriber found in the cache: the state, others who wait for it, or nothing.
enum class CacheLookup : std::uint8_t { hit, joined, miss, count_ };

// Why an event changed nothing: the state is so already, nothing of that name is cached, the first state is not here
// yet and has it, the full state is on the way and has it, or it does not fit the state.
enum class EventDrop : std::uint8_t { unchanged, unknown, early, outdated, misfit, count_ };

struct CacheCounters {
  By<CacheLookup> lookups;
  std::uint64_t events = 0;  // that were there to be applied or passed on
  By<EventDrop> dropped;
  std::uint64_t ticks = 0;
  std::uint64_t resets = 0;       // full states asked for because the cached one may be out of date
  std::size_t subscriptions = 0;  // at present: clients on resources, with those that wait for the first state
  std::size_t bytes = 0;          // at present: that the cache keeps (nodes/cache/cache_bytes.hpp)
  std::uint64_t refused = 0;      // subscriptions that the full cache had no room for
  std::uint64_t overflows = 0;    // times that too much waited on a name, so that the oldest went on
};

// ---- one client, one resource: what there is of it at present, for whoever looks

struct ClientState {
  std::size_t subscriptions = 0;  // with indirect ones, and those that are not confirmed yet
  std::size_t outbox_frames = 0;  // that wait for the socket
  std::size_t outbox_bytes = 0;
};

struct ResourceState {
  std::string rid;
  enum class Kind : std::uint8_t { loading, model, collection } kind = Kind::loading;
  std::size_t size = 0;  // properties or values
  std::size_t subscribers = 0;
};

// ---- any node

struct NodeStatistics {
  std::string name;
  std::uint64_t messages = 0;
  std::uint64_t failures = 0;  // messages lost to an exception
  double seconds = 0;          // spent in the node, estimated from a sample
  std::size_t waiting = 0;     // at present: messages that have come for it and are not taken yet
};

// ---- any edge

struct EdgeStatistics {
  std::string from;
  std::string output;
  std::string to;
  std::uint64_t messages = 0;  // that have been put
};

// All of one lane.
struct LaneStatistics {
  LaneId lane = 0;
  std::vector<NodeStatistics> nodes;
  std::vector<EdgeStatistics> edges;  // each of the wiring, with those from and to the world
  ParseCounters parse;
  AdmitCounters admit;
  SessionCounters session;
  EncodeCounters encode;
  WriteCounters write;
  By<RequestKind, Histogram> requests;  // from arrival until the answer is written, while somebody measures
  AskCounters ask;
  CacheCounters cache;
  std::uint64_t malformed_messages = 0;  // of services
  std::size_t pending_requests = 0;      // at present: to services
  std::size_t throttled_requests = 0;    // at present: that are not sent yet
  std::size_t cached_names = 0;          // at present
  std::size_t cached_resources = 0;      // at present
};

}  // namespace resflow
