// session: RES-Client protocol, "Subscriptions", and the subscribe, unsubscribe, get and version requests.
#include "nodes/session/session.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/nodes/session_bench.hpp"

using namespace resflow;
using testing::Lines;
using testing::SessionBench;

TEST_CASE("Session: a subscription needs the verdict and the state, in either order", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  CHECK(bench.asked() == Lines{"question a"});
  CHECK(bench.cache() == Lines{"subscribe a"});
  CHECK(bench.sent().empty());
  SECTION("verdict first") {
    bench.allow("a");
    CHECK(bench.sent().empty());
    bench.load("a");
  }
  SECTION("state first") {
    bench.load("a");
    CHECK(bench.sent().empty());
    bench.allow("a");
  }
  CHECK(bench.sent() == Lines{"#1 set{a}"});
}

TEST_CASE("Session: a client that has no access learns nothing else", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  SECTION("before the state") {
    bench.deny("a");
    CHECK(bench.sent() == Lines{"#1 system.accessDenied"});
    CHECK(bench.asked() == Lines{"release a"});
    bench.load("a");
    CHECK(bench.sent().empty());
  }
  SECTION("behind the state") {
    bench.load("a");
    bench.deny("a", errors::timeout);
    CHECK(bench.sent() == Lines{"#1 system.timeout"});
  }
  SECTION("behind an error") {
    bench.fail("a", errors::not_found);
    CHECK(bench.sent().empty());
    bench.deny("a");
    CHECK(bench.sent() == Lines{"#1 system.accessDenied"});
    return;
  }
  // In both cases the session tells the cache that it no longer needs the resource.
  CHECK(bench.cache() == Lines{"unsubscribe a"});
}

TEST_CASE("Session: a resource that cannot be had", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.allow("a");
  bench.fail("a", errors::not_found);
  CHECK(bench.sent() == Lines{"#1 system.notFound"});
  CHECK(bench.asked() == Lines{"release a"});
  CHECK(bench.cache().empty());
  bench.subscribe(2, "a");
  CHECK(bench.asked() == Lines{"question a"});
  CHECK(bench.cache() == Lines{"subscribe a"});
}

TEST_CASE("Session: what is referred to comes along, and what fails comes as an error", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.allow("a");
  bench.load("a", {"b", "c", "b"});
  CHECK(bench.cache() == Lines{"subscribe b", "subscribe c"});
  bench.fail("c", errors::timeout);
  CHECK(bench.sent().empty());
  bench.load("b", {"d"});
  bench.load("d");
  CHECK(bench.sent() == Lines{"#1 set{!c,a,b,d}"});
  // Access is asked for direct subscriptions only.
  CHECK(bench.asked().empty());
}

TEST_CASE("Session: what the client has is not sent again", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.load("b");
  CHECK(bench.sent() == Lines{"#101 set{a,b}"});
  bench.subscribe(1, "c");
  bench.allow("c");
  bench.load("c", {"b", "a"});
  CHECK(bench.sent() == Lines{"#1 set{c}"});
  bench.subscribe(2, "b");
  CHECK(bench.cache().empty());
  bench.allow("b");
  CHECK(bench.sent() == Lines{"#2 set"});
  bench.subscribe(3, "b");
  bench.allow("b");
  CHECK(bench.sent() == Lines{"#3 set"});
}

// RES-Client protocol: "Cyclic references where none of the resources are directly subscribed will not be considered
// subscribed."
TEST_CASE("Session: a cycle is sent once and let go whole", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.load("b", {"a", "b"});
  CHECK(bench.sent() == Lines{"#101 set{a,b}"});
  bench.unsubscribe(1, "a");
  CHECK(bench.sent() == Lines{"#1 empty"});
  CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe b"});
  CHECK(bench.asked() == Lines{"release a"});
  bench.custom("b", "ping");
  CHECK(bench.sent().empty());
}

TEST_CASE("Session: direct subscriptions are counted", "[session]") {
  SessionBench bench;
  bench.unsubscribe(1, "a");
  CHECK(bench.sent() == Lines{"#1 system.noSubscription"});
  bench.subscribed("a");
  for (std::uint64_t id = 2; id < 5; ++id) {
    bench.subscribe(id, "a");
    bench.allow("a");
  }
  // RES-Client protocol: "If so, the number of direct subscriptions will be unaffected."
  bench.unsubscribe(5, "a", 5);
  CHECK(bench.sent() == Lines{"#5 system.noSubscription"});
  bench.unsubscribe(6, "a", 3);
  CHECK(bench.sent() == Lines{"#6 empty"});
  CHECK(bench.cache().empty());
  bench.custom("a", "ping");
  CHECK(bench.sent() == Lines{"a.ping"});
  bench.unsubscribe(7, "a");
  CHECK(bench.cache() == Lines{"unsubscribe a"});
  bench.unsubscribe(8, "a");
  CHECK(bench.sent() == Lines{"#8 system.noSubscription"});
}

TEST_CASE("Session: what is subscribed indirectly only cannot be unsubscribed", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.load("b");
  bench.unsubscribe(1, "b");
  CHECK(bench.sent() == Lines{"#1 system.noSubscription"});
  bench.subscribe(2, "b");
  bench.allow("b");
  bench.unsubscribe(3, "b");
  CHECK(bench.cache().empty());
  bench.custom("b", "ping");
  CHECK(bench.sent() == Lines{"b.ping"});
}

// A direct subscription counts from its answer on. Before that there is nothing to unsubscribe from, and a resource
// that was held by another subscription may have to be sent again.
TEST_CASE("Session: a subscription that is under way holds nothing", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.subscribe(1, "a");
  bench.unsubscribe(2, "a");
  CHECK(bench.sent() == Lines{"#2 empty"});
  const Lines told = bench.cache();
  CHECK(std::count(told.begin(), told.end(), "unsubscribe a") == 1);
  bench.custom("a", "ping");
  CHECK(bench.sent().empty());
  bench.allow("a");
  CHECK(bench.asked() == Lines{"recheck a"});  // the client has heard no events since that was asked
  bench.load("a");
  CHECK(bench.sent().empty());
  bench.allow("a");
  CHECK(bench.sent() == Lines{"#1 set{a}"});
}

TEST_CASE("Session: many requests for one resource share its loading and its verdict", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "a");
  bench.get(2, "a");
  CHECK(bench.asked().empty());
  CHECK(bench.cache().empty());
  bench.subscribe(3, "a");
  bench.allow("a");
  bench.load("a", {"b"});
  bench.load("b");
  // A get is answered with all resources that the client does not hold at that moment.
  CHECK(bench.sent() == Lines{"#1 set{a,b}", "#2 set", "#3 set"});
}

TEST_CASE("Session: a get subscribes to nothing", "[session]") {
  SessionBench bench;
  bench.get(1, "a");
  bench.allow("a");
  bench.load("a", {"b"});
  bench.load("b", {"a"});
  CHECK(bench.sent() == Lines{"#1 set{a,b}"});
  CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe b"});
  CHECK(bench.asked() == Lines{"release a"});
  bench.custom("a", "ping");
  CHECK(bench.sent().empty());
  bench.unsubscribe(2, "a");
  CHECK(bench.sent() == Lines{"#2 system.noSubscription"});
}

TEST_CASE("Session: a get that fails", "[session]") {
  SessionBench bench;
  bench.get(1, "a");
  SECTION("for want of access") {
    bench.deny("a");
    CHECK(bench.sent() == Lines{"#1 system.accessDenied"});
  }
  SECTION("for want of the resource") {
    bench.allow("a");
    bench.fail("a", errors::not_found);
    CHECK(bench.sent() == Lines{"#1 system.notFound"});
  }
  CHECK(bench.asked() == Lines{"release a"});
}

TEST_CASE("Session: a direct request gives an error another try", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.fail("b", errors::timeout);
  CHECK(bench.sent() == Lines{"#101 set{!b,a}"});
  bench.subscribe(1, "b");
  CHECK(bench.cache() == Lines{"subscribe b"});
  bench.allow("b");
  bench.load("b", {"c"});
  bench.load("c");
  CHECK(bench.sent() == Lines{"#1 set{b,c}"});
  bench.custom("b", "ping");
  CHECK(bench.sent() == Lines{"b.ping"});
}

// While the request waits for the second attempt, the client may let go of the resource. The request is still answered.
TEST_CASE("Session: a retry outlives the reference to what failed", "[session]") {
  SessionBench bench;
  bench.subscribed("a", {"b"});
  bench.fail("b", errors::timeout);
  bench.subscribe(1, "b");
  bench.allow("b");
  const Ticket first = bench.ticket("b");
  bench.unsubscribe(2, "a");
  CHECK(bench.sent() == Lines{"#2 empty"});
  if (bench.ticket("b") != first) {
    // The session has asked the cache again, so it returns the first answer to the cache.
    bench.step(LoadResult{{first}, bench.resource("b"), std::make_shared<const Snapshot>(), nullptr});
    CHECK(bench.cache() == Lines{"unsubscribe b"});
  }
  bench.load("b");
  CHECK(bench.sent() == Lines{"#1 set{b}"});
}

TEST_CASE("Session: at most 256 direct subscriptions on a resource", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  for (std::uint64_t id = 1; id < 256; ++id) {
    bench.subscribe(id, "a");
    if (id % 2 == 0) bench.allow("a");
  }
  bench.subscribe(300, "a");
  CHECK(bench.sent() == Lines{"#300 system.subscriptionLimitExceeded"});
  bench.allow("a");
  bench.subscribe(301, "a");
  CHECK(bench.sent() == Lines{"#301 system.subscriptionLimitExceeded"});
  bench.unsubscribe(302, "a");
  bench.subscribe(303, "a");
  bench.allow("a");
  CHECK(bench.sent() == Lines{"#303 set"});
}

TEST_CASE("Session: admit is told of answers, some at a time", "[session]") {
  SessionBench bench(SessionLimits{.pending_requests = 8});
  const auto answered = [&] {
    std::uint32_t count = 0;
    for (const Standing& s : testing::only<Standing>(bench.out().admit)) count += s.answered;
    return count;
  };
  bench.call(1, "a", "set");
  bench.answer(1, "1");
  CHECK(answered() == 0);
  bench.subscribe(2, "a");
  CHECK(answered() == 0);
  bench.deny("a");
  CHECK(answered() == 2);
}

TEST_CASE("Session: gets of the same that are under way are answered one by one by what is loaded once", "[session]") {
  SessionBench bench;
  for (std::uint64_t id = 1; id <= 3; ++id) bench.get(id, "a");
  CHECK(bench.cache().empty());  // the references of the first get are known already
  bench.allow("a");
  CHECK(bench.sent().empty());
  bench.load("a");
  CHECK(bench.sent() == Lines{"#1 set{a}", "#2 set{a}", "#3 set{a}"});
  CHECK(bench.cache() == Lines{"unsubscribe a"});
}

TEST_CASE("Session: a client that does not read gets events, but no answers", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  bench.step(Unread{bench.conn(0), true});
  CHECK(testing::only<Standing>(bench.out().admit).size() == 1);
  bench.custom("a", "ping");
  CHECK(bench.sent() == Lines{"a.ping"});
  bench.subscribe(1, "b");
  bench.allow("b");
  bench.load("b");
  CHECK(bench.sent().empty());
  bench.step(Unread{bench.conn(0), false});
  CHECK(bench.sent() == Lines{"#1 set{b}"});
}

TEST_CASE("Session: that a client does not read is heeded while work is left over", "[session]") {
  SessionLimits limits;
  limits.work = WorkLimits{8, 4};
  SessionBench bench(limits);
  for (std::uint64_t id = 1; id <= 30; ++id) bench.get(id, "a");
  bench.allow("a");
  bench.load("a");
  std::size_t answered = bench.sent().size();
  REQUIRE(answered < 30);
  bench.step(Unread{bench.conn(0), true});
  for (int turn = 0; turn < 30; ++turn) {
    CHECK(bench.sent().empty());
    bench.step(Continue{});
  }
  bench.step(Unread{bench.conn(0), false});
  for (int turn = 0; turn < 30; ++turn) {
    answered += bench.sent().size();
    bench.step(Continue{});
  }
  CHECK(answered == 30);
}

TEST_CASE("Session: what is more than a share goes on in the next turn, and others are served between", "[session]") {
  SessionLimits limits;
  limits.work = WorkLimits{40, 10};
  SessionBench bench(limits);
  bench.connect(1);
  testing::Names many;
  for (int i = 0; i < 200; ++i) many.push_back("r" + std::to_string(i));
  bench.subscribe(1, "tree");
  bench.allow("tree");
  bench.load("tree", many);
  CHECK(testing::only<Continue>(bench.out().later).size() == 1);
  std::size_t asked = bench.cache().size();
  CHECK(asked < many.size());
  bench.subscribe(1, "small", 1);
  bench.allow("small", 1);
  bench.load("small", {}, 1);
  CHECK(bench.sent(1) == Lines{"#1 set{small}"});
  while (!testing::only<Continue>(bench.out().later).empty() || asked < many.size()) {
    bench.step(Continue{});
    asked += bench.cache().size();
    REQUIRE(bench.cache().size() <= 40);
  }
  CHECK(asked == many.size());
}

TEST_CASE("Session: a tree that is larger than a client may hold is refused", "[session]") {
  SessionBench bench(SessionLimits{.subscriptions = 3});
  bench.subscribe(1, "a");
  bench.allow("a");
  bench.load("a", {"b", "c", "d", "e"});
  CHECK(bench.sent() == Lines{"#1 system.subscriptionLimitExceeded"});
  CHECK(bench.session().subscription_count(bench.conn(0)) == 0);
}

TEST_CASE("Session: direct subscriptions are bounded, and may be counted only", "[session]") {
  SessionLimits limits;
  limits.direct_subscriptions = 2;
  limits.dry_run = GENERATE(false, true);
  SessionBench bench(limits);
  bench.subscribed("a");
  bench.subscribed("b");
  bench.subscribe(1, "a");
  bench.allow("a");
  CHECK(bench.sent() == Lines{"#1 set"});  // the client is subscribed to it already
  bench.subscribe(2, "c");
  CHECK(bench.sent() == (limits.dry_run ? Lines{} : Lines{"#2 system.subscriptionLimitExceeded"}));
  CHECK(bench.session().counters().exceeded[Limit::subscriptions] == 1);
}

namespace {

// A client that waits for "all", which refers to "slow", which never comes, and to a chain of resources: each is here,
// and has got an event that refers to the next one.
class Chain {
 public:
  explicit Chain(std::size_t length) : session_(0, limits(length), WebOptions{}) {
    for (std::size_t i = 0; i < length; ++i) rids_.push_back(make_rid("r" + std::to_string(i)));
    session_.process(Connected{kConn, testing::client_info("c")}, out_);
    std::vector<RidPtr> all{make_rid("slow")};
    all.insert(all.end(), rids_.begin(), rids_.end());
    subscribe("all", std::move(all));
    for (std::size_t i = 0; i + 1 < length; ++i) {
      auto event = std::make_shared<ResourceEvent>();
      event->kind = EventKind::change;
      event->name = "change";
      event->added.push_back(rids_[i + 1]);
      session_.process(LaneEvent{id(i), event}, out_);
    }
  }

  std::size_t loaded() const { return loaded_; }

  // Subscribes to what refers to the chain's first resource, and returns how many messages the client gets.
  std::size_t subscribe_to_first() {
    out_.encode.clear();
    subscribe("first", {rids_.front()});
    return out_.encode.size();
  }

 private:
  static constexpr ConnId kConn{0, 1, 0};

  static SessionLimits limits(std::size_t length) {
    SessionLimits limits;
    limits.work = WorkLimits{1 << 30, 1 << 30};
    limits.subscriptions = 2 * length;
    return limits;
  }
  static ResourceId id(std::size_t i) { return ResourceId::from(100 + i); }

  void subscribe(const std::string& name, std::vector<RidPtr> references) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->references = std::move(references);
    Request request;
    request.conn = kConn;
    request.id = 1;
    request.kind = RequestKind::subscribe;
    request.rid = make_rid(name);
    session_.process(Request(request), out_);
    const std::uint32_t number = testing::only<Question>(out_.authorize).back().number;
    session_.process(Verdict{kConn, request.rid, number}, out_);
    answer(std::exchange(out_.cache, {}), snapshot);
    while (!out_.cache.empty()) answer(std::exchange(out_.cache, {}), nullptr);
  }

  // The resources of the chain are asked for in its order.
  void answer(const std::vector<CacheIn>& wanted, const SnapshotPtr& tree) {
    for (const CacheIn& m : wanted) {
      const auto& s = std::get<Subscribe>(m);
      if (tree) {
        session_.process(LoadResult{{s.ticket}, ResourceId::from(++trees_), tree, nullptr}, out_);
      } else if (s.target == rids_[loaded_]) {
        session_.process(LoadResult{{s.ticket}, id(loaded_++), leaf_, nullptr}, out_);
      }
    }
  }

  Session session_;
  SessionOut out_;
  std::vector<RidPtr> rids_;
  SnapshotPtr leaf_ = std::make_shared<Snapshot>();
  std::size_t loaded_ = 0;
  std::uint64_t trees_ = 0;
};

}  // namespace

TEST_CASE("Session: a chain of a million events, each of which needs the next one, is followed without recursion",
          "[session]") {
  constexpr std::size_t length = 1'000'000;
  Chain chain(length);
  REQUIRE(chain.loaded() == length);
  CHECK(chain.subscribe_to_first() == 1 + (length - 1));  // the answer, and the events
}

TEST_CASE("Session: the subscriptions of a client are bounded", "[session]") {
  SessionBench bench(SessionLimits{.subscriptions = 2});
  bench.subscribed("a", {"b"});
  bench.load("b");
  CHECK(bench.sent() == Lines{"#101 set{a,b}"});
  bench.subscribe(1, "c");
  CHECK(bench.sent() == Lines{"#1 system.subscriptionLimitExceeded"});
  bench.subscribe(2, "b");
  bench.allow("b");
  CHECK(bench.sent() == Lines{"#2 set"});
}

TEST_CASE("Session: the connection id stands in place of its tag, but not for the client", "[session]") {
  SessionBench bench;
  bench.subscribe(1, "user.{cid}");
  CHECK(bench.cache() == Lines{"subscribe user.cid0"});
  const auto questions = testing::only<Question>(bench.out().authorize);
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].rid->text() == "user.{cid}");
  CHECK(questions[0].target->text() == "user.cid0");
  bench.allow("user.{cid}");
  bench.load("user.{cid}");
  CHECK(bench.sent() == Lines{"#1 set{user.{cid}}"});
  bench.custom("user.{cid}", "ping");
  CHECK(bench.sent() == Lines{"user.{cid}.ping"});
  bench.call(2, "user.{cid}", "set");
  CHECK(bench.asked() == Lines{"call user.cid0.set"});
  bench.call(3, "auth.{cid}", "login", RequestKind::auth);
  CHECK(bench.asked() == Lines{"auth auth.cid0.login"});
}

TEST_CASE("Session: versions", "[session]") {
  SessionBench bench;
  bench.version("");
  CHECK(bench.sent() == Lines{"#0 protocol"});
  for (const char* version : {"1.0.0", "1.2.3", "1.999.999"}) {
    bench.version(version);
    CHECK(bench.sent() == Lines{"#0 protocol"});
  }
  for (const char* version : {"0.9.9", "2.0.0", "999.0.0"}) {
    bench.version(version);
    CHECK(bench.sent() == Lines{"#0 system.unsupportedProtocol"});
  }
  for (const char* version :
       {"1", "1.2", "1.2.3.4", "1.2.x", "a.b.c", "1.1000.0", "-1.2.3", " 1.2.3", "1.2.3 ", "1..3"}) {
    INFO(version);
    bench.version(version);
    CHECK(bench.sent() == Lines{"#0 system.invalidParams"});
  }
}

// "If not sent, the gateway SHOULD assume version v1.1.x". Soft references and data values came with 1.2.1.
TEST_CASE("Session: clients before 1.2.1 get the older texts", "[session]") {
  SessionBench bench;
  bench.subscribed("a");
  CHECK(testing::only<Reply>(bench.out().encode).at(0).legacy);
  bench.version("1.2.0");
  bench.custom("a", "ping");
  CHECK(testing::only<Delivery>(bench.out().encode).at(0).legacy);
  bench.version("1.2.1");
  bench.custom("a", "ping");
  CHECK_FALSE(testing::only<Delivery>(bench.out().encode).at(0).legacy);
}

TEST_CASE("Session: an invalid request is answered with its error", "[session]") {
  SessionBench bench;
  Request r = SessionBench::request(RequestKind::invalid, 9, "", 0);
  r.error = errors::invalid_request;
  bench.step(std::move(r));
  CHECK(bench.sent() == Lines{"#9 system.invalidRequest"});
}
