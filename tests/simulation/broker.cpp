#include "tests/simulation/broker.hpp"

#include <algorithm>
#include <utility>

namespace resflow::simulation {

// The ServicePort of a lane. It behaves as io/nats/nats_port.hpp says: when the connection is lost, it keeps the lane's
// requests until the lane has handled ServicesRestored.
class Broker::Port final : public ServicePort {
 public:
  Port(Broker& broker, std::size_t gateway, std::size_t lane) : broker_(broker), gateway_(gateway), lane_(lane) {}

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override {
    Asked asked{gateway_, broker_.gateways_[gateway_].connection, id, std::string(subject), std::string(payload)};
    (keeping ? kept_ : broker_.asked_).push_back(std::move(asked));
  }
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override {
    return broker_.subscribe(gateway_, lane_, handle, subject);
  }
  void unsubscribe(SubscriptionHandle handle) override {
    auto& all = broker_.gateways_[gateway_].subscriptions;
    std::erase_if(all, [&](const auto& s) { return s.second.lane == lane_ && s.second.handle == handle; });
  }
  void flush() override {}
  void send_kept(const std::function<bool(ServiceRequestId)>& wanted) override {
    if (!broker_.gateways_[gateway_].connected) return;
    keeping = false;
    for (Asked& asked : std::exchange(kept_, {})) {
      if (wanted(asked.id)) request(asked.id, asked.subject, asked.payload);
    }
  }

  bool keeping = false;

 private:
  Broker& broker_;
  std::size_t gateway_;
  std::size_t lane_;
  std::vector<Asked> kept_;
};

Broker::Broker(std::size_t services, bool refuses, std::uint64_t seed, FaultCounts& faults)
    : services_(services), refuses_(refuses), dice_(seed), faults_(faults) {}

Broker::~Broker() = default;

std::size_t Broker::add_gateway(std::size_t lanes) {
  const std::size_t number = gateways_.size();
  Gateway& gateway = gateways_.emplace_back();
  gateway.streams.resize(services_);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    gateway.ports.push_back(std::make_unique<Port>(*this, number, lane));
  }
  return number;
}

ServicePort& Broker::port(std::size_t gateway, std::size_t lane) {
  return *gateways_[gateway].ports[lane];
}

bool Broker::subscribe(std::size_t gateway, std::size_t lane, SubscriptionHandle handle, std::string_view subject) {
  Gateway& g = gateways_[gateway];
  constexpr std::size_t seldom = 40;
  if (refuses_ && !resting_ && handle_kind(handle) == HandleKind::resource && dice_.one_in(seldom)) {
    ++faults_[Fault::subscription_refused];
    const auto why = dice_.one_in(2) ? SubscriptionRefusal::limit : SubscriptionRefusal::permission;
    g.lanes[lane]->post(ServiceNotice(SubscriptionRefused{handle, why}));
    return false;
  }
  g.subscriptions.insert_or_assign(std::string(stem(subject)), Subscription{lane, handle});
  return true;
}

void Broker::reply(std::size_t service, const Asked& to, std::string payload, bool no_responders) {
  Gateway& gateway = gateways_[to.gateway];
  if (!gateway.connected || gateway.connection != to.connection) return;
  gateway.streams[service].push_back({lane_of(to.id), ServiceReply{to.id, std::move(payload), no_responders, {}}});
}

bool Broker::publish(std::size_t service, const std::string& subject, const std::string& payload) {
  bool any = false;
  for (Gateway& gateway : gateways_) {
    if (!gateway.connected) continue;
    const bool wanted = subject.starts_with("system.") || gateway.subscriptions.contains(stem(subject));
    if (!wanted) continue;
    gateway.streams[service].push_back({0, ServiceMessage{0, subject, payload}});
    any = true;
  }
  return any;
}

bool Broker::all_subscribe(std::string_view stem) const {
  return std::all_of(gateways_.begin(), gateways_.end(),
                     [&](const Gateway& g) { return g.connected && g.subscriptions.contains(stem); });
}

bool Broker::deliver(std::size_t gateway, std::size_t service) {
  auto& stream = gateways_[gateway].streams[service];
  if (stream.empty()) return false;
  OnItsWay next = std::move(stream.front());
  stream.pop_front();
  pass_on(gateways_[gateway], std::move(next));
  return true;
}

// Gives a message to the lanes that it is for. An event goes to the lane and handle that have the subscription now.
// These may be others than when the service sent the event.
void Broker::pass_on(Gateway& gateway, OnItsWay&& m) {
  if (auto* reply = std::get_if<ServiceReply>(&m.message)) return gateway.lanes[m.lane]->post(std::move(*reply));
  auto& message = std::get<ServiceMessage>(m.message);
  if (message.subject.starts_with("system.")) {
    for (Lane* lane : gateway.lanes) lane->post(message);
    return;
  }
  const auto it = gateway.subscriptions.find(stem(message.subject));
  if (it == gateway.subscriptions.end()) return;
  message.handle = it->second.handle;
  gateway.lanes[it->second.lane]->post(std::move(message));
}

bool Broker::deliver_any(Dice& dice) {
  std::vector<std::pair<std::size_t, std::size_t>> ready;
  for (std::size_t g = 0; g < gateways_.size(); ++g) {
    for (std::size_t s = 0; s < services_; ++s) {
      if (!gateways_[g].streams[s].empty()) ready.emplace_back(g, s);
    }
  }
  if (ready.empty()) return false;
  const auto [gateway, service] = dice.of(ready);
  return deliver(gateway, service);
}

std::size_t Broker::under_way() const {
  std::size_t all = asked_.size();
  for (const Gateway& gateway : gateways_) {
    for (const auto& stream : gateway.streams) all += stream.size();
  }
  return all;
}

// Takes the connection of a gateway away. About half of the requests under way are lost. The others have reached their
// services already, but reply() will drop the replies to them.
void Broker::lose(std::size_t gateway) {
  Gateway& g = gateways_[gateway];
  if (!g.connected) return;
  ++faults_[Fault::connection_lost];
  g.connected = false;
  ++g.connection;
  for (auto& stream : g.streams) stream.clear();
  for (auto& port : g.ports) port->keeping = true;
  std::erase_if(asked_, [&](const Asked& a) { return a.gateway == gateway && dice_.one_in(2); });
}

void Broker::restore(std::size_t gateway) {
  Gateway& g = gateways_[gateway];
  if (g.connected) return;
  g.connected = true;
  for (Lane* lane : g.lanes) lane->post(ServiceNotice(ServicesRestored{}));
}

}  // namespace resflow::simulation
