// The progress of the client with a new connection, either the first one or one that replaces another. Private to the
// files nats_*.cpp. Loop thread only.
//
// Markers show what the server has handled. A marker is a message to our own reply inbox. It comes back after all
// errors about anything that was sent before it. If the server does not permit the marker, its error arrives in the
// same place in the order and counts as the marker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_link.hpp"
#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

struct NatsClient::Recovery {
  enum class State {
    starting,     // the first connection waits for its marker
    working,      // the connection is ready
    connecting,   // there is no connection; the thread `connector` makes the next one
    subscribing,  // makes the subscriptions again, and waits for markers
  };

  State state = State::starting;
  std::string reason;     // why the last connection was given up
  std::string failure;    // in the state `starting`: why the start failed
  std::thread connector;  // connects `next`
  std::unique_ptr<Link> next;
  std::size_t awaited = 0;   // number of markers that have not come back
  bool marker_came = false;  // all markers have come back; error notices from before them may still be on their way

  std::vector<Subscriptions::Due> due;  // the subscriptions to make again
  std::size_t at = 0;                   // index into `due`; the subscriptions before it are done
  std::size_t made = 0;                 // subscriptions that were made on this connection
  std::size_t confirmed = 0;  // markers that have come back; while `searching`, one for each subscription made
  // Subscriptions to report as refused before ServicesRestored.
  std::vector<std::pair<Subscription, SubscriptionRefusal>> refused;

  // True while the client finds out how many subscriptions the server allows, with a marker after each subscription.
  bool searching = false;
  std::size_t ceiling = 0;  // the server allows at most this many subscriptions

  // The next two fields limit how often the connection is replaced, so that a permanent failure ends the gateway.
  std::uint64_t since = 0;  // start of the current count, in milliseconds of the loop's clock
  int times = 0;            // how often the connection was replaced since then
};

}  // namespace resflow
