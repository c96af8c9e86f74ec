// What bounds each node of a lane. Set at start, read by its node only; what an operator can change of it stands in the
// table of options (io/config/config_options.cpp). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nodes/base/time.hpp"
#include "nodes/base/token_bucket.hpp"

namespace resflow {

// Limits of the operator's for one client, as they are exceeded.
enum class Limit : std::uint8_t { request_rate, subscriptions, count_ };

struct AdmitLimits {
  // Of one client, served at once; more of them wait. What they cause at services fills the way of everybody's answers.
  std::size_t served = 1'000;
  std::size_t pending_requests = 10'000;    // of one client, with those that wait; beyond it the client is not read
  std::size_t turn = 1'024;                 // requests of all clients in one turn
  std::size_t share = 64;                   // requests of one client in one turn, at least
  std::size_t waiting_bytes = 256 * 1'024;  // of one client's requests that wait; beyond it the client is not read
  Rate rate = {};
  std::size_t tracked = 65'536;  // senders of web requests whose rate is known; further ones share one
  bool dry_run = false;          // only count what the operator's limits would refuse
};

struct WorkLimits {
  std::int64_t turn = 4'096;  // units of all clients in one turn
  std::int64_t share = 512;   // units of one client in one turn, at least
};

struct SessionLimits {
  std::size_t pending_requests = 10'000;      // of one client, under way; admit holds back what is beyond it
  std::size_t direct_subscriptions = 10'000;  // of one client; beyond it requests are refused
  std::size_t subscriptions = 250'000;        // of one client, with indirect ones; beyond it requests are refused
  std::size_t waiting_events = 1'024;         // of one resource that is being loaded; beyond it is loaded anew
  std::size_t waiting_messages = 65'536;      // events of one client that is busy; beyond it the client is closed
  bool dry_run = false;                       // only count what the operator's limits would refuse
  WorkLimits work = {};
};

struct AskLimits {
  Millis timeout = 3'000;
  // Bytes of a line of the NATS protocol; who sends a longer one loses the connection. What is counted is what is
  // written: "PUB <subject> <reply subject> <size>", with the line's end.
  std::size_t control_line = 4'096;
  std::size_t reply_size = 29 + 1 + 16;  // of the longest reply subject: an inbox, a dot, and the request's id in hex
  std::size_t payload_size = 1'048'576;
  // Requests under way at once that come from one system reset, and get requests from one request of a client; 0: no
  // limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;
};

struct CacheLimits {
  Millis keep_unused = 5'000;
  Millis reset_retry = 5'000;
  std::size_t deferred = 65'536;             // messages of one name that wait
  std::size_t bytes = std::size_t{1} << 30;  // that the cache takes
  // Units of work in one piece: a resource that is asked for or told of, a message that waited, an event, a name.
  std::size_t piece = 4'096;
  // For a subscription to end, where there are as many as the messaging system allows.
  Millis room_wait = 1'000;
};

struct WriteLimits {
  // Bytes of events that wait for one client. Answers to its own requests do not count: they are made only while the
  // client reads, and one that does not is cut off in time. But those to calls come when services send them, so there
  // are bounds.
  std::size_t outbox_bytes = 16 * 1024 * 1024;
  std::size_t answer_bytes = 256 * 1024 * 1024;      // of one client
  std::size_t all_answer_bytes = 512 * 1024 * 1024;  // of all clients of the lane; beyond it, an equal share of one
};

}  // namespace resflow
