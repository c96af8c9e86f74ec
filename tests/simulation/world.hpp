// A simulated world: services, the messaging system, gateways and their clients. Its clock moves only when the plan
// says so. A World carries out a plan, and reports everything that goes wrong. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/gateway.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/services.hpp"

namespace resflow::simulation {

struct Outcome {
  std::vector<std::string> oddities;  // the first things that went wrong; empty: nothing went wrong
  std::size_t comparisons = 0;        // how many resources of clients were compared with the truth
  std::size_t actions = 0;
  FaultCounts faults;
};

class World {
 public:
  // If `captures` is not empty, the file `captures`N.jsonl gets what enters and leaves gateway N.
  explicit World(const Plan& plan, const std::string& captures = {});

  // Carries out the plan, disconnects all clients, and checks that the gateways have nothing left. Call this once.
  Outcome run();

 private:
  void act(const Action& action);
  void turn(Dice& dice);
  void wait(Millis ms);
  void connect(Dice& dice);
  void disconnect(Dice& dice);
  void ask(Dice& dice);
  void stall(Dice& dice);
  void browse(Dice& dice);
  void judge(Dice& dice);
  void lose(Dice& dice);
  void renew_closed();
  Client* any_client(Dice& dice, Gateway** gateway);
  Gateway& any_gateway(Dice& dice) { return *gateways_[dice.below(gateways_.size())]; }

  void quiet(Dice& dice);
  void come_to_rest(Dice& dice);
  void compare();
  void audit(Dice& dice);
  void check_access(const Client& client, std::size_t gateway);
  void check_responses();
  void check_response(const std::string& rid, const WebResponse& response);
  void check_part(const std::string& rid, const Json& body, const Json& is);
  void leave(Dice& dice);
  void odd(const std::string& what);

  const Plan& plan_;
  Outcome outcome_;
  Truth truth_;
  Broker broker_;
  Services services_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  Millis now_ = 1'000;
  bool at_rest_ = false;
};

}  // namespace resflow::simulation
