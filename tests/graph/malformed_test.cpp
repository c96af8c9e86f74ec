// Services and clients send random malformed messages. The gateway must go on: what it sends stays well-formed, it logs
// what was wrong, other clients are not affected, and no state is left at the end.
#include <cstdlib>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/utf8.hpp"
#include "tests/graph/mutate.hpp"
#include "tests/graph/pipeline_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;

namespace {

using Corpus = std::vector<std::string>;

// clang-format off
const Corpus kFrames{
    R"({"id":1,"method":"version","params":{"protocol":"1.2.3"}})",
    R"({"id":2,"method":"subscribe.test.a"})",
    R"({"id":3,"method":"subscribe.test.list"})",
    R"({"id":4,"method":"subscribe.test.q?n=1"})",
    R"({"id":5,"method":"subscribe.test.b.{cid}"})",
    R"({"id":6,"method":"get.test.list"})",
    R"({"id":7,"method":"get.test.q?n=2"})",
    R"({"id":8,"method":"unsubscribe.test.a"})",
    R"({"id":9,"method":"unsubscribe.test.list","params":{"count":1}})",
    R"({"id":10,"method":"call.test.a.set","params":{"x":[1,{"y":"z"}]}})",
    R"({"id":11,"method":"call.test.list.remove","params":null})",
    R"({"id":12,"method":"auth.test.a.login","params":{"user":"u"}})",
    R"({"id":13,"method":"new.test.list","params":{}})"};
const Corpus kGets{
    R"({"result":{"model":{"n":1,"ref":{"rid":"test.b"},"soft":{"rid":"test.list","soft":true},"data":{"data":[1]}}}})",
    R"({"result":{"model":{"a":{"rid":"test.a"},"b":{"rid":"test.list"},"c":null,"d":"text","e":true,"f":-1.5e3}}})",
    R"({"result":{"collection":[1,"two",{"rid":"test.a"},{"rid":"test.b"},{"data":{"x":1}},null]}})",
    R"({"result":{"collection":[{"rid":"test.list"},{"rid":"test.q?n=1"}],"query":"n=1"}})",
    R"({"result":{"model":{"n":2},"query":"n=1&m=2"}})",
    R"({"error":{"code":"system.notFound","message":"Not found","data":{"x":1}}})"};
const Corpus kAccesses{
    R"({"result":{"get":true,"call":"*"}})",
    R"({"result":{"get":true}})",
    R"({"result":{"get":true,"call":"*"}})",
    R"({"result":{"get":true,"call":"*"}})",
    R"({"result":{"get":true,"call":"set,remove"}})",
    R"({"result":{"get":false}})",
    R"({"error":{"code":"system.accessDenied","message":"Access denied"}})"};
const Corpus kCalls{
    R"({"result":{"x":[1,2]}})",
    R"({"result":null})",
    R"({"resource":{"rid":"test.a"}})",
    R"({"result":{"rid":"test.b"}})",
    R"({"error":{"code":"custom.code","message":"No","data":[1]}})",
    "timeout:\"100\"",
    "timeout:\"50000\""};
const Corpus kQueries{
    R"({"result":{"events":[{"event":"add","data":{"idx":0,"value":1}},{"event":"remove","data":{"idx":0}}]}})",
    R"({"result":{"events":[{"event":"change","data":{"values":{"n":5}}},{"event":"custom","data":{"a":1}}]}})",
    R"({"result":{"collection":[1,2,{"rid":"test.a"}]}})",
    R"({"result":{"model":{"n":3}}})",
    R"({"result":{"events":[]}})",
    R"({"error":{"code":"system.notFound","message":"Not found"}})"};
const Corpus kEventNames{"change", "change", "change", "change", "add", "add", "add", "remove", "remove", "query", "query", "custom",
                         "delete", "reaccess", "unsubscribe", "ev\"ent"};
const Corpus kEvents{
    R"({"values":{"n":2,"ref":{"rid":"test.list"},"gone":{"action":"delete"}}})",
    R"({"values":{"n":{"data":{"a":[]}},"soft":{"rid":"test.a","soft":true}}})",
    R"({"n":3,"ref":{"rid":"test.b"}})",
    R"({"idx":0,"value":{"rid":"test.a"}})",
    R"({"idx":1,"value":"text"})",
    R"({"idx":0})",
    R"({"subject":"query.inbox"})",
    R"({"any":["thing",1]})",
    ""};
const Corpus kTokens{
    R"({"token":{"user":"u"},"tid":"t1"})",
    R"({"token":null})",
    R"({"token":"text","tid":"t2"})"};
const Corpus kSystems{
    R"({"resources":["test.>"],"access":["test.>"]})",
    R"({"resources":["test.a","test.*.x"]})",
    R"({"access":[">"]})",
    R"({"tids":["t1","t2"],"subject":"auth.test.renew"})"};
// clang-format on

class Storm {
 public:
  Storm(std::size_t lanes, std::uint32_t seed)
      : throttled_(options(seed).ask.reset_throttle > 0),
        random_(seed),
        world_(lanes, options(seed)),
        calm_(world_, 0, 0) {
    world_.on_others([this](const MemoryRequest& r) { serve(r); });
    world_.model("calm.a", R"({"n":0})");
    world_.answer("access.calm.a", R"({"result":{"get":true,"call":"set"}})");
    world_.answer("call.calm.a.set", R"({"result":"done"})");
    calm_.ask("version", R"({"protocol":"1.2.3"})");
    calm_.ask("subscribe.calm.a");
    calm_.skip_news();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (i % 40 == 0) new_clients();
      step();
      world_.settle();
      check_outputs();
      if (i % 10 == 0) check_calm();
    }
    end();
  }

  std::size_t errors() const { return world_.log.errors().size(); }

 private:
  static LaneOptions options(std::uint32_t seed) {
    LaneOptions options;
    options.ask.reset_throttle = seed % 3;
    options.ask.reference_throttle = seed % 4;
    options.session.waiting_events = 20;
    options.cache.deferred = 50;
    return options;
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2:
        return frame();
      case 3:
      case 4:
      case 5:
        return event();
      case 6:
        return world_.publish("conn." + random_.of(clients_).cid() + ".token", random_.of_kind(kTokens));
      case 7:
        return world_.publish(random_.one_in(3) ? "system.tokenReset" : "system.reset", random_.of_kind(kSystems));
      case 8:
        return world_.advance(static_cast<Millis>(random_.below(4'000)));
      default:
        return answer_late();
    }
  }

  // A client sends a message. Text that is not JSON is dropped, or refused if its id can be read. The log must say so
  // in both cases.
  void frame() {
    const std::string text = printable(random_.of_kind(kFrames));
    const std::size_t before = world_.log.lines();
    clients_[random_.below(clients_.size())].send(text);
    world_.settle();
    if (!json::valid(text)) CHECK(world_.log.lines() > before);
  }

  // Publishes an event of a resource. If it is malformed and the gateway is subscribed to it, there must be an error in
  // the log.
  void event() {
    const std::string name = token(random_.one_in(6) ? random_.of_kind(kEventNames) : random_.of(kEventNames));
    if (name.empty()) return;
    const std::string resource = random_.of(Corpus{"test.a", "test.b", "test.list", "test.q"});
    const std::string payload = random_.one_in(2) ? random_.of_kind(kEvents) : random_.of(kEvents);
    const std::size_t before = errors();
    world_.publish("event." + resource + '.' + name, payload);
    world_.settle();
    const bool malformed = !payload.empty() && !json::valid(payload) && name != "delete" && name != "reaccess";
    if (malformed && world_.services.subscribed("event." + resource + ".*")) CHECK(errors() > before);
  }

  // Answers a request. Some answers are malformed, some come late, and some never come.
  void serve(const MemoryRequest& r) {
    check_request(r);
    if (random_.one_in(30)) return;
    if (random_.one_in(12)) {
      late_.push_back(r);
    } else {
      world_.reply(r, reply_to(r));
    }
  }
  std::string reply_to(const MemoryRequest& r) {
    const Corpus* corpus = &kQueries;
    for (const auto& [prefix, its] : {std::pair{"get.", &kGets}, std::pair{"access.", &kAccesses},
                                      std::pair{"call.", &kCalls}, std::pair{"auth.", &kCalls}}) {
      if (r.subject.starts_with(prefix)) corpus = its;
    }
    return random_.one_in(4) ? random_.of_kind(*corpus) : random_.of(*corpus);
  }
  void answer_late() {
    if (late_.empty()) return;
    const MemoryRequest r = late_.back();
    if (random_.one_in(2)) late_.pop_back();  // the other half stays in the list and is answered again
    world_.reply(r, reply_to(r));
  }

  void new_clients() {
    for (TestClient& client : clients_) client.disconnect();
    clients_.clear();
    for (std::uint32_t i = 1; i <= 3; ++i) {
      clients_.emplace_back(world_, i % world_.lane_count(), i, ++generation_);
      if (i < 3) clients_.back().request("version", R"({"protocol":"1.2.3"})");
      for (const char* rid : {"test.a", "test.list", "test.q?n=1"}) {
        clients_.back().request("subscribe." + std::string(rid));
      }
      world_.settle();
    }
    seen_.assign(clients_.size(), 0);
  }

  void check_request(const MemoryRequest& r) {
    INFO("request " << r.subject << ' ' << r.payload);
    CHECK(valid_subject(r.subject));
    CHECK(r.subject.size() <= 4'058);
    CHECK(valid_utf8(r.payload));
    CHECK(json::valid(r.payload));
  }

  // Checks that clients get only well-formed messages of the protocol, and that no node has failed on a message.
  void check_outputs() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const std::vector<std::string> texts = clients_[i].socket().texts;
      for (; seen_[i] < texts.size(); ++seen_[i]) {
        const std::string& text = texts[seen_[i]];
        INFO("to a client: " << text);
        CHECK(valid_utf8(text));
        CHECK(json::valid(text));
        const std::set<std::string> members = members_of(text);
        const bool well_formed = members == std::set<std::string>{"id", "result"} ||
                                 members == std::set<std::string>{"id", "error"} ||
                                 members == std::set<std::string>{"data", "event"};
        CHECK((well_formed || members == std::set<std::string>{"id"}));
      }
    }
    for (const std::string& line : world_.log.errors()) {
      if (line.find("failed on a message") != std::string::npos) FAIL(line);
    }
  }

  static std::set<std::string> members_of(const std::string& text) {
    std::set<std::string> members;
    json::Cursor in(text);
    in.members([&](std::string_view name) {
      members.emplace(name);
      in.value();
    });
    return members;
  }

  void check_calm() {
    const std::string n = std::to_string(++calm_changes_);
    world_.model("calm.a", R"({"n":)" + n + "}");
    world_.publish("event.calm.a.change", R"({"values":{"n":)" + n + "}}");
    world_.settle();
    std::vector<Json> news = calm_.news();
    // In a throttled reset, this resource may have to wait behind requests that get no answer.
    for (int i = 0; i < 100 && news.empty() && throttled_; ++i) {
      world_.advance(1'000);
      news = calm_.news();
    }
    CHECK(news == std::vector<Json>{json_of(R"({"event":"calm.a.change","data":{"values":{"n":)" + n + "}}}")});
    CHECK(calm_.ask("call.calm.a.set") == R"({"result":{"payload":"done"}})"_json);
    calm_.skip_news();
  }

  void end() {
    for (TestClient& client : clients_) client.disconnect();
    calm_.disconnect();
    world_.settle();
    // A service may have extended a request's timeout by a day.
    for (int i = 0; i < 6; ++i) world_.advance(90'000'000);
    CHECK(world_.client_count() == 0);
    CHECK(world_.cached_names() == 0);
    CHECK(world_.services.subscription_count() == 0);
    for (std::size_t i = 0; i < world_.lane_count(); ++i) CHECK_FALSE(world_.lane(i).waits_for_time());
  }

  // Returns the text as valid UTF-8. The WebSocket layer lets nothing else through.
  static std::string printable(std::string text) {
    if (valid_utf8(text)) return text;
    for (char& c : text) c = static_cast<char>(c & 0x7f);
    return text;
  }
  // Returns the text without the characters that NATS does not allow in one token of a subject.
  static std::string token(std::string text) {
    std::erase_if(text, [](char c) { return std::string_view("\0\t\n\r .", 6).find(c) != std::string_view::npos; });
    return text;
  }

  bool throttled_;
  Mutator random_;
  World world_;
  TestClient calm_;
  std::vector<TestClient> clients_;
  std::vector<std::size_t> seen_;
  std::vector<MemoryRequest> late_;
  std::uint32_t generation_ = 0;
  int calm_changes_ = 0;
};

}  // namespace

TEST_CASE("malformed messages: the gateway goes on") {
  const std::size_t lanes = GENERATE(std::size_t{1}, std::size_t{3});
  // RESFLOW_TEST_SEED chooses other random messages.
  const char* chosen = std::getenv("RESFLOW_TEST_SEED");
  const auto first = static_cast<std::uint32_t>(chosen == nullptr ? 1 : std::strtoul(chosen, nullptr, 10));
  for (std::uint32_t seed = first; seed < first + 25; ++seed) {
    INFO(lanes << " lanes, seed " << seed);
    Storm storm(lanes, seed);
    storm.run(160);
    CHECK(storm.errors() > 10);
  }
}
