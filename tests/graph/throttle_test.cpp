// Throttles in the whole pipeline, with resources and clients spread over one, two and four lanes. There are never more
// pending requests than the limit, never fewer than the limit allows, and every request is answered in the end.
#include <algorithm>
#include <random>

#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

constexpr std::size_t kResources = 24;

LaneOptions limits(std::size_t reset, std::size_t reference) {
  LaneOptions options;
  options.ask.reset_throttle = reset;
  options.ask.reference_throttle = reference;
  return options;
}

std::string rid_of(const std::string& family, std::size_t i) {
  return "test." + family + "." + std::to_string(i);
}

// A collection that refers to models; each model refers to a child. The service answers none of the requests until the
// test calls answer_one().
class Family {
 public:
  Family(World& world, std::string name) : world_(world), name_(std::move(name)) {
    for (std::size_t i = 0; i < kResources; ++i) {
      const std::string rid = rid_of(name_, i);
      world.hold("get." + rid);
      world.hold("get." + rid + ".child");
      models_["get." + rid] = R"({"child":{"rid":")" + rid + R"(.child"}})";
      models_["get." + rid + ".child"] = R"({"n":1})";
    }
    world.hold("get." + list());
  }

  std::string list() const { return "test." + name_; }
  std::size_t size() const { return 1 + 2 * kResources; }

  bool owns(const MemoryRequest& r) const {
    return r.subject == "get." + list() || r.subject.starts_with("get." + list() + ".");
  }
  std::string state(const MemoryRequest& r) const {
    const auto model = models_.find(r.subject);
    if (model != models_.end()) return R"({"result":{"model":)" + model->second + "}}";
    std::string references;
    for (std::size_t i = 0; i < kResources; ++i) {
      references += (i == 0 ? "" : ",") + (R"({"rid":")" + rid_of(name_, i) + R"("})");
    }
    return R"({"result":{"collection":[)" + references + "]}}";
  }

  // Number of requests that are pending, and number of all requests so far.
  std::size_t held() const {
    return static_cast<std::size_t>(
        std::count_if(world_.held.begin(), world_.held.end(), [this](const MemoryRequest& r) { return owns(r); }));
  }
  std::size_t asked() const {
    std::size_t total = world_.asked("get." + list());
    for (const auto& [subject, model] : models_) total += world_.asked(subject);
    return total;
  }
  // Answers one of the pending requests, chosen at random.
  void answer_one(std::mt19937& random) {
    std::vector<std::size_t> mine;
    for (std::size_t i = 0; i < world_.held.size(); ++i) {
      if (owns(world_.held[i])) mine.push_back(i);
    }
    const std::size_t at = mine.at(random() % mine.size());
    const MemoryRequest request = world_.held[at];
    world_.held.erase(world_.held.begin() + static_cast<std::ptrdiff_t>(at));
    world_.reply(request, state(request));
    world_.settle();
  }

 private:
  World& world_;
  std::string name_;
  std::map<std::string, std::string> models_;
};

std::size_t resources_in(const Json& answer) {
  const auto& result = answer.at("result").as_object();
  std::size_t count = 0;
  for (const char* kind : {"models", "collections", "errors"}) {
    if (const Json* all = result.if_contains(kind)) count += all->as_object().size();
  }
  return count;
}

// Checks that no state is left anywhere when all clients are gone.
void check_nothing_left(World& world) {
  world.settle();
  world.advance(10'000);
  world.advance(10'000);
  CHECK(world.client_count() == 0);
  CHECK(world.cached_names() == 0);
  CHECK(world.services.subscription_count() == 0);
  for (std::size_t i = 0; i < world.lane_count(); ++i) CHECK_FALSE(world.lane(i).waits_for_time());
}

}  // namespace

TEST_CASE("throttle: a client's references are fetched a few at a time") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  const std::size_t limit = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{10});
  INFO(lanes << " lanes, limit " << limit);
  World world(lanes, limits(0, limit));
  Family family(world, "a");
  std::mt19937 random(1);
  TestClient client(world, lanes - 1);
  const auto id = client.request("subscribe." + family.list());
  world.settle();
  CHECK(family.held() == 1);
  family.answer_one(random);
  CHECK(family.held() == limit);
  // References are fetched in the order of the list. With several lanes, the order between lanes is not fixed.
  for (std::size_t i = 0; i < limit && lanes == 1; ++i) CHECK(world.asked("get." + rid_of("a", i)) == 1);
  for (std::size_t served = 1; served < family.size(); ++served) {
    // The pending requests are for models. A child is asked for when its model has come.
    CHECK(family.held() <= limit);
    CHECK(family.held() >= std::min(limit, kResources - std::min(kResources, served)));
    REQUIRE(family.held() > 0);
    CHECK(client.answer_to(id) == nullptr);
    family.answer_one(random);
  }
  CHECK(resources_in(client.answer_to(id)) == family.size());
  CHECK(family.asked() == family.size());
  client.disconnect();
  check_nothing_left(world);
}

TEST_CASE("throttle: what is cached, or being fetched for another client, takes no place") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  World world(lanes, limits(0, 2));
  Family family(world, "a");
  std::mt19937 random(1);
  TestClient first(world, 0, 0);
  TestClient second(world, lanes - 1, 1);
  const auto one = first.request("subscribe." + family.list());
  world.settle();
  family.answer_one(random);
  const auto two = second.request("subscribe." + family.list());
  world.settle();
  CHECK(family.held() == 2);
  // The second client has a throttle of its own, so a resource that nobody else fetches does not wait.
  world.hold("get.test.other");
  second.request("subscribe.test.other");
  world.settle();
  CHECK(world.asked("get.test.other") == 1);
  while (family.held() > 0) family.answer_one(random);
  CHECK(resources_in(first.answer_to(one)) == family.size());
  CHECK(resources_in(second.answer_to(two)) == family.size());
  CHECK(family.asked() == family.size());
}

TEST_CASE("throttle: when a client has gone, what only it wanted is not asked for any more") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  INFO(lanes << " lanes");
  World world(lanes, limits(0, 3));
  Family family(world, "a");
  std::mt19937 random(1);
  TestClient first(world, 0, 0);
  first.request("subscribe." + family.list());
  world.settle();
  family.answer_one(random);
  for (int i = 0; i < 5; ++i) family.answer_one(random);
  const std::size_t before = family.asked();
  SECTION("nobody else") {
    first.disconnect();
    world.settle();
    while (family.held() > 0) family.answer_one(random);
    CHECK(family.asked() == before);
    // The next client gets what is cached from the cache. The rest is fetched a few at a time.
    TestClient next(world, lanes - 1, 1);
    const auto id = next.request("subscribe." + family.list());
    world.settle();
    CHECK(family.held() == 3);
    while (family.held() > 0) family.answer_one(random);
    CHECK(resources_in(next.answer_to(id)) == family.size());
    CHECK(family.asked() == family.size());
    next.disconnect();
  }
  SECTION("but another waits for the same") {
    TestClient second(world, lanes - 1, 1);
    const auto id = second.request("subscribe." + family.list());
    world.settle();
    first.disconnect();
    world.settle();
    while (family.held() > 0) {
      CHECK(family.held() <= 6);  // the limits of both throttles together
      family.answer_one(random);
    }
    CHECK(resources_in(second.answer_to(id)) == family.size());
    CHECK(family.asked() == family.size());
    second.disconnect();
  }
  SECTION("or may not read it") {
    world.hold("access.test.b");
    Family denied(world, "b");
    const auto id = first.request("subscribe." + denied.list());
    world.settle();
    denied.answer_one(random);
    CHECK(denied.held() == 3);
    const auto access = std::find_if(world.held.begin(), world.held.end(),
                                     [](const MemoryRequest& r) { return r.subject == "access.test.b"; });
    REQUIRE(access != world.held.end());
    world.reply(*access, R"({"result":{"get":false}})");
    world.settle();
    CHECK(first.answer_to(id).at("error").at("code") == "system.accessDenied");
    while (denied.held() > 0) denied.answer_one(random);
    CHECK(denied.asked() == 4);
    first.disconnect();
  }
  check_nothing_left(world);
}

TEST_CASE("throttle: requests without answer make room by time") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  World world(lanes, limits(0, 5));
  Family family(world, "a");
  std::mt19937 random(1);
  TestClient client(world);
  const auto id = client.request("subscribe." + family.list());
  world.settle();
  family.answer_one(random);
  for (std::size_t asked = 1; asked < 1 + kResources; asked += 5) {
    CHECK(family.asked() == std::min(asked + 5, 1 + kResources));
    CHECK(client.answer_to(id) == nullptr);
    world.advance(2'999);
    world.advance(1);
  }
  const Json answer = client.answer_to(id);
  CHECK(resources_in(answer) == 1 + kResources);
  CHECK(answer.at("result").at("errors").as_object().size() == kResources);
}

namespace {

// Clients that are subscribed to models, and a service that holds the requests which a reset causes.
class ResetStage {
 public:
  ResetStage(std::size_t lanes, std::size_t limit, std::uint32_t seed) : world(lanes, limits(limit, 0)), random(seed) {
    for (std::size_t i = 0; i < kResources; ++i) world.model(rid_of("r", i), R"({"n":0})");
    for (std::uint32_t i = 0; i < 5; ++i) {
      TestClient& client = connect(i);
      for (std::size_t r = 0; r < kResources; ++r) client.request("subscribe." + rid_of("r", r));
      world.settle();
      client.skip_news();
    }
    for (std::size_t i = 0; i < kResources; ++i) {
      world.hold("get." + rid_of("r", i));
      world.hold("access." + rid_of("r", i));
    }
  }

  TestClient& connect(std::uint32_t slot) {
    clients.push_back(std::make_unique<TestClient>(world, slot % world.lane_count(), slot));
    return *clients.back();
  }
  void reset(bool resources, bool access) {
    const std::string all = R"(["test.r.>"])";
    world.publish("system.reset",
                  R"({"resources":)" + (resources ? all : "[]") + R"(,"access":)" + (access ? all : "null") + "}");
    world.settle();
  }
  // Answers one of the pending requests, chosen at random: a get request with the state `n`, an access request with
  // `access`.
  void answer_one(const std::string& n, bool access = true) {
    const std::size_t at = random() % world.held.size();
    const MemoryRequest request = world.held[at];
    world.held.erase(world.held.begin() + static_cast<std::ptrdiff_t>(at));
    if (request.subject.starts_with("get.")) {
      world.reply(request, R"({"result":{"model":{"n":)" + n + "}}}");
    } else {
      world.reply(request, access ? R"({"result":{"get":true}})" : R"({"result":{"get":false}})");
    }
    world.settle();
  }
  // Answers all requests, also those that failed and are sent again.
  void finish() {
    while (!world.held.empty()) answer_one("-1");
    world.advance(5'000);
    while (!world.held.empty()) answer_one("-1");
  }
  void leave() {
    for (const auto& client : clients) client->disconnect();
    clients.clear();
    finish();
    check_nothing_left(world);
  }

  World world;
  std::mt19937 random;
  std::vector<std::unique_ptr<TestClient>> clients;
};

}  // namespace

TEST_CASE("throttle: a system reset asks for states and access a few at a time") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  const std::size_t limit = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{64});
  INFO(lanes << " lanes, limit " << limit);
  ResetStage stage(lanes, limit, 1);
  stage.reset(true, true);
  const std::size_t total = kResources * (1 + stage.clients.size());
  for (std::size_t served = 0; served < total; ++served) {
    REQUIRE(stage.world.held.size() == std::min(limit, total - served));
    stage.answer_one("1");
  }
  CHECK(stage.world.held.empty());
  for (const auto& client : stage.clients) CHECK(client->news().size() == kResources);
  stage.leave();
}

TEST_CASE("throttle: access is taken away where a throttled reset says so") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{4});
  ResetStage stage(lanes, 2, 1);
  stage.reset(false, true);
  while (!stage.world.held.empty()) stage.answer_one("0", false);
  for (const auto& client : stage.clients) {
    const std::vector<Json> news = client->news();
    CHECK(news.size() == kResources);
    for (const Json& event : news) CHECK(event.at("data").at("reason").at("code") == "system.accessDenied");
  }
  stage.leave();
}

TEST_CASE("throttle: resets during resets, clients that go, and requests that nobody answers") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4});
  const std::uint32_t seed = GENERATE(1U, 2U, 3U, 4U);
  INFO(lanes << " lanes, seed " << seed);
  constexpr std::size_t limit = 3;
  ResetStage stage(lanes, limit, seed);
  World& world = stage.world;
  std::size_t resets = 0;  // resets that may still have pending requests
  for (int step = 0; step < 400; ++step) {
    const std::size_t what = stage.random() % 30;
    if (what < 2) {
      if (resets == 2) stage.finish();
      resets = resets % 2 + 1;
      stage.reset(what == 0, stage.random() % 2 == 0);
    } else if (what == 2 && stage.clients.size() > 1) {
      stage.clients.back()->disconnect();
      stage.clients.pop_back();
      world.settle();
    } else if (what == 3) {
      world.held.clear();
      world.advance(3'000);
    } else if (!world.held.empty()) {
      stage.answer_one(std::to_string(step));
    }
    CHECK(world.held.size() <= limit * resets);
  }
  // In the end every request is answered, and the cache has no old state.
  stage.finish();
  stage.reset(true, true);
  stage.finish();
  TestClient& late = stage.connect(9);
  std::vector<std::uint64_t> asked;
  for (std::size_t i = 0; i < kResources; ++i) asked.push_back(late.request("get." + rid_of("r", i)));
  world.settle();
  stage.finish();
  for (std::size_t i = 0; i < kResources; ++i) {
    CHECK(late.answer_to(asked[i]).at("result").at("models").at(rid_of("r", i)) == R"({"n":-1})"_json);
  }
  stage.leave();
}
