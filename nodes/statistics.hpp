// Counters for the operator of the gateway. A lane is one of the gateway's threads, and a node is one processing step
// in it. Each node has one struct of counters, which it writes on the lane's thread only. When someone asks for
// statistics, the lane copies the structs. A counter only grows; a number that can also fall is marked "current value".
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

// An array with one number for each enumerator of the enum E. The last enumerator of E must be `count_`.
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

// ---- the parse node, which reads the messages of clients

struct ParseCounters {
  By<RequestKind> requests;    // requests of WebSocket clients, by type
  By<WebMethod> web_requests;  // web requests by HTTP method; HEAD counts as GET
  std::uint64_t dropped = 0;   // client messages without a readable request id; dropped, since no answer is possible
};

// ---- the admit node, which may hold back clients' requests, and the session node, which handles them

struct AdmitCounters {
  By<Limit> exceeded;        // requests over a limit; in a dry run they are counted, but not refused
  std::uint64_t held = 0;    // requests that were held back for a time
  std::uint64_t pauses = 0;  // times that reading from a client's socket was paused
  std::uint64_t ticks = 0;
  std::uint64_t resumes = 0;
  std::size_t waiting = 0;  // current value: requests that are held back
};

struct SessionCounters {
  By<Limit> exceeded;       // requests over a limit; in a dry run they are counted, but not refused
  std::size_t waiting = 0;  // current value: clients with work left over for the next turn
};

// ---- the encode node, which makes the JSON text of answers and events

struct EncodeCounters {
  By<RequestKind> errors;              // requests that the gateway answered with an error, by type
  std::uint64_t events_delivered = 0;  // events sent to clients; an event counts once for each client
};

// ---- the write node, which sends to clients

struct WriteCounters {
  std::uint64_t sent = 0;                       // messages to clients, HTTP responses, accepted handshakes
  std::uint64_t writable = 0;                   // times that a busy socket became free for more data
  std::uint64_t slow_clients = 0;               // clients that were disconnected because they did not read
  std::map<std::string, std::uint64_t> closes;  // clients that the gateway disconnected, by reason
};

// ---- the ask node, which sends requests to services

struct AskCounters {
  By<ServiceRequestKind, By<ServiceRequestEnd>> ended;  // requests to services, by kind and by how they ended
  // How long requests to services took, from the sending until the answer or an error. Empty if durations are not
  // measured.
  By<ServiceRequestKind, Histogram> durations;
  std::uint64_t late_replies = 0;
  std::uint64_t replies = 0;  // all replies, also late ones, and messages of NATS that say that no service listens
  std::uint64_t sent = 0;     // requests, subscriptions and unsubscriptions that were sent to NATS
  std::uint64_t ticks = 0;
  By<SubscriptionRefusal> refused_subscriptions;
};

// ---- the cache node, which keeps the states of resources

// What a new subscriber of a resource finds in the cache. hit: the resource's state. joined: no state yet, but a
// request for it is under way for earlier subscribers. miss: neither of them.
enum class CacheLookup : std::uint8_t { hit, joined, miss, count_ };

// Why the cache sent an event to no client. unchanged: the cached state has the new value already. unknown: no resource
// of that name is cached. early: the resource's first state has not come yet, and will contain the change. outdated:
// the whole state was asked for again, and will contain the change. misfit: the event does not fit the resource, such
// as an add event (for collections) on a model.
enum class EventDrop : std::uint8_t { unchanged, unknown, early, outdated, misfit, count_ };

struct CacheCounters {
  By<CacheLookup> lookups;
  std::uint64_t events = 0;  // resource events that came, also the dropped ones
  By<EventDrop> dropped;
  std::uint64_t ticks = 0;
  std::uint64_t resets = 0;       // times that the cache asked a service for a resource's state again
  std::size_t subscriptions = 0;  // current value: clients' subscriptions, also those that wait for a resource
  std::size_t bytes = 0;          // current value: bytes of memory that the cache uses (nodes/cache/cache_bytes.hpp)
  std::uint64_t refused = 0;      // subscriptions that were refused because the cache was full
  // How often too many messages about one resource waited, since earlier work on it was not finished (for example, a
  // service had not answered yet). The oldest of these messages are then handled without waiting longer.
  std::uint64_t overflows = 0;
};

// ---- the current state of one client (ClientState), and of one resource (ResourceState)

struct ClientState {
  // Direct subscriptions and those through references. Includes those whose subscribe request is not answered yet.
  std::size_t subscriptions = 0;
  std::size_t outbox_frames = 0;  // frames that wait until the client's socket is free
  std::size_t outbox_bytes = 0;
};

struct ResourceState {
  std::string rid;
  enum class Kind : std::uint8_t { loading, model, collection } kind = Kind::loading;
  std::size_t size = 0;  // number of a model's properties or a collection's values
  std::size_t subscribers = 0;
};

// ---- any node

struct NodeStatistics {
  std::string name;
  std::uint64_t messages = 0;
  std::uint64_t failures = 0;  // messages whose handling ended with an exception
  double seconds = 0;          // time spent in the node; an estimate, since only some messages are measured
  std::size_t waiting = 0;     // current value: messages that wait for the node
  std::size_t records = 0;     // current value: records that the node keeps of clients, resources and requests
};

// ---- any edge (a connection between two nodes)

struct EdgeStatistics {
  std::string from;
  std::string output;
  std::string to;
  std::uint64_t messages = 0;  // messages that were sent on this edge
};

// The counters of one lane.
struct LaneStatistics {
  LaneId lane = 0;
  std::vector<NodeStatistics> nodes;
  std::vector<EdgeStatistics> edges;  // between two nodes, or between a node and the outside
  ParseCounters parse;
  AdmitCounters admit;
  SessionCounters session;
  EncodeCounters encode;
  WriteCounters write;
  // How long clients' requests took, from the arrival until the answer was sent. Empty if durations are not measured.
  By<RequestKind, Histogram> requests;
  AskCounters ask;
  CacheCounters cache;
  std::uint64_t malformed_messages = 0;  // malformed messages from services
  std::size_t pending_requests = 0;      // current value: requests to services that have no answer yet
  std::size_t throttled_requests = 0;    // current value: requests to services that wait, since too many are under way
  std::size_t cached_names = 0;          // current value: names of cached resources; the queries are not part of a name
  std::size_t cached_resources = 0;      // current value: cached resources; a name with two queries is two resources
};

}  // namespace resflow
