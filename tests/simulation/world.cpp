// What happens in a world: the actions of its plan.
#include "tests/simulation/world.hpp"

namespace resflow::simulation {

World::World(const Plan& plan, const std::string& captures)
    : plan_(plan),
      truth_(plan.seed, plan.services, plan.resources, !plan.calm),
      broker_(plan.services, plan.refuses, plan.seed, outcome_.faults),
      services_(truth_, broker_, plan.faults, plan.calm, outcome_.faults) {
  for (std::size_t i = 0; i < plan.gateways; ++i) {
    gateways_.push_back(std::make_unique<Gateway>(
        broker_, plan.options, [this](const std::string& what) { odd(what); }, outcome_.faults));
    if (!captures.empty()) gateways_.back()->record(captures + std::to_string(i) + ".jsonl", plan.options);
  }
  Dice dice(plan.seed);
  for (std::size_t i = 0; i < plan.clients; ++i) connect(dice);
}

void World::odd(const std::string& what) {
  constexpr std::size_t enough = 10;
  if (outcome_.oddities.size() < enough) {
    outcome_.oddities.push_back("after " + std::to_string(outcome_.actions) + " actions: " + what);
  }
}

Outcome World::run() {
  for (const Action& action : plan_.actions) {
    act(action);
    ++outcome_.actions;
    renew_closed();
    if (!outcome_.oddities.empty()) return outcome_;
  }
  Dice dice(plan_.seed);
  leave(dice);
  return outcome_;
}

void World::act(const Action& action) {
  Dice dice(action.seed);
  switch (action.kind) {
    case ActionKind::turn:
      return turn(dice);
    case ActionKind::deliver:
      for (std::size_t n = 1 + dice.below(3); n > 0; --n) broker_.deliver_any(dice);
      return;
    case ActionKind::serve:
      services_.serve(dice);
      return;
    case ActionKind::ask:
      return ask(dice);
    case ActionKind::change:
      return services_.change(dice);
    case ActionKind::wait:
      return wait(static_cast<Millis>(1 + dice.below(80)));
    case ActionKind::connect:
      return connect(dice);
    case ActionKind::disconnect:
      return disconnect(dice);
    case ActionKind::stall:
      return stall(dice);
    case ActionKind::browse:
      return browse(dice);
    case ActionKind::judge:
      return judge(dice);
    case ActionKind::reset:
      return services_.change_silently(dice);
    case ActionKind::lose:
      return lose(dice);
    case ActionKind::quiet:
    case ActionKind::count_:
      return quiet(dice);
  }
}

void World::turn(Dice& dice) {
  constexpr std::size_t seldom = 10;
  Gateway& gateway = any_gateway(dice);
  if (dice.one_in(seldom)) {
    ++outcome_.faults[Fault::lane_late];
    return;
  }
  gateway.turn(dice.below(gateway.lanes()), now_);
}

void World::wait(Millis ms) {
  now_ += ms;
  for (auto& gateway : gateways_) gateway->wake_all();
}

void World::connect(Dice& dice) {
  Gateway& gateway = any_gateway(dice);
  if (gateway.clients().size() < 2 * plan_.clients) gateway.connect(dice.below(gateway.lanes()));
}

Client* World::any_client(Dice& dice, Gateway** gateway) {
  *gateway = &any_gateway(dice);
  const std::vector<Client*> all = (*gateway)->clients();
  return all.empty() ? nullptr : all[dice.below(all.size())];
}

void World::disconnect(Dice& dice) {
  Gateway* gateway = nullptr;
  Client* client = any_client(dice, &gateway);
  if (client == nullptr) return;
  if (client->is_waiting()) ++outcome_.faults[Fault::client_gone];
  gateway->disconnect(*client);
  connect(dice);
}

// Replaces each client whose connection the gateway has closed by a new client.
void World::renew_closed() {
  for (auto& gateway : gateways_) {
    for (Client* client : gateway->clients()) {
      if (!client->closed) continue;
      gateway->disconnect(*client);
      gateway->connect(0);
    }
  }
}

// Has a client send one request, or seldom up to six. A client that the gateway has paused sends none. (In reality the
// kernel's buffers may have a few messages of a paused client.)
void World::ask(Dice& dice) {
  Gateway* gateway = nullptr;
  Client* client = any_client(dice, &gateway);
  if (client == nullptr || client->paused) return;
  constexpr std::size_t seldom = 10;
  for (std::size_t n = dice.one_in(seldom) ? 6 : 1; n > 0 && !client->paused; --n) {
    gateway->send(*client, client->ask(dice, truth_));
  }
}

void World::stall(Dice& dice) {
  Gateway* gateway = nullptr;
  Client* client = any_client(dice, &gateway);
  if (client == nullptr) return;
  if (client->stalled) return gateway->read_again(*client);
  client->stalled = true;
  ++outcome_.faults[Fault::client_stalled];
}

void World::browse(Dice& dice) {
  Gateway& gateway = any_gateway(dice);
  const std::vector<ConnId> browsing = gateway.browsing();
  constexpr std::size_t seldom = 6;
  if (!browsing.empty() && dice.one_in(seldom)) {
    ++outcome_.faults[Fault::web_client_gone];
    return gateway.go_away(dice.of(browsing));
  }
  gateway.browse(dice.below(gateway.lanes()), truth_.any_rid(dice));
}

void World::judge(Dice& dice) {
  std::vector<std::string> cids;
  for (const auto& gateway : gateways_) {
    for (const Client* client : gateway->clients()) cids.push_back(client->cid());
  }
  services_.judge(dice, cids);
}

void World::lose(Dice& dice) {
  if (!plan_.faults) return;
  const std::size_t gateway = dice.below(gateways_.size());
  if (broker_.is_connected(gateway)) {
    broker_.lose(gateway);
  } else {
    broker_.restore(gateway);
  }
}

}  // namespace resflow::simulation
