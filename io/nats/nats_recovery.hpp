// The state of a new connection to NATS until it is ready. This may be the first connection, or one that replaces a
// broken one. Private to the files nats_*.cpp. Loop thread only.
//
// Markers show how much the server has processed. A marker is a message that the NatsClient sends to its own reply
// inbox. When the marker comes back, the server has processed everything that was sent before it, and has reported all
// errors about it. If the server does not permit the marker, it sends an error instead; the NatsClient treats this
// error as the return of the marker.
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
    starting,     // until the marker (a message to the gateway itself) on the first connection has come back
    working,      // the connection is ready
    connecting,   // there is no connection; the thread `connector` makes a new one
    subscribing,  // subscriptions are made again on a new connection, until the server has processed them all
  };

  State state = State::starting;
  std::string reason;     // why the NatsClient replaces the previous connection
  std::string failure;    // only in the state `starting`: why the start failed; empty: it has not failed
  std::thread connector;  // makes the connection `next`
  std::unique_ptr<Link> next;
  // How many markers (messages that the NatsClient sends to itself through the server) have not come back yet.
  std::size_t awaited = 0;
  // True: all markers have come back, so the server has reported all errors about what was sent before them. When the
  // NatsClient has processed these errors, it calls marker(), which sets this to false.
  bool marker_came = false;

  std::vector<Subscriptions::Due> due;  // the subscriptions to make again
  std::size_t at = 0;                   // index into `due` of the next subscription to make
  std::size_t made = 0;                 // how many subscriptions have been made on this connection
  // How many markers (messages to itself) the NatsClient has got back on this connection. During a search for the
  // number of subscriptions that the server allows, each of them shows that the server has accepted one more
  // subscription.
  std::size_t confirmed = 0;
  // Subscriptions that were refused, and why. restored() reports them to the lanes, and then sends the notice
  // ServicesRestored.
  std::vector<std::pair<Subscription, SubscriptionRefusal>> refused;

  // True during a search for the number of subscriptions that the server allows. The NatsClient then sends a marker (a
  // message to itself) after each subscription, and counts those that come back.
  bool searching = false;
  // The server allows at most this many subscriptions: it has ended a connection that had one more.
  std::size_t ceiling = 0;

  // The next two fields count how often the connection was replaced. If this happens too often in a short time, the
  // gateway ends.
  std::uint64_t since = 0;  // when counting began, in milliseconds of the loop's clock
  int times = 0;            // how often the connection was replaced since then
};

}  // namespace resflow
