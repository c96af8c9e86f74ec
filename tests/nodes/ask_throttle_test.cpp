// ask: throttles. A throttle limits how many requests of one cause are pending at once, in all lanes together. Waiting
// requests are sent in order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "nodes/ask/ask.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::code_of;
using testing::FakeServices;
using testing::Random;

namespace {

using Numbers = std::vector<std::uint64_t>;

constexpr Millis kTimeout = 1'000;
constexpr std::size_t kSubjectSize = 20;
constexpr std::size_t kReplySize = 30;
constexpr std::size_t kControlLine = kSubjectSize + kReplySize + std::string_view("PUB   2\r\n").size();

const ThrottleId kReset = throttle_id(ThrottleKind::reset, 0, 1);
const ThrottleId kReference = throttle_id(ThrottleKind::reference, 0, 1);

// The ask nodes of several lanes, and the messages between them. Each request is known by a number.
class Bench {
 public:
  explicit Bench(std::size_t lanes = 1, std::size_t reset = 2, std::size_t reference = 3) {
    for (std::size_t i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>(i, reset, reference, log));
  }

  // ---- what the neighbors send

  // Sends a request and returns its number. Only a get request can be withdrawn.
  std::uint64_t request(ThrottleId throttle, std::size_t lane = 0, bool get = true,
                        const std::string& subject = "get.a") {
    const std::uint64_t number = ++last_;
    AskedFor purpose = GetFor{ResourceId::from(number), false};
    if (!get) purpose = AccessFor{ConnId{}, nullptr, number};
    const std::string name = std::to_string(number);
    step(lane, ServiceRequest{name, subject, name, std::move(purpose), throttle});
    return number;
  }
  void reply(std::uint64_t number, const std::string& payload = "{}") { reply(number, {0, payload, false, ""}); }
  void reply(std::uint64_t number, ServiceReply reply) {
    const Sent& sent = sent_.at(number);
    reply.id = sent.id;
    step(sent.lane, std::move(reply));
  }
  void withdraw(std::uint64_t number, std::size_t lane = 0) { step(lane, ServiceWithdraw{ResourceId::from(number)}); }
  void tick(Millis now) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) step(i, Tick{now});
  }

  // Delivers one message between two lanes, chosen at random. For each pair of lanes, messages keep their order.
  // Returns false if there is no message.
  bool deliver(Random& random) {
    if (between_.empty()) return false;
    auto it = std::next(between_.begin(), static_cast<std::ptrdiff_t>(random.below(between_.size())));
    const std::size_t to = it->first.second;
    AskIn message = std::move(it->second.front());
    it->second.pop_front();
    if (it->second.empty()) between_.erase(it);
    step(to, std::move(message));
    return true;
  }
  bool quiet() const { return between_.empty(); }

  // ---- what has happened since the last call

  Numbers take_sent() { return std::exchange(newly_sent_, {}); }
  std::map<std::uint64_t, std::string> take_answers() { return std::exchange(answers_, {}); }

  std::size_t pending() const {
    return sum([](const Ask& ask) { return ask.pending_count(); });
  }
  bool nothing_left() const {
    return sum([](const Ask& ask) { return ask.pending_count() + ask.throttled_count() + ask.throttle_count(); }) == 0;
  }

  testing::FakeLog log;

 private:
  struct Lane {
    Lane(std::size_t id, std::size_t reset, std::size_t reference, LogPort& log)
        : ask(static_cast<LaneId>(id), AskLimits{kTimeout, kControlLine, kReplySize, 100, reset, reference}, services,
              log) {}
    FakeServices services;
    Ask ask;
  };
  struct Sent {
    std::size_t lane;
    ServiceRequestId id;
  };

  void step(std::size_t lane, AskIn message) {
    AskOut out;
    lanes_[lane]->ask.process(std::move(message), out);
    for (ToLane<AskIn>& m : out.slots) between_[{lane, m.lane}].push_back(std::move(m.message));
    note_sent(lane);
    for (const Answer& a : testing::only<Answer>(out.decode)) {
      const bool first = answers_.emplace(std::stoull(a.name), code_of(a.error)).second;
      if (!first || !answered_.insert(std::stoull(a.name)).second) FAIL("answered twice: " << a.name);
    }
  }

  void note_sent(std::size_t lane) {
    for (const auto& r : std::exchange(lanes_[lane]->services.requests, {})) {
      const std::uint64_t number = std::stoull(r.payload);
      newly_sent_.push_back(number);
      if (!sent_.emplace(number, Sent{lane, r.id}).second) FAIL("sent twice: " << number);
    }
  }

  template <typename F>
  std::size_t sum(F&& f) const {
    std::size_t total = 0;
    for (const auto& lane : lanes_) total += f(lane->ask);
    return total;
  }

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<AskIn>> between_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Sent> sent_;
  Numbers newly_sent_;
  std::map<std::uint64_t, std::string> answers_;
  std::set<std::uint64_t> answered_;
};

// The expected state of each throttle: the pending requests, and the waiting requests in order of arrival.
class Model {
 public:
  explicit Model(std::map<ThrottleId, std::size_t> limits) : limits_(std::move(limits)) {}

  void asked(std::uint64_t number, ThrottleId throttle, std::size_t lane) {
    throttles_[throttle].waiting.push_back(number);
    requests_[number] = {throttle, lane, 0};
  }
  void sent(const Numbers& numbers, Millis now) {
    for (const std::uint64_t number : numbers) {
      Request& r = requests_.at(number);
      Throttle& t = throttles_[r.throttle];
      // Requests are sent first in, first out. Between lanes the order is not fixed.
      const auto first = std::find_if(t.waiting.begin(), t.waiting.end(),
                                      [&](std::uint64_t n) { return requests_.at(n).lane == r.lane; });
      REQUIRE(first != t.waiting.end());
      REQUIRE(*first == number);
      t.waiting.erase(first);
      t.under_way.insert(number);
      r.deadline = now + kTimeout;
      if (const auto limit = limits_.find(r.throttle); limit != limits_.end()) {
        REQUIRE(t.under_way.size() <= limit->second);
      }
    }
  }
  void ended(std::uint64_t number) {
    Throttle& t = throttles_[requests_.at(number).throttle];
    t.under_way.erase(number);
    std::erase(t.waiting, number);
    requests_.erase(number);
  }
  void extend(std::uint64_t number, Millis deadline) { requests_.at(number).deadline = deadline; }

  // Checks that requests wait only while their throttle is full.
  void check_busy() const {
    for (const auto& [id, t] : throttles_) {
      const auto limit = limits_.find(id);
      if (limit == limits_.end()) {
        REQUIRE(t.waiting.empty());
      } else if (!t.waiting.empty()) {
        REQUIRE(t.under_way.size() == limit->second);
      }
    }
  }
  void check_deadlines(Millis now) const {
    for (const std::uint64_t number : all(true)) REQUIRE(requests_.at(number).deadline > now);
  }

  Numbers all(bool under_way) const {
    Numbers numbers;
    for (const auto& [id, t] : throttles_) {
      if (under_way) {
        numbers.insert(numbers.end(), t.under_way.begin(), t.under_way.end());
      } else {
        numbers.insert(numbers.end(), t.waiting.begin(), t.waiting.end());
      }
    }
    return numbers;
  }
  std::size_t lane(std::uint64_t number) const { return requests_.at(number).lane; }
  Millis deadline(std::uint64_t number) const { return requests_.at(number).deadline; }

 private:
  struct Throttle {
    std::set<std::uint64_t> under_way;
    std::deque<std::uint64_t> waiting;
  };
  struct Request {
    ThrottleId throttle;
    std::size_t lane;
    Millis deadline;
  };
  std::map<ThrottleId, std::size_t> limits_;
  std::map<ThrottleId, Throttle> throttles_;
  std::map<std::uint64_t, Request> requests_;
};

// Random requests, replies, withdrawals and timeouts, compared with the model after each step.
class Simulation {
 public:
  Simulation(std::uint32_t seed, std::size_t lanes, std::size_t limit)
      : random_(seed), lanes_(lanes), bench_(lanes, limit, limit + 1), model_(limits(limit)) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      settle_accounts();
    }
    for (int i = 0; i < 100'000 && !(bench_.nothing_left() && bench_.quiet()); ++i) {
      if (!bench_.deliver(random_)) reply();
      settle_accounts();
    }
    REQUIRE(bench_.nothing_left());
    REQUIRE(model_.all(true).empty());
    REQUIRE(model_.all(false).empty());
  }

  std::size_t withdrawn() const { return withdrawn_; }

 private:
  std::map<ThrottleId, std::size_t> limits(std::size_t limit) {
    std::map<ThrottleId, std::size_t> all;
    for (std::uint64_t serial = 1; serial <= 3; ++serial) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const ThrottleKind kind = serial == 1 ? ThrottleKind::reset : ThrottleKind::reference;
        const ThrottleId id = throttle_id(kind, static_cast<LaneId>(lane), serial);
        all[id] = kind == ThrottleKind::reset ? limit : limit + 1;
        throttles_.push_back(id);
      }
    }
    throttles_.push_back(0);
    return all;
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return request();
      case 4:
      case 5:
        return reply();
      case 6:
        return withdraw();
      case 7:
        return tick();
      default:
        bench_.deliver(random_);
    }
  }

  void tick() {
    now_ += static_cast<Millis>(random_.below(static_cast<std::size_t>(kTimeout) / 2));
    bench_.tick(now_);
    settle_accounts();
    model_.check_deadlines(now_);
  }

  void request() {
    const std::size_t lane = random_.below(lanes_);
    const ThrottleId throttle = random_.of(throttles_);
    const bool too_long = random_.one_in(20);
    const std::string subject = too_long ? std::string(kSubjectSize + 1, 'a') : "get.a";
    model_.asked(bench_.request(throttle, lane, random_.one_in(2), subject), throttle, lane);
  }

  void reply() {
    Numbers under_way = model_.all(true);
    if (under_way.empty()) return;
    const std::uint64_t number = random_.of(under_way);
    switch (random_.below(6)) {
      case 0:
        return bench_.reply(number, {0, "", true, ""});
      case 1:
        return bench_.reply(number, {0, "", false, "not sent"});
      case 2: {
        const auto ms = static_cast<Millis>(random_.below(3'000));
        model_.extend(number, now_ + ms);
        return bench_.reply(number, "timeout:\"" + std::to_string(ms) + '"');
      }
      default:
        bench_.reply(number);
        if (random_.one_in(4)) bench_.reply(number);  // a second reply to the same request
    }
  }

  void withdraw() {
    Numbers waiting = model_.all(false);
    if (waiting.empty()) return;
    ++withdrawn_;
    const std::uint64_t number = random_.of(waiting);
    bench_.withdraw(number, model_.lane(number));
  }

  void settle_accounts() {
    for (const auto& [number, code] : bench_.take_answers()) {
      if (code == "system.timeout") REQUIRE(model_.deadline(number) <= now_);
      model_.ended(number);
    }
    model_.sent(bench_.take_sent(), now_);
    if (bench_.quiet()) model_.check_busy();
  }

  Random random_;
  std::size_t lanes_;
  std::vector<ThrottleId> throttles_;
  Bench bench_;
  Model model_;
  Millis now_ = 0;
  std::size_t withdrawn_ = 0;
};

}  // namespace

TEST_CASE("Ask throttles: no more than the limit are under way, and the first to come is the first to go", "[ask]") {
  Bench bench;
  for (int i = 0; i < 4; ++i) bench.request(kReset);
  CHECK(bench.take_sent() == Numbers{1, 2});
  bench.reply(2);
  CHECK(bench.take_sent() == Numbers{3});
  CHECK(bench.take_answers() == std::map<std::uint64_t, std::string>{{2, ""}});
  bench.reply(1);
  CHECK(bench.take_sent() == Numbers{4});
  bench.reply(4);
  bench.reply(3);
  CHECK(bench.take_sent().empty());
  CHECK(bench.nothing_left());
}

TEST_CASE("Ask throttles: a place is free however a request ends", "[ask]") {
  Bench bench(1, 1);
  bench.request(kReset);
  bench.request(kReset);
  CHECK(bench.take_sent() == Numbers{1});
  SECTION("by a response") {
    bench.reply(1);
  }
  SECTION("by an error") {
    bench.reply(1, R"({"error":{"code":"system.notFound","message":"Not found"}})");
  }
  SECTION("by nothing, which is a response") {
    bench.reply(1, "");
  }
  SECTION("without responders") {
    bench.reply(1, {0, "", true, ""});
  }
  SECTION("because it could not be sent") {
    bench.reply(1, {0, "", false, "connection closed"});
  }
  SECTION("by time") {
    bench.tick(kTimeout);
  }
  SECTION("by the time it asked for") {
    bench.reply(1, "timeout:\"5000\"");
    bench.tick(4'999);
    CHECK(bench.take_sent().empty());
    bench.tick(5'000);
  }
  CHECK(bench.take_sent() == Numbers{2});
  // The place is freed only once: it belongs to the second request now.
  bench.request(kReset);
  bench.reply(1);
  CHECK(bench.take_sent().empty());
}

TEST_CASE("Ask throttles: what is refused before it is sent takes no place", "[ask]") {
  Bench bench(1, 1);
  bench.request(kReset, 0, true, std::string(kSubjectSize + 1, 'a'));
  bench.request(kReset, 0, true, "a b");
  CHECK(bench.take_answers() ==
        std::map<std::uint64_t, std::string>{{1, "system.subjectTooLong"}, {2, "system.internalError"}});
  CHECK(bench.nothing_left());
  bench.request(kReset);
  CHECK(bench.take_sent() == Numbers{3});
  // It takes no place among the waiting requests either.
  bench.request(kReset, 0, true, "a b");
  CHECK(bench.take_answers().size() == 1);
}

TEST_CASE("Ask throttles: the time limit of what waits begins when it is sent", "[ask]") {
  Bench bench(1, 1);
  bench.request(kReset);
  bench.request(kReset);
  bench.tick(600);
  bench.reply(1);
  CHECK(bench.take_answers().size() == 1);
  bench.tick(600 + kTimeout - 1);
  CHECK(bench.take_answers().empty());
  bench.tick(600 + kTimeout);
  CHECK(bench.take_answers() == std::map<std::uint64_t, std::string>{{2, "system.timeout"}});
}

TEST_CASE("Ask throttles: each cause is on its own, by the limit of its kind", "[ask]") {
  Bench bench(1, 1, 2);
  const ThrottleId other = throttle_id(ThrottleKind::reset, 0, 2);
  for (const ThrottleId throttle : {kReset, kReset, other, other, kReference, kReference, kReference}) {
    bench.request(throttle);
  }
  CHECK(bench.take_sent() == Numbers{1, 3, 5, 6});
  for (int i = 0; i < 5; ++i) bench.request(0);
  CHECK(bench.take_sent() == Numbers{8, 9, 10, 11, 12});
  bench.reply(3);
  CHECK(bench.take_sent() == Numbers{4});
}

TEST_CASE("Ask throttles: without a limit nothing waits and nothing is counted", "[ask]") {
  Bench bench(2, 0, 0);
  for (int i = 0; i < 10; ++i) bench.request(i % 2 == 0 ? kReset : kReference, i % 2 == 0 ? 0 : 1);
  CHECK(bench.take_sent().size() == 10);
  CHECK(bench.quiet());
  for (std::uint64_t i = 1; i <= 10; ++i) bench.reply(i);
  CHECK(bench.nothing_left());
}

TEST_CASE("Ask throttles: a get request that waits can be withdrawn", "[ask]") {
  Bench bench(1, 1);
  bench.request(kReset);
  bench.request(kReset);
  bench.request(kReset);
  bench.request(kReset, 0, false);
  CHECK(bench.take_sent() == Numbers{1});
  bench.withdraw(2);
  CHECK(bench.take_answers() == std::map<std::uint64_t, std::string>{{2, code_of(errors::withdrawn)}});
  bench.withdraw(2);
  bench.withdraw(4);   // not a get request
  bench.withdraw(1);   // pending, no longer waiting
  bench.withdraw(99);  // unknown
  CHECK(bench.take_answers().empty());
  bench.reply(1);
  CHECK(bench.take_sent() == Numbers{3});
  bench.reply(3);
  bench.reply(4);
  CHECK(bench.nothing_left());
}

TEST_CASE("Ask throttles: all that waits may be withdrawn", "[ask]") {
  constexpr std::uint64_t count = 100'000;
  Bench bench(1, 1);
  for (std::uint64_t i = 1; i <= count; ++i) bench.request(kReset);
  for (std::uint64_t i = 2; i <= count; ++i) bench.withdraw(i);
  CHECK(bench.take_sent() == Numbers{1});
  bench.reply(1);
  CHECK(bench.take_answers().size() == count);
  CHECK(bench.take_sent().empty());
  CHECK(bench.nothing_left());
}

TEST_CASE("Ask throttles: all lanes together have one limit, also one that is less than the lanes", "[ask]") {
  Random random(1);
  Bench bench(4, 2);
  const auto deliver_all = [&] {
    while (bench.deliver(random)) continue;
  };
  for (std::size_t i = 0; i < 12; ++i) bench.request(kReset, i % 4);
  deliver_all();
  std::size_t served = 0;
  for (Numbers sent = bench.take_sent(); !sent.empty(); sent = bench.take_sent()) {
    CHECK(bench.pending() == 2);
    served += sent.size();
    if (served == 12) break;
    bench.reply(sent.back());
    deliver_all();
  }
  CHECK(served == 12);
}

TEST_CASE("Ask throttles: a lane whose requests were withdrawn passes its turn on", "[ask]") {
  Random random(1);
  Bench bench(3, 1);
  const auto deliver_all = [&] {
    while (bench.deliver(random)) continue;
  };
  bench.request(kReset, 1);
  deliver_all();
  for (std::uint64_t i = 0; i < 3; ++i) {
    bench.request(kReset, 2);
    deliver_all();
  }
  bench.request(kReset, 1);
  deliver_all();
  CHECK(bench.take_sent() == Numbers{1});
  for (std::uint64_t i = 2; i <= 4; ++i) bench.withdraw(i, 2);
  bench.reply(1);
  deliver_all();
  CHECK(bench.take_sent() == Numbers{5});
  bench.reply(5);
  deliver_all();
  CHECK(bench.nothing_left());
}

TEST_CASE("Ask throttles at random", "[ask]") {
  std::size_t withdrawn = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const std::size_t lanes = 1 + seed % 4;
    const std::size_t limit = 1 + seed % 3;
    INFO("seed " << seed << ", " << lanes << " lanes, limit " << limit);
    Simulation simulation(seed, lanes, limit);
    simulation.run(600);
    withdrawn += simulation.withdrawn();
  }
  CHECK(withdrawn > 100);
}
