// The whole pipeline with any number of lanes, driven by hand in one thread, with its ends in memory. A scripted
// service answers the requests. A client's message goes through all lanes until nothing is left to do. Time passes only
// when the test says so: nothing waits for real time.
#pragma once

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "tests/graph/memory_ends.hpp"
#include "tests/nodes/client_info.hpp"

namespace resflow::testing {

using Json = boost::json::value;

inline Json json_of(std::string_view text) {
  boost::system::error_code ec;
  Json value = boost::json::parse(boost::json::string_view(text.data(), text.size()), ec);
  return ec ? Json("no JSON: " + std::string(text)) : value;
}

inline Json operator""_json(const char* text, std::size_t size) {
  return json_of({text, size});
}

// A gateway of several lanes, its clients, and the service. A request that has no handler fails with "no responders";
// an access request without a handler is granted.
class World {
 public:
  // The ports through which a lane talks to the outside. A test may put its own ports in between.
  struct Ends {
    ClientPort& clients;
    ServicePort& services;
  };
  using Between = std::function<Ends(LaneId, ClientPort&, ServicePort&)>;

  explicit World(std::size_t lanes = 1, LaneOptions options = {}, const Between& between = {})
      : services(lanes), woken_(lanes, false) {
    options.lanes = lanes;
    for (std::size_t i = 0; i < lanes; ++i) {
      options.id = static_cast<LaneId>(i);
      const auto wake = [this, i] { woken_[i] = true; };
      MemoryClients& clients = clients_.emplace_back();
      const Ends ends = between ? between(options.id, clients, services.port(i)) : Ends{clients, services.port(i)};
      lanes_.push_back(std::make_unique<Lane>(options, ends.clients, ends.services, log, std::function<void()>(wake)));
    }
    std::vector<Lane*> all;
    for (const auto& lane : lanes_) all.push_back(lane.get());
    for (Lane* lane : all) lane->meet(all);
  }

  // Takes turns until nothing is left to do.
  void settle() {
    for (int i = 0; i < 100'000; ++i) {
      if (!turn_all() && !serve()) return;
    }
    FAIL("the pipeline does not come to rest");
  }

  void advance(Millis ms) {
    now_ += ms;
    woken_.assign(woken_.size(), true);
    settle();
  }

  // ---- the service

  using Handler = std::function<void(const MemoryRequest&)>;

  // Sets the handler for requests on a subject. The query belongs to the subject, if there is one:
  // "get.test.model?q=1".
  void on(const std::string& subject, Handler handler) { handlers_[subject] = std::move(handler); }
  // Sets the handler for all other requests.
  void on_others(Handler handler) { others_ = std::move(handler); }
  void answer(const std::string& subject, const std::string& payload) {
    on(subject, [this, payload](const MemoryRequest& r) { reply(r, payload); });
  }
  void model(const std::string& rid, const std::string& value) {
    answer("get." + rid, R"({"result":{"model":)" + value + "}}");
  }
  void collection(const std::string& rid, const std::string& value) {
    answer("get." + rid, R"({"result":{"collection":)" + value + "}}");
  }
  // Keeps requests on the subject in `held`; the test replies to them later.
  void hold(const std::string& subject) {
    on(subject, [this](const MemoryRequest& r) { held.push_back(r); });
  }

  void reply(const MemoryRequest& request, const std::string& payload) {
    lanes_[request.lane()]->post(ServiceReply{request.id, payload, false, {}});
  }
  void publish(const std::string& subject, const std::string& payload) {
    for (auto& [lane, message] : services.route(subject, payload)) lanes_[lane]->post(std::move(message));
  }
  // Returns how many requests came on a subject.
  std::size_t asked(const std::string& subject) const {
    const auto it = asked_.find(subject);
    return it == asked_.end() ? 0 : it->second;
  }

  // ---- the clients

  void put(std::size_t lane, ParseIn message) { put_any(lane, std::move(message)); }
  void put(std::size_t lane, WriteIn message) { put_any(lane, std::move(message)); }

  MemoryClients& clients(std::size_t lane) { return clients_[lane]; }
  std::size_t lane_count() const { return lanes_.size(); }
  Lane& lane(std::size_t i) { return *lanes_[i]; }
  std::size_t client_count() const {
    return sum([](const Lane& lane) { return lane.client_count(); });
  }
  std::size_t cached_names() const {
    return sum([](const Lane& lane) { return lane.cached_names(); });
  }

  MemoryLog log;
  MemoryServices services;
  std::vector<MemoryRequest> held;

 private:
  bool turn_all() {
    bool any = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (!woken_[i]) continue;
      woken_[i] = false;
      any = true;
      lanes_[i]->run([&] {
        if (lanes_[i]->turn(now_)) woken_[i] = true;
      });
    }
    return any;
  }

  bool serve() {
    const std::vector<MemoryRequest> requests = services.take_requests();
    for (const MemoryRequest& r : requests) {
      std::string subject = r.subject;
      const Json payload = json_of(r.payload.empty() ? "{}" : r.payload);
      const auto* object = payload.if_object();
      if (const Json* query = object == nullptr ? nullptr : object->if_contains("query")) {
        subject += '?' + std::string(query->as_string());
      }
      ++asked_[subject];
      if (const auto it = handlers_.find(subject); it != handlers_.end()) {
        it->second(r);
      } else if (others_) {
        others_(r);
      } else if (subject.starts_with("access.")) {
        reply(r, R"({"result":{"get":true,"call":"*"}})");
      } else {
        lanes_[r.lane()]->post(ServiceReply{r.id, {}, true, {}});
      }
    }
    return !requests.empty();
  }

  template <typename Message>
  void put_any(std::size_t lane, Message message) {
    lanes_[lane]->run([&] { lanes_[lane]->put(std::move(message)); });
    woken_[lane] = true;
  }

  template <typename F>
  std::size_t sum(F&& f) const {
    std::size_t total = 0;
    for (const auto& lane : lanes_) total += f(*lane);
    return total;
  }

  std::deque<MemoryClients> clients_;
  std::vector<bool> woken_;
  Millis now_ = 1'000;
  std::map<std::string, Handler> handlers_;
  Handler others_;
  std::map<std::string, std::size_t> asked_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

// A client of a World, with one WebSocket connection.
class TestClient {
 public:
  explicit TestClient(World& world, std::size_t lane = 0, std::uint32_t slot = 0, std::uint32_t generation = 1)
      : world_(world), conn_{slot, generation, static_cast<LaneId>(lane)} {
    cid_ = "cid" + std::to_string(lane) + "x" + std::to_string(slot) + "x" + std::to_string(generation);
    world_.put(lane, ParseIn(Connected{conn_, testing::client_info(cid_)}));
    world_.settle();
  }

  const std::string& cid() const { return cid_; }
  ConnId conn() const { return conn_; }
  MemorySocket socket() const { return world_.clients(conn_.lane).socket(conn_); }

  void send(std::string text) { world_.put(conn_.lane, ParseIn(ClientText{conn_, std::move(text)})); }
  std::uint64_t request(const std::string& method, const std::string& params = {}) {
    const std::uint64_t id = ++last_id_;
    send(R"({"id":)" + std::to_string(id) + R"(,"method":")" + method + '"' +
         (params.empty() ? "" : R"(,"params":)" + params) + '}');
    return id;
  }
  // Sends a request and returns its answer without the id. Returns null if there is no answer yet.
  Json ask(const std::string& method, const std::string& params = {}) {
    const std::uint64_t id = request(method, params);
    world_.settle();
    return answer_to(id);
  }
  Json answer_to(std::uint64_t id) const {
    for (const std::string& text : socket().texts) {
      Json message = json_of(text);
      const Json* its = message.as_object().if_contains("id");
      if (its == nullptr || *its != Json(static_cast<std::int64_t>(id))) continue;
      message.as_object().erase("id");
      return message;
    }
    return nullptr;
  }
  // Returns the messages that have come since the last call, events and answers, in order.
  std::vector<Json> news() {
    const std::vector<std::string> texts = socket().texts;
    std::vector<Json> fresh;
    for (; read_ < texts.size(); ++read_) fresh.push_back(json_of(texts[read_]));
    return fresh;
  }
  void skip_news() { read_ = socket().texts.size(); }

  void set_busy(bool busy) { world_.clients(conn_.lane).set_busy(conn_, busy); }
  void writable() { world_.put(conn_.lane, WriteIn(Writable{conn_})); }
  void disconnect() { world_.put(conn_.lane, ParseIn(Disconnected{conn_})); }

 private:
  World& world_;
  ConnId conn_;
  std::string cid_;
  std::uint64_t last_id_ = 0;
  std::size_t read_ = 0;
};

}  // namespace resflow::testing
