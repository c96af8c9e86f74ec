#include "tests/simulation/gateway.hpp"

#include <algorithm>
#include <utility>

#include "graph/wiring.hpp"
#include "io/capture/capture.hpp"
#include "tests/nodes/client_info.hpp"

namespace resflow::simulation {

namespace {

// Returns the payload of a frame that the gateway has sent: one final, unmasked text frame (RFC 6455, section 5.2).
std::string_view payload_of(const std::string& frame) {
  constexpr unsigned char length16 = 126;
  const auto length = static_cast<unsigned char>(frame.at(1));
  return std::string_view(frame).substr(length < length16 ? 2 : length == length16 ? 4 : 10);
}

std::string_view reason_of(std::string_view reason) {
  return reason.substr(0, reason.find(' '));
}

}  // namespace

// The ClientPort of a lane: gives what the lane sends to the simulated clients.
class Gateway::Clients final : public ClientPort {
 public:
  Clients(Gateway& gateway, LaneId lane) : gateway_(gateway), lane_(lane) {}

  bool send(ConnId conn, std::span<const Frame> frames) override {
    Client* client = find(conn);
    if (client == nullptr || client->closed) return true;
    if (client->stalled) return false;
    for (const Frame& frame : frames) client->receive(payload_of(*frame));
    return true;
  }
  void close(ConnId conn, const CloseReason& reason) override {
    Client* client = find(conn);
    if (client == nullptr || client->closed) return;
    client->closed = true;
    ++gateway_.faults_[Fault::client_closed];
    const std::string_view why = reason_of(reason.text);
    if (!client->careless && why != "slow" && why != "too")
      gateway_.odd_("client " + client->cid() + " closed: " + reason.text);
  }
  void accept(ConnId, const Headers&) override { gateway_.odd_("opened a connection that was open"); }
  void respond(ConnId conn, const WebResponse& response) override {
    const auto it = gateway_.browsing_.find({lane_, conn.slot});
    if (it == gateway_.browsing_.end() || it->second.first != conn) return gateway_.odd_("a response to nobody");
    gateway_.responses_.emplace_back(it->second.second, response);
    gateway_.browsing_.erase(it);
    gateway_.slots_[lane_].free.push_back(conn.slot);
  }
  void pause(ConnId conn) override {
    if (Client* client = find(conn)) client->paused = true;
    ++gateway_.faults_[Fault::client_paused];
  }
  void resume(ConnId conn) override {
    if (Client* client = find(conn)) client->paused = false;
  }

 private:
  Client* find(ConnId conn) {
    const auto it = gateway_.clients_.find({lane_, conn.slot});
    return it == gateway_.clients_.end() || it->second->conn() != conn ? nullptr : it->second.get();
  }

  Gateway& gateway_;
  LaneId lane_;
};

Gateway::Gateway(Broker& broker, const PipelineOptions& options, Client::Odd odd, FaultCounts& faults)
    : broker_(broker),
      odd_(std::move(odd)),
      faults_(faults),
      number_(broker.add_gateway(options.lanes)),
      woken_(options.lanes, false),
      slots_(options.lanes) {
  LaneOptions lane_options;
  static_cast<PipelineOptions&>(lane_options) = options;
  std::vector<Lane*> all;
  for (std::size_t i = 0; i < options.lanes; ++i) {
    lane_options.id = static_cast<LaneId>(i);
    ends_.push_back(std::make_unique<Clients>(*this, lane_options.id));
    const auto micros = [this] { return now_ * 1'000; };
    captures_.push_back(std::make_unique<LaneCapture>(lane_options.id, *ends_.back(), broker.port(number_, i), micros));
    lanes_.push_back(std::make_unique<Lane>(lane_options, *captures_.back(), *captures_.back(), log_,
                                            [this, i] { woken_[i] = true; }));
    all.push_back(lanes_.back().get());
  }
  for (Lane* lane : all) lane->meet(all);
  broker.attach(number_, all);
}

Gateway::~Gateway() {
  for (auto& capture : captures_) capture->stop();
}

void Gateway::record(const std::string& file, const PipelineOptions& options) {
  CaptureOptions capture;
  capture.path = file;
  const std::shared_ptr<RunningCapture> running = start_capture(capture, options, log_).capture;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    captures_[i]->start(running);
    lanes_[i]->add_tap(*captures_[i]);
  }
}

bool Gateway::turn(std::size_t lane, Millis now) {
  now_ = now;
  if (!woken_[lane]) return false;
  woken_[lane] = false;
  lanes_[lane]->run([&] {
    if (lanes_[lane]->turn(now)) woken_[lane] = true;
  });
  return true;
}

bool Gateway::turn_all(Millis now) {
  bool any = false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) any = turn(i, now) || any;
  return any;
}

void Gateway::wake_all() {
  woken_.assign(woken_.size(), true);
}

void Gateway::put(std::size_t lane, ParseIn message) {
  lanes_[lane]->run([&] { lanes_[lane]->put(std::move(message)); });
  woken_[lane] = true;
}

void Gateway::put(std::size_t lane, WriteIn message) {
  lanes_[lane]->run([&] { lanes_[lane]->put(std::move(message)); });
  woken_[lane] = true;
}

ConnId Gateway::new_conn(std::size_t lane) {
  Slots& slots = slots_[lane];
  if (slots.free.empty()) {
    slots.free.push_back(static_cast<std::uint32_t>(slots.generations.size()));
    slots.generations.push_back(0);
  }
  const std::uint32_t slot = slots.free.back();
  slots.free.pop_back();
  return {slot, ++slots.generations[slot], static_cast<LaneId>(lane)};
}

Client& Gateway::connect(std::size_t lane) {
  const ConnId conn = new_conn(lane);
  const std::string cid = 'g' + std::to_string(number_) + 'c' + std::to_string(++last_cid_);
  auto& client = clients_[{conn.lane, conn.slot}];
  client = std::make_unique<Client>(conn, cid, odd_);
  put(lane, ParseIn(Connected{conn, testing::client_info(cid)}));
  return *client;
}

void Gateway::disconnect(Client& client) {
  const ConnId conn = client.conn();
  put(conn.lane, ParseIn(Disconnected{conn}));
  clients_.erase({conn.lane, conn.slot});
  slots_[conn.lane].free.push_back(conn.slot);
}

void Gateway::send(Client& client, std::string text) {
  put(client.conn().lane, ParseIn(ClientText{client.conn(), std::move(text)}));
}

void Gateway::read_again(Client& client) {
  client.stalled = false;
  put(client.conn().lane, WriteIn(Writable{client.conn()}));
}

std::vector<Client*> Gateway::clients() const {
  std::vector<Client*> all;
  for (const auto& [place, client] : clients_) all.push_back(client.get());
  return all;
}

ConnId Gateway::browse(std::size_t lane, const std::string& rid) {
  std::string path = "/api/" + rid;
  const std::size_t question = path.find('?');
  for (std::size_t i = 0; i < std::min(question, path.size()); ++i) {
    if (path[i] == '.') path[i] = '/';
  }
  return request(lane, rid, {{}, nullptr, "GET", {}}, path);
}

ConnId Gateway::request(std::size_t lane, const std::string& name, WebRequest request, const std::string& target) {
  const ConnId conn = new_conn(lane);
  const std::string cid = 'g' + std::to_string(number_) + 'w' + std::to_string(++last_cid_);
  browsing_[{conn.lane, conn.slot}] = {conn, name};
  request.conn = conn;
  request.info = testing::client_info(cid, target);
  put(lane, ParseIn(std::move(request)));
  return conn;
}

void Gateway::go_away(ConnId conn) {
  put(conn.lane, ParseIn(Disconnected{conn}));
  browsing_.erase({conn.lane, conn.slot});
  slots_[conn.lane].free.push_back(conn.slot);
}

std::vector<ConnId> Gateway::browsing() const {
  std::vector<ConnId> all;
  for (const auto& [place, request] : browsing_) all.push_back(request.first);
  return all;
}

std::size_t Gateway::client_count() const {
  std::size_t all = 0;
  for (const auto& lane : lanes_) all += lane->client_count();
  return all;
}

bool Gateway::waits_for_time() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->waits_for_time(); });
}

std::vector<std::string> Gateway::remains() const {
  std::vector<std::string> all;
  const auto none = [&](std::size_t count, const std::string& what) {
    if (count > 0) all.push_back(std::to_string(count) + ' ' + what);
  };
  none(client_count(), "clients");
  none(broker_.subscriptions(number_), "subscriptions");
  for (const auto& lane : lanes_) {
    const LaneStatistics s = lane->statistics();
    none(s.cached_names, "cached names");
    none(s.cached_resources, "cached resources");
    none(s.cache.bytes, "bytes in the cache");
    none(s.cache.subscriptions, "subscriptions of clients");
    none(s.pending_requests, "requests to services");
    none(s.throttled_requests, "throttled requests");
    none(s.admit.waiting, "waiting requests");
    none(s.session.waiting, "sessions with work");
    for (const NodeStatistics& node : s.nodes) {
      none(node.waiting, "messages for " + node.name);
      none(node.failures, "failures of " + node.name);
      none(node.records, "records of " + node.name);
    }
  }
  return all;
}

}  // namespace resflow::simulation
