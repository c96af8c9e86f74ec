// The messaging system between the services and the gateways, as NATS behaves: the messages of one service reach one
// gateway in the order in which they were sent; those of different services may overtake each other. A gateway may
// lose its connection, and with it all that is under way on it. One owner: the world.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "graph/lane.hpp"
#include "nodes/protocol/ports.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/faults.hpp"

namespace resflow::simulation {

// A request as its service gets it. `connection` is the gateway's connection that it came on.
struct Asked {
  std::size_t gateway = 0;
  std::size_t connection = 0;
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
  bool announced = false;  // a pre-response was sent
};

class Broker {
 public:
  Broker(std::size_t services, bool refuses, std::uint64_t seed, FaultCounts& faults);
  ~Broker();

  // Adds a gateway and returns its number. attach() tells its lanes, when they exist.
  std::size_t add_gateway(std::size_t lanes);
  ServicePort& port(std::size_t gateway, std::size_t lane);
  void attach(std::size_t gateway, std::vector<Lane*> lanes) { gateways_[gateway].lanes = std::move(lanes); }

  // Requests that wait for their services.
  std::vector<Asked>& asked() { return asked_; }

  // Messages from a service. publish() sends to all gateways that subscribe.
  void reply(std::size_t service, const Asked& to, std::string payload, bool no_responders = false);
  // Returns whether a gateway will get it.
  bool publish(std::size_t service, const std::string& subject, const std::string& payload);

  // Returns whether all gateways subscribe to the subjects with this stem.
  bool all_subscribe(std::string_view stem) const;

  // Delivers the next message of a service to a gateway. Returns false if there is none.
  bool deliver(std::size_t gateway, std::size_t service);
  bool deliver_any(Dice& dice);
  std::size_t under_way() const;

  // The gateway loses its connection; restore() gives it a new one.
  void lose(std::size_t gateway);
  void restore(std::size_t gateway);
  // Returns the number of the gateway's connection; another one for each.
  std::size_t connection(std::size_t gateway) const { return gateways_[gateway].connection; }
  bool is_connected(std::size_t gateway) const { return gateways_[gateway].connected; }
  // Subscriptions are not refused from now on, or as the plan says.
  void stop_refusing() { resting_ = true; }
  void refuse_again() { resting_ = false; }

  std::size_t subscriptions(std::size_t gateway) const { return gateways_[gateway].subscriptions.size(); }
  std::size_t gateways() const { return gateways_.size(); }

 private:
  class Port;
  struct Subscription {
    std::size_t lane;
    SubscriptionHandle handle;
  };
  // A message on its way to a gateway.
  struct OnItsWay {
    std::size_t lane = 0;  // of a reply
    std::variant<ServiceReply, ServiceMessage> message;
  };
  struct Gateway {
    std::vector<Lane*> lanes;
    std::vector<std::unique_ptr<Port>> ports;
    std::map<std::string, Subscription, std::less<>> subscriptions;  // by subject up to its last dot
    std::vector<std::deque<OnItsWay>> streams;                       // one of each service
    bool connected = true;
    std::size_t connection = 1;
  };

  static std::string_view stem(std::string_view subject) { return subject.substr(0, subject.rfind('.')); }
  bool subscribe(std::size_t gateway, std::size_t lane, SubscriptionHandle handle, std::string_view subject);
  void pass_on(Gateway& gateway, OnItsWay&& m);

  std::size_t services_;
  bool refuses_;
  bool resting_ = false;
  Dice dice_;
  FaultCounts& faults_;
  std::deque<Gateway> gateways_;
  std::vector<Asked> asked_;
};

}  // namespace resflow::simulation
