// The services of a world. They answer requests late and in any order, change their resources and send events, and fail
// in all the ways that a service can fail. What they send always fits the order of their own stream: a state contains
// exactly the events that were sent before it. One owner: the world.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/simulation/broker.hpp"
#include "tests/simulation/truth.hpp"

namespace resflow::simulation {

class Services {
 public:
  // If it `counts`, the events of each model have a number, and the answer to a call of a model has the latest one.
  // Then no tokens are set either, since events wait for the verdict after a new token, and answers to calls do not.
  Services(Truth& truth, Broker& broker, bool fail, bool counts, FaultCounts& faults)
      : truth_(truth), broker_(broker), fail_(fail), counts_(counts), faults_(faults) {}

  // Answers a request that waits, any of them. Returns false if none waits. Without failures from now on after rest().
  bool serve(Dice& dice);
  void rest() { resting_ = true; }
  void go_on() { resting_ = false; }

  // Changes a resource and sends an event.
  void change(Dice& dice);
  // Changes some resources without events, and then asks for their states to be compared.
  void change_silently(Dice& dice);
  // Changes who may read a resource, or sets a token, and says so. `cids` are the connections there are.
  void judge(Dice& dice, const std::vector<std::string>& cids);

  // Returns the level of the token that the gateway has of a connection. Returns nullopt if it is not sure, because the
  // message that set it was lost with a connection.
  std::optional<unsigned> level_known(const std::string& cid) const;

 private:
  struct QueryEvent {
    boost::json::array before;
    boost::json::array now;
  };

  bool fails() const { return fail_ && !resting_; }
  bool misbehave(const Asked& a, std::size_t service, Dice& dice);
  void answer(const Asked& a, std::size_t service, Dice& dice);
  std::string get(const std::string& name, const std::string& query) const;
  std::string access(const std::string& name, const Json& payload) const;
  std::string call(const std::string& name, Dice& dice) const;
  std::string query(const std::string& subject, const std::string& query, Dice& dice);
  void set_token(const std::string& cid, unsigned level);
  void change_model(const std::string& name, Dice& dice, bool silent);
  void change_collection(const std::string& name, Dice& dice, bool silent);
  void change_list(std::size_t service, Dice& dice);
  void change_existence(const std::string& name, Dice& dice);
  void send_nonsense(const std::string& name, Dice& dice);
  void publish(const std::string& name, const std::string& event, const std::string& payload);

  Truth& truth_;
  Broker& broker_;
  bool fail_;
  bool counts_;
  bool resting_ = false;
  FaultCounts& faults_;
  std::map<std::string, QueryEvent> query_events_;  // by the subject that the gateway asks on
  std::size_t last_query_ = 0;
  struct Token {
    unsigned level;
    std::size_t connection;  // of the gateway, when the token was sent
  };
  std::map<std::string, Token> tokens_;  // the latest one of each client, by its cid
};

}  // namespace resflow::simulation
