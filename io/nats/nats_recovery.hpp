// How far the client is with a connection that is new, or takes the place of another one. Private to the files
// nats_*.cpp; on the loop's thread.
//
// What the server has taken is known by a marker, a message to the own reply inbox: it comes back behind all errors
// about what was sent before it. A server that does not permit it says so in the same place, which is as good.
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
    starting,     // the first connection: the marker is awaited
    working,      // nothing is to be done
    connecting,   // there is no connection; `connector` makes the next one
    subscribing,  // to what there was; markers are awaited
  };

  State state = State::starting;
  std::string reason;   // why the last connection was given up
  std::string failure;  // while starting: why it cannot
  std::thread connector;
  std::unique_ptr<Link> next;
  std::size_t awaited = 0;   // markers
  bool marker_came = false;  // the last one, but perhaps not all errors ahead of it

  std::vector<Subscriptions::Due> due;
  std::size_t at = 0;         // those before it were subscribed to
  std::size_t made = 0;       // so many of them were still wanted,
  std::size_t confirmed = 0;  // and the server has taken so many, while `searching`
  std::vector<std::pair<Subscription, SubscriptionRefusal>> refused;

  // How many the server allows is found out with a marker behind each subscription.
  bool searching = false;
  std::size_t ceiling = 0;  // more than that are not allowed

  // That it goes wrong again and again must have an end.
  std::uint64_t since = 0;  // milliseconds of the loop's clock
  int times = 0;
};

}  // namespace resflow
