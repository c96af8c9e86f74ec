// The limits of the nodes (the stages of the gateway's pipeline). Each struct is set at start and read by its node
// only. The limits that an operator can change are in the table of options (io/config/config_options.cpp). No I/O and
// no shared state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

// The limits for one client that an operator can set. The nodes count how often clients have exceeded each limit.
enum class Limit : std::uint8_t { request_rate, subscriptions, count_ };

struct AdmitLimits {
  // The session node serves at most this many requests of one client at the same time. Further requests wait in the
  // node admit. Without this limit, services could get so many requests of one client that the answers to all clients
  // would be delayed.
  std::size_t served = 1'000;
  // How many requests of one client may be in the gateway: those that the session node serves, and those that wait in
  // the admit node. When there are more, admit pauses the client's socket (the gateway does not read from it).
  std::size_t pending_requests = 10'000;
  // How many requests of all clients together the admit node passes on to the session node in one turn (one pass of a
  // lane over the messages that have come). Further requests wait for the next turn.
  std::size_t turn = 1'024;
  // How many requests of one client the admit node passes on to the session node in one turn. If few clients have
  // waiting requests, admit passes on more.
  std::size_t share = 64;
  // How many bytes of one client's requests may wait in the admit node. When there are more, admit pauses the client's
  // socket.
  std::size_t waiting_bytes = 256 * 1'024;
  Rate rate = {};
  // For how many senders of web requests the admit node measures the request rate of each sender. All further senders
  // share one rate.
  std::size_t tracked = 65'536;
  // If true, the admit node only counts the requests over the operator's limits, and refuses none.
  bool dry_run = false;
};

struct WorkLimits {
  // How many units of work the session node does in one turn for all clients together (nodes/session/work_shares.hpp
  // says what a unit is). The work that is left waits for the next turn.
  std::int64_t turn = 4'096;
  // How many units of work the session node does in one turn for one client. If few clients have waiting work, session
  // does more.
  std::int64_t share = 512;
};

struct SessionLimits {
  // The same number as AdmitLimits::pending_requests. The session node reports answered requests to the admit node in
  // groups, to save messages. It makes the groups small compared with this number, since admit counts a request until
  // session has reported it (SessionContext::answers_per_report).
  std::size_t pending_requests = 10'000;
  // How many resources one client may subscribe to directly. The session node refuses requests that would exceed this
  // number.
  std::size_t direct_subscriptions = 10'000;
  // How many subscriptions one client may have: direct ones, and indirect ones through references. The session node
  // refuses requests that would exceed this number.
  std::size_t subscriptions = 250'000;
  // How many events of one resource may wait for one client. When there are more, the session node loads the resource
  // anew if the client does not have its state yet. Otherwise session closes the client's connection.
  std::size_t waiting_events = 1'024;
  // How many events may wait for one client while the session node has work left over for this client. When there are
  // more, session closes the client's connection.
  std::size_t waiting_messages = 65'536;
  // If true, the session node only counts the requests over the operator's limits, and refuses none.
  bool dry_run = false;
  WorkLimits work = {};
};

struct AskLimits {
  Millis timeout = 3'000;
  // The most bytes of a line of the NATS protocol. The NATS server ends the connection of a NATS client that sends a
  // longer line. So the ask node refuses a request if the NATS client would have to write a longer line for it: "PUB
  // <subject> <reply subject> <size>", with the line's end.
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
  Millis reset_retry = 5'000;  // how long the cache waits after a failed reset of a resource before it tries again
  // How many messages about one resource name may wait. A message waits while the cache has unfinished work on the
  // name, since the order matters. When there are more, the cache applies the oldest ones without waiting for that
  // work.
  std::size_t deferred = 65'536;
  std::size_t bytes = std::size_t{1} << 30;  // how much memory the cache may take; a full cache refuses new resources
  // How many units of work the cache does in one turn; the work that is left waits for the next turn. A unit is one of
  // these: a resource that the cache asks a service for, a resource whose subscribers the cache informs, a message that
  // waited, an event, or a resource name.
  std::size_t piece = 4'096;
  // When the messaging system allows no more subscriptions, a new resource name waits this long for another
  // subscription to end. If none ends in that time, the cache refuses the name.
  Millis room_wait = 1'000;
};

struct WriteLimits {
  // How many bytes of events may wait for one client. When there are more, and the client does not read, the write node
  // closes its connection. Bytes of answers have the two limits below. Most answers would need no limit, since the
  // session node makes them only while the client reads. But session passes on the answer to a call as soon as the
  // service sends it.
  std::size_t event_bytes = 16 * 1024 * 1024;
  // How many bytes of answers may wait for one client before the write node closes its connection.
  std::size_t answer_bytes = 256 * 1024 * 1024;
  // How many bytes of answers may wait for all clients of the lane together. When there are more, the write node closes
  // each client that does not read and has more than an equal part of this limit.
  std::size_t all_answer_bytes = 512 * 1024 * 1024;
};

}  // namespace resflow
