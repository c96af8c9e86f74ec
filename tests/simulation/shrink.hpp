// Makes a failing plan small: takes actions, gateways and lanes out of it as long as its world still goes wrong.
// Keeps nothing between calls.
#pragma once

#include "tests/simulation/plan.hpp"

namespace resflow::simulation {

// Returns a smaller plan, whose world goes wrong as well. The world of `plan` must go wrong.
Plan shrink(Plan plan);

const char* action_name(ActionKind kind);

}  // namespace resflow::simulation
