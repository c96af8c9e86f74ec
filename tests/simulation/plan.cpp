#include "tests/simulation/plan.hpp"

#include <array>

namespace resflow::simulation {

namespace {

// How often each kind of action occurs, in the order of ActionKind.
constexpr std::array<std::size_t, static_cast<std::size_t>(ActionKind::count_)> kWeights = {
    120, 110, 90, 60, 60, 20, 5, 3, 6, 8, 5, 3, 2, 0};

ActionKind any_kind(Dice& dice) {
  std::size_t total = 0;
  for (const std::size_t weight : kWeights) total += weight;
  std::size_t at = dice.below(total);
  std::size_t kind = 0;
  while (at >= kWeights[kind]) at -= kWeights[kind++];
  return static_cast<ActionKind>(kind);
}

bool is_calm(ActionKind kind) {
  return kind != ActionKind::judge && kind != ActionKind::reset && kind != ActionKind::lose;
}

// Chooses the limits of the gateways. The limits are small, so that rare cases become frequent: work is cut into
// slices, requests wait, caches overflow.
void choose_limits(Dice& dice, PipelineOptions& o, bool tight) {
  o.ask.timeout = 200 + static_cast<Millis>(dice.below(400));
  o.ask.reset_throttle = dice.below(4);
  o.ask.reference_throttle = dice.below(4);
  o.cache.keep_unused = static_cast<Millis>(dice.below(3) * 200);
  o.cache.reset_retry = 100 + static_cast<Millis>(dice.below(300));
  o.cache.room_wait = 100;
  o.cache.piece = dice.one_in(2) ? 4'096 : 2 + dice.below(8);
  if (dice.one_in(2))
    o.session.work = {4 + static_cast<std::int64_t>(dice.below(60)), 2 + static_cast<std::int64_t>(dice.below(12))};
  if (dice.one_in(2)) {
    o.admit.served = 3 + dice.below(4);  // session tells admit of up to two answers at once
    o.admit.pending_requests = o.session.pending_requests = 4 + dice.below(8);
    o.admit.turn = 2 + dice.below(8);
    o.admit.share = 1 + dice.below(3);
  }
  if (!tight) return;
  o.session.waiting_events = 2 + dice.below(6);
  o.session.waiting_messages = 4 + dice.below(20);
  o.cache.deferred = 2 + dice.below(10);
  o.write.event_bytes = 500 + dice.below(4'000);
  o.write.answer_bytes = 4'000;
  if (dice.one_in(3)) o.cache.bytes = 4'000 + dice.below(20'000);
  if (dice.one_in(3)) o.session.direct_subscriptions = 1 + dice.below(4);
  if (dice.one_in(3)) o.session.subscriptions = 6 + dice.below(20);
}

}  // namespace

Plan make_plan(std::uint64_t seed) {
  constexpr std::size_t phases = 3;
  constexpr std::size_t calm_ones = 6;
  Dice dice(seed);
  Plan plan;
  plan.seed = dice.roll();
  plan.gateways = 1 + dice.below(2);
  plan.services = 1 + dice.below(3);
  plan.resources = 2 + dice.below(10);
  plan.clients = 2 + dice.below(8);
  plan.calm = dice.one_in(calm_ones);
  plan.faults = !plan.calm && !dice.one_in(3);
  plan.tight = dice.one_in(3);
  plan.refuses = plan.faults && dice.one_in(3);
  plan.options.lanes = 1 + dice.below(4);
  choose_limits(dice, plan.options, plan.tight);
  const std::size_t length = 200 + dice.below(1'500);
  for (std::size_t phase = 0; phase < phases; ++phase) {
    for (std::size_t i = 0; i < length; ++i) {
      const ActionKind kind = any_kind(dice);
      plan.actions.push_back({plan.calm && !is_calm(kind) ? ActionKind::change : kind, dice.roll()});
    }
    plan.actions.push_back({ActionKind::quiet, dice.roll()});
  }
  return plan;
}

}  // namespace resflow::simulation
