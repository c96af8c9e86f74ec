// What can go wrong, or be unusual, in a simulated world. The world counts each fault when it happens. A long run in
// which a fault of this list never happened has not tested that fault, and fails.
#pragma once

#include <array>
#include <cstdint>

#include "nodes/statistics.hpp"

namespace resflow::simulation {

enum class Fault : std::uint8_t {
  reply_out_of_order,    // a service answers a request before an older one
  reply_lost,            // a service never answers, so the request times out
  reply_error,           // a service answers with an error
  reply_nonsense,        // a service answers with something that is no response of RES
  pre_response,          // a service asks for more time before it answers
  no_responders,         // no service listens for the request
  subscription_refused,  // the messaging system refuses a subscription
  connection_lost,       // a gateway loses its connection to the services, and with it the messages under way
  event_nonsense,        // a service sends an event that is malformed, or does not fit the resource
  event_idle,            // a service sends a change that changes nothing
  silent_change,         // a service changes resources without events, and then sends a system reset
  resource_deleted,      // a service deletes a resource, and may create it again later
  query_event,           // a service sends a query event
  access_withdrawn,      // a service changes who may read a resource, and sends a reaccess event or a system reset
  token_changed,         // a service sets another token for a connection
  token_reset,           // a service asks for all tokens to be renewed
  client_gone,           // a client's connection ends while its requests are under way
  client_stalled,        // a client does not read
  client_closed,         // the gateway closes a client that exceeds a limit
  client_paused,         // the gateway does not read from a client that sends too many requests
  web_client_gone,       // an HTTP client goes away before the gateway has answered it
  lane_late,             // a lane takes no turn although it was woken
  count_
};

inline constexpr std::array<const char*, static_cast<std::size_t>(Fault::count_)> kFaultNames = {
    "reply out of order",
    "reply lost",
    "reply with an error",
    "nonsense as a reply",
    "pre-response",
    "no responders",
    "subscription refused",
    "connection to the services lost",
    "nonsense as event",
    "idle change",
    "silent change and reset",
    "resource deleted",
    "query event",
    "access withdrawn",
    "token changed",
    "token reset",
    "client gone",
    "client stalled",
    "client closed at a limit",
    "client paused",
    "web client gone",
    "lane late"};

using FaultCounts = By<Fault>;

}  // namespace resflow::simulation
