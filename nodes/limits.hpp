// The limits of each node of a lane. Each struct is set at start and read by its node only. The limits that an operator
// can change are in the table of options (io/config/config_options.cpp). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

// The limits that an operator can set for one client, as names for the counters of how often they were exceeded.
enum class Limit : std::uint8_t { request_rate, subscriptions, count_ };

struct AdmitLimits {
  // Requests of one client that are served at once; further ones wait. What they cause at services would delay
  // everybody's answers.
  std::size_t served = 1'000;
  // Requests of one client that are served or wait. Beyond it the client's socket is not read.
  std::size_t pending_requests = 10'000;
  std::size_t turn = 1'024;  // requests of all clients in one turn
  std::size_t share = 64;    // requests of one client in one turn, at least
  // Bytes of one client's requests that wait. Beyond it the client's socket is not read.
  std::size_t waiting_bytes = 256 * 1'024;
  Rate rate = {};
  std::size_t tracked = 65'536;  // senders of web requests whose rate is known; further ones share one rate
  bool dry_run = false;          // only count the requests that the operator's limits would refuse
};

struct WorkLimits {
  std::int64_t turn = 4'096;  // units of all clients in one turn
  std::int64_t share = 512;   // units of one client in one turn, at least
};

struct SessionLimits {
  // The same as AdmitLimits::pending_requests. session tells admit about answered requests before there are so many.
  std::size_t pending_requests = 10'000;
  std::size_t direct_subscriptions = 10'000;  // per client; further requests are refused
  std::size_t subscriptions = 250'000;        // per client, with indirect ones; further requests are refused
  // Events of one resource that wait for one client. Beyond it the resource is loaded anew, or the client is closed.
  std::size_t waiting_events = 1'024;
  std::size_t waiting_messages = 65'536;  // events for one busy client; beyond it the client is closed
  bool dry_run = false;                   // only count the requests that the operator's limits would refuse
  WorkLimits work = {};
};

struct AskLimits {
  Millis timeout = 3'000;
  // Bytes of a line of the NATS protocol. A client of NATS that sends a longer line loses the connection. The limit is
  // compared with the line that is written: "PUB <subject> <reply subject> <size>", with the line's end.
  std::size_t control_line = 4'096;
  std::size_t reply_size = 29 + 1 + 16;  // of the longest reply subject: an inbox, a dot, and the request's id in hex
  std::size_t payload_size = 1'048'576;
  // Requests that may be under way at once: requests that come from one system reset, and get requests that come from
  // one request of a client. 0 means no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;
};

struct CacheLimits {
  Millis keep_unused = 5'000;                // how long a resource name is kept that nobody uses
  Millis reset_retry = 5'000;                // time until a failed reset of a resource is tried again
  std::size_t deferred = 65'536;             // messages that wait on one resource name; beyond it the oldest go on
  std::size_t bytes = std::size_t{1} << 30;  // memory that the cache may take
  // Units of work in one turn. A unit is a resource that is asked for or told of something, a message that waited, an
  // event, or a resource name.
  std::size_t piece = 4'096;
  // How long a resource name waits for other subscriptions to end, when there are as many as the messaging system
  // allows. After that it is refused.
  Millis room_wait = 1'000;
};

struct WriteLimits {
  // Bytes of events that wait for one client. The answers to its own requests do not count: they are made only while
  // the client reads, and a client that does not read is closed in time. But answers to calls come when services send
  // them, so answers have the limits below.
  std::size_t event_bytes = 16 * 1024 * 1024;
  std::size_t answer_bytes = 256 * 1024 * 1024;  // per client
  // For all clients of the lane. Beyond it, each client may only have an equal share of it.
  std::size_t all_answer_bytes = 512 * 1024 * 1024;
};

}  // namespace resflow
