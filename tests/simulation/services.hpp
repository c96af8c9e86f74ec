// The services of a world. They answer requests late and in any order, change their resources and send events, and fail
// in all the ways in which a service can fail. A state that a service sends always fits its event stream: the state
// contains exactly the events that the service sent before it. Owned by the World.
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

  // serve(): answers one of the requests that wait. Returns false if no request waits. rest(): from now on, the
  // services answer without failures. go_on(): from now on, they may fail again.
  bool serve(Dice& dice);
  void rest() { resting_ = true; }
  void go_on() { resting_ = false; }

  // Changes a resource and sends an event.
  void change(Dice& dice);
  // Changes some resources without events, and then sends a system reset, so that gateways get the states again.
  void change_silently(Dice& dice);
  // Changes who may read a resource and sends a reaccess event or a system reset, or sets the token of a connection, or
  // asks for the renewal of tokens. `cids` are the connection ids of all clients.
  void judge(Dice& dice, const std::vector<std::string>& cids);

  // Returns the level of the token that the gateway has for a connection; 0 without a token. Returns nullopt if that is
  // not known: the gateway has lost its connection to the services since the token was sent, so it may have lost the
  // token.
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
  std::map<std::string, QueryEvent> query_events_;  // by the subject on which the gateway sends its query requests
  std::size_t last_query_ = 0;
  struct Token {
    unsigned level;
    std::size_t connection;  // the number of the gateway's connection when the token was sent
  };
  std::map<std::string, Token> tokens_;  // the latest token of each client, by connection id
};

}  // namespace resflow::simulation
