// The progress of making a new connection to NATS ready: the first connection, or one that replaces another. Private to
// the files nats_*.cpp. Loop thread only.
//
// Markers show how much the server has processed. A marker is a message that the NatsClient sends to its own reply
// inbox. By the time the marker comes back, the server has reported all errors about earlier messages. If the server
// does not permit the marker, it sends an error in its place, and the NatsClient counts this error as the return of the
// marker.
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
    starting,     // the first connection exists; its marker has not come back yet
    working,      // the connection is ready
    connecting,   // there is no connection; the thread `connector` makes the next one
    subscribing,  // the NatsClient makes the subscriptions again, until all markers are back
  };

  State state = State::starting;
  std::string reason;     // why the NatsClient replaces the previous connection
  std::string failure;    // in the state `starting`: why the start failed
  std::thread connector;  // the thread that connects `next`
  std::unique_ptr<Link> next;
  std::size_t awaited = 0;  // number of markers that were sent and have not come back yet
  // True when all markers have come back. At this time, notices of earlier errors may still wait until the loop's
  // thread processes them.
  bool marker_came = false;

  std::vector<Subscriptions::Due> due;  // the subscriptions to make again
  std::size_t at = 0;                   // index into `due` of the next subscription to make
  std::size_t made = 0;                 // how many subscriptions have been made on this connection
  // How many markers have come back on this connection. While `searching` is true, each marker shows that the server
  // has accepted one more subscription.
  std::size_t confirmed = 0;
  // Refused subscriptions. restored() reports them to the lanes before it sends the notice ServicesRestored.
  std::vector<std::pair<Subscription, SubscriptionRefusal>> refused;

  // True while the NatsClient finds out how many subscriptions the server allows: it sends a marker after each
  // subscription.
  bool searching = false;
  std::size_t ceiling = 0;  // upper bound of the server's limit: one less than a number that was too high

  // The next two fields limit how often the NatsClient replaces the connection, so that a permanent failure ends the
  // gateway.
  std::uint64_t since = 0;  // when the count in `times` began, in milliseconds of the loop's clock
  int times = 0;            // how often the NatsClient has replaced the connection since that time
};

}  // namespace resflow
