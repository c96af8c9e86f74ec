#include "tests/simulation/shrink.hpp"

#include <array>

#include "tests/simulation/world.hpp"

namespace resflow::simulation {

namespace {

bool goes_wrong(const Plan& plan) {
  return !World(plan).run().oddities.empty();
}

// Applies `change` to a copy of the plan. If the world still goes wrong, keeps the changed plan and returns true.
template <typename Change>
bool try_out(Plan& plan, Change&& change) {
  Plan tried = plan;
  change(tried);
  if (!goes_wrong(tried)) return false;
  plan = std::move(tried);
  return true;
}

}  // namespace

const char* action_name(ActionKind kind) {
  static constexpr std::array names = {"turn",       "deliver", "serve",  "ask",   "change", "wait", "connect",
                                       "disconnect", "stall",   "browse", "judge", "reset",  "lose", "quiet"};
  return names[static_cast<std::size_t>(kind)];
}

// Uses delta debugging (Zeller and Hildebrandt: Simplifying and Isolating Failure-Inducing Input), but only its
// complements: tries the plan without one part of its actions, with smaller and smaller parts.
Plan shrink(Plan plan) {
  while (plan.gateways > 1 && try_out(plan, [](Plan& p) { --p.gateways; })) {
  }
  while (plan.options.lanes > 1 && try_out(plan, [](Plan& p) { --p.options.lanes; })) {
  }
  while (plan.clients > 1 && try_out(plan, [](Plan& p) { --p.clients; })) {
  }
  for (std::size_t part = plan.actions.size() / 2; part > 0; part /= 2) {
    for (std::size_t at = 0; at < plan.actions.size();) {
      const auto end = std::min(at + part, plan.actions.size());
      const bool gone = try_out(plan, [&](Plan& p) {
        p.actions.erase(p.actions.begin() + static_cast<std::ptrdiff_t>(at),
                        p.actions.begin() + static_cast<std::ptrdiff_t>(end));
      });
      if (!gone) at = end;
    }
  }
  return plan;
}

}  // namespace resflow::simulation
