// The messaging system between the services and the gateways. It behaves as NATS does: the messages of one service
// reach one gateway in the order in which the service sent them; messages of different services may overtake each
// other. A gateway may lose its connection, and with the connection all messages that are under way on it. Owned by the
// World.
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

// A request as its service gets it. `connection` is the number of the gateway's connection on which the request came.
struct Asked {
  std::size_t gateway = 0;
  std::size_t connection = 0;
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;
  bool announced = false;  // true: the service has sent a pre-response
};

class Broker {
 public:
  Broker(std::size_t services, bool refuses, std::uint64_t seed, FaultCounts& faults);
  ~Broker();

  // add_gateway(): adds a gateway and returns its number. attach(): gives the broker the lanes of a gateway, which are
  // made later because they need the ports.
  std::size_t add_gateway(std::size_t lanes);
  ServicePort& port(std::size_t gateway, std::size_t lane);
  void attach(std::size_t gateway, std::vector<Lane*> lanes) { gateways_[gateway].lanes = std::move(lanes); }

  // Returns the requests that wait for their services.
  std::vector<Asked>& asked() { return asked_; }

  // Sends a reply of a service to the gateway that has sent the request `to`. Drops the reply if the gateway has lost
  // the connection of that request.
  void reply(std::size_t service, const Asked& to, std::string payload, bool no_responders = false);
  // Sends a message of a service to all connected gateways that subscribe to its subject. Returns true if there is one.
  bool publish(std::size_t service, const std::string& subject, const std::string& payload);

  // Returns true if all gateways are connected and subscribe to the subjects with this stem (the subject up to its last
  // dot).
  bool all_subscribe(std::string_view stem) const;

  // deliver(): delivers the next message of a service to a gateway. deliver_any(): does so for a random pair of service
  // and gateway. Both return false if there is no message.
  bool deliver(std::size_t gateway, std::size_t service);
  bool deliver_any(Dice& dice);
  std::size_t under_way() const;

  // lose(): takes the connection of a gateway away. restore(): gives the gateway a new connection.
  void lose(std::size_t gateway);
  void restore(std::size_t gateway);
  // Returns the number of the gateway's connection. Each new connection has another number.
  std::size_t connection(std::size_t gateway) const { return gateways_[gateway].connection; }
  bool is_connected(std::size_t gateway) const { return gateways_[gateway].connected; }
  // stop_refusing(): from now on, the broker refuses no subscription. refuse_again(): from now on, the broker may
  // refuse subscriptions, if the plan says so.
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
    std::size_t lane = 0;  // the lane that gets the message, if it is a reply
    std::variant<ServiceReply, ServiceMessage> message;
  };
  struct Gateway {
    std::vector<Lane*> lanes;
    std::vector<std::unique_ptr<Port>> ports;
    std::map<std::string, Subscription, std::less<>> subscriptions;  // by stem of the subject
    std::vector<std::deque<OnItsWay>> streams;                       // messages on their way, by service
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
