// Makes a failing plan small: takes out actions, gateways and lanes as long as the world still goes wrong. Pure, apart
// from the worlds that it runs.
#pragma once

#include "tests/simulation/plan.hpp"

namespace resflow::simulation {

// Returns a part of the plan with which the world goes wrong as well. It must go wrong with the whole plan.
Plan shrink(Plan plan);

const char* action_name(ActionKind kind);

}  // namespace resflow::simulation
