// Clients must not notice how many lanes there are. The same random conversation runs with its clients and resources
// spread over one, two and four lanes, and each client must get the same messages.
#include <random>

#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

constexpr std::size_t kClients = 6;
constexpr std::size_t kResources = 24;

std::string rid_of(std::size_t i) {
  return "test." + std::to_string(i);
}

// A service with models that refer to each other, also in cycles.
class Service {
 public:
  Service(World& world, std::mt19937& random) : world_(world), random_(random) {
    for (std::size_t i = 0; i < kResources; ++i) {
      states_.push_back({});
      states_[i]["n"] = "0";
      states_[i]["ref"] = value();
      world_.on("get." + rid_of(i),
                [this, i](const MemoryRequest& r) { world_.reply(r, R"({"result":{"model":)" + state(i) + "}}"); });
      world_.on("call." + rid_of(i) + ".change", [this, i](const MemoryRequest& r) {
        change(i);
        world_.reply(r, R"({"result":)" + state(i) + "}");
      });
      world_.on("call." + rid_of(i) + ".next", [this, i](const MemoryRequest& r) {
        world_.reply(r, R"({"resource":{"rid":")" + rid_of((i + 1) % kResources) + R"("}})");
      });
    }
  }

  void change(std::size_t i) {
    const std::string name = random_() % 2 == 0 ? "n" : "ref";
    const std::string next = name == "n" ? std::to_string(random_() % 100) : value();
    states_[i][name] = next;
    world_.publish("event." + rid_of(i) + ".change", R"({"values":{")" + name + "\":" + next + "}}");
  }

  void reset_silently(std::size_t i) {
    states_[i]["n"] = std::to_string(random_() % 100);
    states_[i]["ref"] = value();
    world_.publish("system.reset", R"({"resources":[")" + rid_of(i) + R"("]})");
  }

 private:
  std::string value() {
    if (random_() % 3 == 0) return "null";
    return R"({"rid":")" + rid_of(random_() % kResources) + R"("})";
  }
  std::string state(std::size_t i) const {
    return R"({"n":)" + states_[i].at("n") + R"(,"ref":)" + states_[i].at("ref") + "}";
  }

  World& world_;
  std::mt19937& random_;
  std::vector<std::map<std::string, std::string>> states_;
};

// The messages that each client has received, step by step. Between different resources there is no order, so the
// messages of one step are sorted.
using Transcript = std::vector<std::vector<std::string>>;

void note(Transcript& transcript, std::vector<TestClient>& clients) {
  for (std::size_t i = 0; i < clients.size(); ++i) {
    std::vector<std::string> step;
    for (const Json& message : clients[i].news()) step.push_back(boost::json::serialize(message));
    std::sort(step.begin(), step.end());
    transcript[i].insert(transcript[i].end(), step.begin(), step.end());
    transcript[i].emplace_back("--");
  }
}

void random_step(std::mt19937& random, Service& service, std::vector<TestClient>& clients) {
  TestClient& client = clients[random() % clients.size()];
  const std::size_t i = random() % kResources;
  switch (random() % 8) {
    case 0:
    case 1:
      return static_cast<void>(client.request("subscribe." + rid_of(i)));
    case 2:
      return static_cast<void>(client.request("unsubscribe." + rid_of(i)));
    case 3:
      return static_cast<void>(client.request("get." + rid_of(i)));
    case 4:
      return static_cast<void>(client.request("call." + rid_of(i) + (random() % 2 == 0 ? ".change" : ".next")));
    case 5:
      return service.reset_silently(i);
    default:
      return service.change(i);
  }
}

Transcript converse(std::size_t lanes, std::uint32_t seed) {
  std::mt19937 random(seed);
  World world(lanes);
  Service service(world, random);
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.emplace_back(world, i % lanes, static_cast<std::uint32_t>(i));
  for (std::size_t i = 0; i < kClients; i += 2) clients[i].ask("version", R"({"protocol":"1.2.3"})");
  Transcript transcript(kClients);
  for (int step = 0; step < 300; ++step) {
    random_step(random, service, clients);
    world.settle();
    note(transcript, clients);
  }
  CHECK(world.log.errors().empty());
  for (TestClient& client : clients) client.disconnect();
  world.settle();
  world.advance(5'000);
  CHECK(world.client_count() == 0);
  CHECK(world.cached_names() == 0);
  CHECK(world.services.subscription_count() == 0);
  return transcript;
}

}  // namespace

TEST_CASE("lanes: clients get the same from one, two and four lanes") {
  const std::uint32_t seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  const Transcript one = converse(1, seed);
  for (const std::size_t lanes : {2U, 4U}) {
    const Transcript many = converse(lanes, seed);
    for (std::size_t i = 0; i < kClients; ++i) {
      INFO("seed " << seed << ", " << lanes << " lanes, client " << i);
      CHECK(many[i] == one[i]);
    }
  }
}

TEST_CASE("lanes: resources are spread, and each is asked for once whoever wants it") {
  World world(4);
  std::set<std::size_t> used;
  for (std::size_t i = 0; i < kResources; ++i) {
    world.on("get." + rid_of(i), [&](const MemoryRequest& r) {
      used.insert(r.lane());
      world.reply(r, R"({"result":{"model":{}}})");
    });
  }
  for (std::uint32_t lane = 0; lane < 4; ++lane) {
    TestClient client(world, lane, lane);
    for (std::size_t i = 0; i < kResources; ++i) CHECK(client.ask("subscribe." + rid_of(i)).at("result").is_object());
  }
  CHECK(used.size() == 4);
  for (std::size_t i = 0; i < kResources; ++i) CHECK(world.asked("get." + rid_of(i)) == 1);
  CHECK(world.cached_names() == kResources);
}

TEST_CASE("lanes: an event goes to the clients of every lane") {
  World world(4);
  world.model("test.a", R"({"n":0})");
  std::vector<TestClient> clients;
  for (std::uint32_t i = 0; i < 8; ++i) {
    clients.emplace_back(world, i % 4, i);
    clients.back().ask("subscribe.test.a");
    clients.back().skip_news();
  }
  clients[0].disconnect();
  world.settle();
  world.publish("event.test.a.change", R"({"values":{"n":1}})");
  world.settle();
  CHECK(clients[0].news().empty());
  for (std::size_t i = 1; i < 8; ++i) CHECK(clients[i].news().size() == 1);
}

TEST_CASE("lanes: a time-out reaches a client of another lane") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  World world(lanes);
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const std::string rid = rid_of(i);
    world.hold("get." + rid);
    world.hold("call." + rid + ".do");
    world.hold("access.secret." + rid);
    TestClient client(world, i, i);
    const std::vector<std::uint64_t> asked{client.request("subscribe." + rid), client.request("call." + rid + ".do"),
                                           client.request("subscribe.secret." + rid)};
    world.settle();
    world.advance(3'000);
    for (const std::uint64_t id : asked) {
      INFO("lanes " << lanes << ", client in lane " << i << ", request " << id);
      CHECK(client.answer_to(id) == R"({"error":{"code":"system.timeout","message":"Request timeout"}})"_json);
    }
  }
}
