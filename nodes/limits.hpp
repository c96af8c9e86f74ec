// The limits of each node of a lane. Each struct is set at start and read by its node only. The limits that an operator
// can change are in the table of options (io/config/config_options.cpp). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

// The limits that an operator can set for one client. For each of them, nodes count how often clients exceeded it.
enum class Limit : std::uint8_t { request_rate, subscriptions, count_ };

struct AdmitLimits {
  // How many requests of one client the gateway serves at the same time; further requests wait. More requests at the
  // services would delay the answers to all clients.
  std::size_t served = 1'000;
  // How many requests of one client may be served or wait. When there are more, admit pauses the client's socket.
  std::size_t pending_requests = 10'000;
  std::size_t turn = 1'024;  // how many requests of all clients may pass in one turn
  std::size_t share = 64;    // how many requests of one client may pass in one turn; more if few clients wait
  // How many bytes of one client's requests may wait. When there are more, admit pauses the client's socket.
  std::size_t waiting_bytes = 256 * 1'024;
  Rate rate = {};
  // How many senders of web requests have a rate of their own; all further senders share one rate.
  std::size_t tracked = 65'536;
  // If true, admit only counts the requests over the operator's limits, and refuses none.
  bool dry_run = false;
};

struct WorkLimits {
  std::int64_t turn = 4'096;  // units of work for all clients in one turn
  std::int64_t share = 512;   // units of work for one client in one turn; more if few clients wait
};

struct SessionLimits {
  // The same as AdmitLimits::pending_requests. session uses the number to report answered requests to admit often
  // enough (SessionContext::answers_per_report).
  std::size_t pending_requests = 10'000;
  // How many resources one client may subscribe to directly. session refuses further requests.
  std::size_t direct_subscriptions = 10'000;
  // How many subscriptions one client may have, direct and indirect ones. session refuses further requests.
  std::size_t subscriptions = 250'000;
  // How many events of one resource may wait for one client. When there are more, session loads the resource anew, or
  // closes the client.
  std::size_t waiting_events = 1'024;
  // How many events may wait for a client with work left over. When there are more, session closes the client.
  std::size_t waiting_messages = 65'536;
  // If true, session only counts the requests over the operator's limits, and refuses none.
  bool dry_run = false;
  WorkLimits work = {};
};

struct AskLimits {
  Millis timeout = 3'000;
  // The most bytes of a line of the NATS protocol. The NATS server ends the connection of a client that sends a longer
  // line. ask compares the limit with the line that the NATS client will write for a request: "PUB <subject> <reply
  // subject> <size>", with the line's end.
  std::size_t control_line = 4'096;
  // Bytes of the longest reply subject: an inbox, a dot, and the request's id in hex.
  std::size_t reply_size = 29 + 1 + 16;
  std::size_t payload_size = 1'048'576;
  // reset_throttle: how many requests may be under way at once because of one system reset. reference_throttle: how
  // many get requests may be under way at once because of one request of a client. 0 means no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;
};

struct CacheLimits {
  Millis keep_unused = 5'000;  // how long the cache keeps a resource name that nobody uses
  Millis reset_retry = 5'000;  // time until the next try, when a reset of a resource has failed
  // How many messages may wait on one resource name. When there are more, the cache lets the oldest ones wait no
  // longer, and handles them.
  std::size_t deferred = 65'536;
  std::size_t bytes = std::size_t{1} << 30;  // memory that the cache may take
  // How many units of work the cache does in one turn. A unit is one of these: a resource that the cache asks a service
  // for, a resource whose subscribers the cache informs, a message that waited, an event, or a resource name.
  std::size_t piece = 4'096;
  // How long a resource name waits for room when the messaging system allows no more subscriptions. If no other
  // subscription ends in that time, the cache refuses the name.
  Millis room_wait = 1'000;
};

struct WriteLimits {
  // How many bytes of events may wait for one client. Bytes of answers have the two limits below. Most answers would
  // need no limit, since session makes them only while the client reads. But session passes on the answer to a call as
  // soon as the service sends it.
  std::size_t event_bytes = 16 * 1024 * 1024;
  std::size_t answer_bytes = 256 * 1024 * 1024;  // how many bytes of answers may wait for one client
  // How many bytes of answers may wait for all clients of the lane together. When there are more, each client may only
  // have an equal part of this limit.
  std::size_t all_answer_bytes = 512 * 1024 * 1024;
};

}  // namespace resflow
