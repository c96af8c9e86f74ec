// Two lanes in threads of their own, and a service in another thread, do random work and end cleanly. The thread
// sanitizer runs this test, too. It checks what must hold in any order: each request gets exactly one answer.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <random>
#include <thread>

#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

constexpr std::size_t kLanes = 2;
constexpr std::size_t kResources = 16;

// The loop of a lane, as the owner of the lane drives it: it sleeps until it is woken, then puts the waiting messages
// into the graph and takes a turn.
class LaneThread {
 public:
  LaneThread(std::size_t id, ServicePort& services, LogPort& log)
      : clients(50), lane(options(id), clients, services, log, [this] { wake(); }) {}

  void start() {
    thread_ = std::thread([this] { lane.run([this] { loop(); }); });
  }
  void put(ParseIn message) {
    {
      const std::lock_guard lock(mutex_);
      inputs_.push_back(std::move(message));
    }
    wake();
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake();
    thread_.join();
  }

  MemoryClients clients;
  Lane lane;

 private:
  static LaneOptions options(std::size_t id) {
    LaneOptions o;
    o.id = static_cast<LaneId>(id);
    o.lanes = kLanes;
    o.measure = true;
    return o;
  }

  void wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    changed_.notify_one();
  }

  // Waits for messages. Returns false when the thread is to end.
  bool wait(std::vector<ParseIn>& inputs) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return woken_ || ended_; });
    woken_ = false;
    inputs.swap(inputs_);
    return !ended_;
  }

  void loop() {
    std::vector<ParseIn> inputs;
    while (wait(inputs)) {
      for (ParseIn& m : inputs) lane.put(std::move(m));
      inputs.clear();
      const bool more = lane.turn(++now_);
      const std::vector<ConnId> refused = clients.take_refused();
      for (const ConnId conn : refused) lane.put(WriteIn(Writable{conn}));
      if (more || !refused.empty()) wake();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ParseIn> inputs_;
  bool woken_ = false;
  bool ended_ = false;
  Millis now_ = 0;
  std::thread thread_;
};

// A service in a thread of its own. It answers requests and publishes events. All lanes get its messages in the same
// order, as from a messaging system.
class ServiceThread {
 public:
  ServiceThread(MemoryServices& services, std::vector<std::unique_ptr<LaneThread>>& lanes)
      : services_(services), lanes_(lanes), thread_([this] { run(); }) {}

  void end() {
    ended_ = true;
    thread_.join();
  }

 private:
  void run() {
    while (!ended_) {
      const std::vector<MemoryRequest> requests = services_.take_requests();
      for (const MemoryRequest& r : requests) answer(r);
      if (requests.empty()) std::this_thread::yield();
    }
  }

  void answer(const MemoryRequest& r) {
    const std::string rid = r.subject.substr(r.subject.find('.') + 1);
    if (r.subject.starts_with("access.")) return reply(r, R"({"result":{"get":true,"call":"*"}})");
    if (r.subject.starts_with("get.")) return reply(r, R"({"result":{"model":)" + model() + "}}");
    publish("event." + rid.substr(0, rid.rfind('.')) + ".change", R"({"values":)" + model() + "}");
    if (random_() % 10 == 0) publish("system.reset", R"({"resources":["test.*"],"access":["test.*"]})");
    reply(r, R"({"result":null})");
  }

  std::string model() {
    return R"({"n":)" + std::to_string(random_() % 10) + R"(,"ref":{"rid":"test.)" +
           std::to_string(random_() % kResources) + R"("}})";
  }
  void reply(const MemoryRequest& r, const std::string& payload) {
    lanes_[r.lane()]->lane.post(ServiceReply{r.id, payload, false, {}});
  }
  void publish(const std::string& subject, const std::string& payload) {
    for (auto& [lane, message] : services_.route(subject, payload)) lanes_[lane]->lane.post(std::move(message));
  }

  MemoryServices& services_;
  std::vector<std::unique_ptr<LaneThread>>& lanes_;
  std::mt19937 random_{7};
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

struct Peer {
  ConnId conn;
  std::uint64_t asked = 0;
};

class Crowd {
 public:
  Crowd(std::vector<std::unique_ptr<LaneThread>>& lanes, std::size_t size) : lanes_(lanes) {
    for (std::uint32_t i = 0; i < size; ++i) peers_.push_back({ConnId{i, 1, static_cast<LaneId>(i % kLanes)}, 0});
    for (const Peer& p : peers_) connect(p);
  }

  void random_step() {
    Peer& p = peers_[random_() % peers_.size()];
    if (random_() % 100 == 0) {
      lane(p).put(ParseIn(Disconnected{p.conn}));
      p = Peer{ConnId{p.conn.slot, p.conn.generation + 1, p.conn.lane}, 0};
      return connect(p);
    }
    static const std::vector<std::string> methods{"subscribe.", "unsubscribe.", "get.", "call."};
    const std::string& method = methods[random_() % methods.size()];
    const std::string rid = "test." + std::to_string(random_() % kResources);
    lane(p).put(ParseIn(ClientText{p.conn, R"({"id":)" + std::to_string(++p.asked) + R"(,"method":")" + method + rid +
                                               (method == "call." ? ".do" : "") + "\"}"}));
  }

  // Returns whether each connection that is still open has as many answers as it has sent requests.
  bool all_answered() const {
    return std::all_of(peers_.begin(), peers_.end(), [&](const Peer& p) { return answers(p).size() == p.asked; });
  }
  std::size_t answered_twice() const {
    std::size_t twice = 0;
    for (const Peer& p : peers_) {
      const auto ids = answers(p);
      twice += ids.size() - std::set<std::int64_t>(ids.begin(), ids.end()).size();
    }
    return twice;
  }
  void leave() {
    for (const Peer& p : peers_) lane(p).put(ParseIn(Disconnected{p.conn}));
  }

 private:
  LaneThread& lane(const Peer& p) const { return *lanes_[p.conn.lane]; }
  void connect(const Peer& p) {
    const std::string cid = "cid" + std::to_string(p.conn.slot) + "x" + std::to_string(p.conn.generation);
    lane(p).put(ParseIn(Connected{p.conn, testing::client_info(cid)}));
  }
  std::vector<std::int64_t> answers(const Peer& p) const {
    std::vector<std::int64_t> ids;
    for (const std::string& text : lane(p).clients.socket(p.conn).texts) {
      const Json message = json_of(text);
      if (const Json* id = message.as_object().if_contains("id")) ids.push_back(id->as_int64());
    }
    return ids;
  }

  std::vector<std::unique_ptr<LaneThread>>& lanes_;
  std::mt19937 random_{11};
  std::vector<Peer> peers_;
};

}  // namespace

TEST_CASE("lane threads: random work in two lanes, each request gets its answer, and the end is clean") {
  constexpr auto patience = std::chrono::seconds(60);
  MemoryServices services(kLanes);
  MemoryLog log;
  std::vector<std::unique_ptr<LaneThread>> lanes;
  std::vector<Lane*> all;
  for (std::size_t i = 0; i < kLanes; ++i) {
    lanes.push_back(std::make_unique<LaneThread>(i, services.port(i), log));
    all.push_back(&lanes.back()->lane);
  }
  for (Lane* lane : all) lane->meet(all);
  for (const auto& lane : lanes) lane->start();
  ServiceThread service(services, lanes);

  Crowd crowd(lanes, 12);
  for (int i = 0; i < 2'000; ++i) crowd.random_step();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!crowd.all_answered() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(crowd.all_answered());
  CHECK(crowd.answered_twice() == 0);
  crowd.leave();
  // Work goes on while the lanes end one after the other, as in a gateway that is told to stop.
  for (const auto& lane : lanes) lane->end();
  for (Lane* lane : all) lane->stop();
  service.end();
  CHECK(log.errors().empty());
}
