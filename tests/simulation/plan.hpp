// What a seed decides before a world begins: the size of the world, the limits of its gateways, and the list of
// actions. Each action has a seed of its own, which decides its details. So an action means the same when other actions
// are taken out of the list, and shrink() can make a failing plan smaller.
#pragma once

#include <cstdint>
#include <vector>

#include "nodes/pipeline_options.hpp"
#include "tests/simulation/dice.hpp"

namespace resflow::simulation {

enum class ActionKind : std::uint8_t {
  turn,        // a lane takes a turn
  deliver,     // the broker delivers messages of one service to one gateway
  serve,       // a service answers a request, or does something wrong instead
  ask,         // a client sends a request
  change,      // a service changes a resource and sends an event
  wait,        // time passes
  connect,     // a client connects
  disconnect,  // a client goes away
  stall,       // a client stops or starts to read
  browse,      // a client sends an HTTP request, or goes away before it is answered
  judge,       // a service changes who may read a resource, or sets a token
  reset,       // a service changes resources silently, and sends a system reset
  lose,        // a gateway loses its connection to the services, or gets it back
  quiet,       // the world comes to rest (nothing is under way any more) and is compared with the truth
  count_
};

struct Action {
  ActionKind kind;
  std::uint64_t seed;
};

struct Plan {
  std::uint64_t seed = 0;  // decides the first states of the resources
  std::size_t gateways = 1;
  std::size_t services = 1;
  std::size_t resources = 8;  // how many models, and how many collections, each service has
  std::size_t clients = 4;
  // Nothing fails, and no event has to wait in a gateway: there are no references, no tokens, no resets, and no access
  // is checked again. Then the answer to a call must come behind all events that the service sent before it.
  bool calm = false;
  bool faults = true;   // services and the messaging system may fail
  bool tight = false;   // the limits of the gateways are so small that clients are closed
  bool refuses = true;  // the messaging system may refuse subscriptions
  PipelineOptions options;
  std::vector<Action> actions;
};

// Makes the plan of a world.
Plan make_plan(std::uint64_t seed);

}  // namespace resflow::simulation
