// The progress of making a new connection to NATS ready: the first connection, or one that replaces another. Private to
// the files nats_*.cpp. Loop thread only.
//
// Markers show what the server has handled. A marker is a message that the NatsClient sends to its own reply inbox. By
// the time the marker comes back, the server has reported all errors about earlier messages. If the server does not
// permit the marker, it sends an error in its place, and the NatsClient counts this error as the marker.
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
    subscribing,  // the NatsClient makes the subscriptions again, and waits for markers
  };

  State state = State::starting;
  std::string reason;     // why the NatsClient replaces the previous connection
  std::string failure;    // in the state `starting`: why the start failed
  std::thread connector;  // the thread that connects `next`
  std::unique_ptr<Link> next;
  std::size_t awaited = 0;  // number of markers that have not come back
  // True when all markers have come back. Notices of earlier errors may still wait for the loop's thread.
  bool marker_came = false;

  std::vector<Subscriptions::Due> due;  // the subscriptions to make again
  std::size_t at = 0;                   // index into `due` of the next subscription to make
  std::size_t made = 0;                 // how many subscriptions have been made on this connection
  // How many markers have come back on this connection. While `searching` is true, each marker confirms one
  // subscription.
  std::size_t confirmed = 0;
  // Refused subscriptions, which restored() reports to the lanes before ServicesRestored.
  std::vector<std::pair<Subscription, SubscriptionRefusal>> refused;

  // True while the NatsClient finds out how many subscriptions the server allows: it sends a marker after each
  // subscription.
  bool searching = false;
  std::size_t ceiling = 0;  // upper bound of the server's limit: one less than the number that exceeded it

  // The next two fields limit how often the NatsClient replaces the connection, so that a permanent failure ends the
  // gateway.
  std::uint64_t since = 0;  // when the count in `times` began, in milliseconds of the loop's clock
  int times = 0;            // how often the NatsClient has replaced the connection since that time
};

}  // namespace resflow
