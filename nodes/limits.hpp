// The limits of the nodes (the stages of the gateway's pipeline). They are set at start; each node reads its own
// struct. For the limits that an operator can change, see the table in io/config/config_options.cpp. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

// The limits per client that an operator can set. The nodes count how often clients exceed each of them.
enum class Limit : std::uint8_t { request_rate, subscriptions, count_ };

struct AdmitLimits {
  // How many requests of one client the session node serves at the same time. More requests wait in the admit node.
  // Without this limit, one client could send services so many requests that the answers to all clients are late.
  std::size_t served = 1'000;
  // How many requests of one client may be in the gateway, served and waiting together. Above this, the gateway stops
  // reading from the socket of the client for a while.
  std::size_t pending_requests = 10'000;
  // How many requests of all clients of a lane the admit node lets pass in one turn. A turn is one pass of the lane
  // over the messages that have arrived. More requests wait for the next turn.
  std::size_t turn = 1'024;
  // How many requests of one client the admit node lets pass in one turn. If `turn` divided by the number of clients
  // with waiting requests is more, each client gets that many instead.
  std::size_t share = 64;
  // How many bytes of requests of one client may wait in the admit node. Above this, the gateway stops reading from the
  // client's socket for a while.
  std::size_t waiting_bytes = 256 * 1'024;
  Rate rate = {};
  // The admit node limits the rate of HTTP API requests for each network address that sends them. At most this many
  // addresses have a limit of their own at a time; all further addresses share one.
  std::size_t tracked = 65'536;
  // If true, the admit node only counts requests over the limits, and refuses none. So an operator can try the limits
  // out.
  bool dry_run = false;
};

struct WorkLimits {
  // How many units of work the session node does for all clients of a lane in one turn (one pass of the lane over the
  // messages that have arrived). The rest of the work waits for the next turn. A unit is about one
  // resource that is sent or forgotten; nodes/session/work_shares.hpp has the details.
  std::int64_t turn = 4'096;
  // How many units of work the session node does for one client in one turn. If `turn` divided by the number of clients
  // with waiting work is more, each client gets that many instead.
  std::int64_t share = 512;
};

struct SessionLimits {
  // A copy of AdmitLimits::pending_requests (how many requests of one client may be in the gateway). From it, the
  // session node computes after how many answers it reports them to the admit node in one message
  // (SessionContext::answers_per_report). The admit node counts a request as pending until it is reported, so one
  // report must be about few requests compared with this limit.
  std::size_t pending_requests = 10'000;
  // How many direct subscriptions one client may have: those that the client has asked for itself. The session node
  // refuses a request for more.
  std::size_t direct_subscriptions = 10'000;
  // How many subscriptions one client may have in all. Besides direct ones, there are indirect ones: to resources that
  // a subscribed resource refers to. The session node refuses a request for more.
  std::size_t subscriptions = 250'000;
  // How many events of one resource may wait for one client. Above this, the session node closes the connection of the
  // client. Exception: if the client does not have the first state yet, the node drops the events and loads the
  // resource again.
  std::size_t waiting_events = 1'024;
  // How many events may wait for one client because the session node has not finished earlier work for the client.
  // Above this, the node closes the client's connection.
  std::size_t waiting_messages = 65'536;
  // If true, the session node only counts requests over the limits, and refuses none. So an operator can try the limits
  // out.
  bool dry_run = false;
  WorkLimits work = {};
};

struct AskLimits {
  Millis timeout = 3'000;
  // The longest protocol line in bytes that the NATS server accepts. A longer line would make the server close the
  // connection of the gateway. So the ask node refuses a request if its line "PUB <subject> <reply subject> <size>",
  // with the line end, would be too long.
  std::size_t control_line = 4'096;
  // The longest reply subject in bytes: inbox (29), dot (1), request id in hex (16).
  std::size_t reply_size = 29 + 1 + 16;
  std::size_t payload_size = 1'048'576;
  // reset_throttle: how many requests may be under way at once because of one system reset (a service declares
  // resources outdated). reference_throttle: how many get requests may be under way at once because of one client
  // request. 0 means no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;
};

struct CacheLimits {
  Millis keep_unused = 5'000;  // how long the cache keeps a resource name that nobody uses
  Millis reset_retry = 5'000;  // how long the cache waits before it repeats a failed request for a newer state
  // How many messages about one resource name may wait until the cache has finished its work on the name. Above this,
  // the cache handles the oldest ones without waiting.
  std::size_t deferred = 65'536;
  std::size_t bytes = std::size_t{1} << 30;  // how much memory the cache may take; a full cache refuses new resources
  // How many units of work the cache does in one turn (one pass of a lane over the messages that have arrived). The
  // rest of the work waits for the next turn. For example, one unit is one event, one waiting message, or one request
  // to a service.
  std::size_t piece = 4'096;
  // When NATS allows no more subscriptions, a new resource name waits at most this long for another subscription to
  // end. After that, the clients that want the name get an error.
  Millis room_wait = 1'000;
};

struct WriteLimits {
  // How many bytes of events may wait for one client. Above this, if the client does not read, the write node closes
  // its connection.
  std::size_t event_bytes = 16 * 1024 * 1024;
  // How many bytes of answers may wait for one client. Above this, if the client does not read, the write node closes
  // its connection.
  std::size_t answer_bytes = 256 * 1024 * 1024;
  // How many bytes of answers may wait for all clients of a lane together. Above this, the write node closes
  // connections of clients that do not read, but only those for which more bytes wait than this limit divided by the
  // number of clients with waiting answers (or by Write::kSharers, if that is more).
  std::size_t all_answer_bytes = 512 * 1024 * 1024;
};

}  // namespace resflow
