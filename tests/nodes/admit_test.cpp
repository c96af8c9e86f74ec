// admit: when requests are served. Back-pressure, fair turns, rates.
#include "nodes/admit.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using Lines = std::vector<std::string>;

namespace {

struct FakeClients : ClientPort {
  Lines calls;  // for example "1 paused"

  bool send(ConnId, std::span<const Frame>) override { return true; }
  void close(ConnId, const CloseReason&) override {}
  void accept(ConnId, const Headers&) override {}
  void respond(ConnId, const WebResponse&) override {}
  void pause(ConnId conn) override { calls.push_back(std::to_string(conn.slot) + " paused"); }
  void resume(ConnId conn) override { calls.push_back(std::to_string(conn.slot) + " resumed"); }
};

ConnId conn(std::uint32_t slot) {
  return ConnId{slot, 1, 0};
}

Request request(std::uint32_t slot, std::uint64_t id, RequestKind kind = RequestKind::call) {
  Request r;
  r.conn = conn(slot);
  r.id = id;
  r.kind = kind;
  return r;
}

class Bench {
 public:
  explicit Bench(AdmitLimits limits = {}) : admit_(limits, clients) {
    for (std::uint32_t slot = 1; slot <= 3; ++slot) step(Connected{conn(slot), nullptr});
  }

  // Returns the requests that go on to the session, as "slot#id", followed by the error code if there is an error.
  Lines step(AdmitIn message) {
    AdmitOut out;
    admit_.process(std::move(message), out);
    for (AdmitIn& m : out.later) later_.push_back(std::move(m));
    Lines lines;
    for (const SessionIn& m : out.session) {
      if (const auto* r = testing::message_if<Request>(m)) {
        lines.push_back(std::to_string(r->conn.slot) + '#' + std::to_string(r->id) +
                        (r->error ? ' ' + r->error->code + ' ' + r->error->data : ""));
      }
      if (const auto* t = testing::message_if<WebTask>(m)) {
        lines.push_back("web " + std::to_string(t->conn.slot) + (t->error ? ' ' + t->error->code : ""));
      }
    }
    return lines;
  }
  Lines ask(std::uint32_t slot, std::uint64_t id, RequestKind kind = RequestKind::call) {
    return step(request(slot, id, kind));
  }
  // Takes the lane's next turn.
  Lines turn(Millis now = 0) {
    step(Tick{now});
    Lines all;
    for (AdmitIn& m : std::exchange(later_, {})) {
      for (std::string& line : step(std::move(m))) all.push_back(std::move(line));
    }
    return all;
  }
  bool goes_on() const { return !later_.empty(); }
  const AdmitCounters& counters() const { return admit_.counters(); }
  std::size_t records() const { return admit_.records(); }

  FakeClients clients;

 private:
  Admit admit_;
  std::vector<AdmitIn> later_;
};

}  // namespace

TEST_CASE("Admit: requests pass at once where nothing is in their way", "[admit]") {
  Bench bench;
  CHECK(bench.ask(1, 1) == Lines{"1#1"});
  CHECK(bench.ask(2, 1) == Lines{"2#1"});
  CHECK(bench.ask(1, 2) == Lines{"1#2"});
  CHECK(!bench.goes_on());
  CHECK(bench.counters().held == 0);
}

TEST_CASE("Admit: a client that is held back waits, and then gets on in order", "[admit]") {
  Bench bench;
  bench.step(Standing{conn(1), 0, true});
  CHECK(bench.ask(1, 1).empty());
  CHECK(bench.ask(1, 2).empty());
  CHECK(bench.ask(2, 1) == Lines{"2#1"});
  CHECK(!bench.goes_on());  // the request waits for a message from the session, not for the next turn
  CHECK(bench.counters().waiting == 2);
  CHECK(bench.step(Standing{conn(1), 0, false}) == Lines{"1#1", "1#2"});
  CHECK(bench.counters().waiting == 0);
}

TEST_CASE("Admit: so many requests may be under way", "[admit]") {
  AdmitLimits limits;
  limits.served = 2;
  Bench bench(limits);
  CHECK(bench.ask(1, 1) == Lines{"1#1"});
  CHECK(bench.ask(1, 2) == Lines{"1#2"});
  CHECK(bench.ask(1, 3).empty());
  CHECK(bench.ask(1, 4).empty());
  CHECK(bench.step(Standing{conn(1), 1, false}) == Lines{"1#3"});
  CHECK(bench.step(Standing{conn(1), 2, false}) == Lines{"1#4"});
}

TEST_CASE("Admit: a turn is shared, and newcomers come before those that wait", "[admit]") {
  AdmitLimits limits;
  limits.turn = 4;
  limits.share = 2;
  Bench bench(limits);
  bench.turn();
  CHECK(bench.ask(1, 1) == Lines{"1#1"});
  CHECK(bench.ask(1, 2) == Lines{"1#2"});
  CHECK(bench.ask(1, 3) == Lines{"1#3"});
  CHECK(bench.ask(1, 4) == Lines{"1#4"});
  CHECK(bench.ask(1, 5).empty());  // the turn's limit is reached
  CHECK(bench.ask(1, 6).empty());
  CHECK(bench.ask(2, 1).empty());
  CHECK(bench.goes_on());
  CHECK(bench.turn() == Lines{"1#5", "1#6", "2#1"});
  for (std::uint64_t id = 7; id < 20; ++id) bench.ask(1, id);
  for (std::uint64_t id = 2; id < 9; ++id) bench.ask(2, id);
  CHECK(bench.turn() == Lines{"1#8", "1#9", "2#2", "2#3"});
  CHECK(bench.turn() == Lines{"1#10", "1#11", "2#4", "2#5"});
}

TEST_CASE("Admit: each that waits has its turn, also beside newcomers", "[admit]") {
  AdmitLimits limits;
  limits.turn = 4;
  limits.share = 2;
  Bench bench(limits);
  for (std::uint64_t id = 1; id <= 12; ++id) {
    for (std::uint32_t slot = 1; slot <= 3; ++slot) bench.ask(slot, id);
  }
  std::map<char, int> passed;
  for (int turn = 0; turn < 6; ++turn) {
    for (const std::string& line : bench.turn()) ++passed[line[0]];
  }
  CHECK(passed == std::map<char, int>{{'1', 8}, {'2', 8}, {'3', 8}});
  bench.step(Connected{conn(4), nullptr});
  bench.step(Tick{});
  Lines newcomers;
  for (std::uint64_t id = 1; id <= 4; ++id) {
    for (std::string& line : bench.ask(4, id)) newcomers.push_back(std::move(line));
  }
  CHECK(newcomers.size() == 2);
}

TEST_CASE("Admit: with much waiting a client is not read until it is less", "[admit]") {
  AdmitLimits limits;
  limits.pending_requests = 4;
  Bench bench(limits);
  bench.step(Standing{conn(1), 0, true});
  for (std::uint64_t id = 1; id <= 4; ++id) bench.ask(1, id);
  CHECK(bench.clients.calls.empty());
  bench.ask(1, 5);
  bench.ask(1, 6);
  CHECK(bench.clients.calls == Lines{"1 paused"});
  CHECK(bench.step(Standing{conn(1), 0, false}).size() == 6);
  CHECK(bench.clients.calls == Lines{"1 paused", "1 resumed"});
}

TEST_CASE("Admit: what waits goes with its connection", "[admit]") {
  Bench bench;
  bench.step(Standing{conn(1), 0, true});
  bench.ask(1, 1);
  bench.step(Disconnected{conn(1)});
  CHECK(bench.counters().waiting == 0);
  CHECK(bench.step(Standing{conn(1), 0, false}).empty());
  CHECK(bench.ask(1, 2).empty());
}

TEST_CASE("Admit: a rate has room for bursts, and is told when to come again", "[admit]") {
  AdmitLimits limits;
  limits.rate = Rate{2, 3};
  limits.dry_run = GENERATE(false, true);
  Bench bench(limits);
  bench.turn(1'000);
  for (std::uint64_t id = 1; id <= 3; ++id) CHECK(bench.ask(1, id) == Lines{"1#" + std::to_string(id)});
  if (limits.dry_run) {
    CHECK(bench.ask(1, 4) == Lines{"1#4"});
  } else {
    CHECK(bench.ask(1, 4) == Lines{R"(1#4 system.tooManyRequests {"retryAfter":500})"});
  }
  CHECK(bench.counters().exceeded[Limit::request_rate] == 1);
  CHECK(bench.ask(1, 5, RequestKind::unsubscribe) == Lines{"1#5"});
  CHECK(bench.ask(2, 1) == Lines{"2#1"});
  bench.turn(1'500);
  CHECK(bench.ask(1, 6) == Lines{"1#6"});
}

TEST_CASE("Admit: web requests count by who sends them", "[admit]") {
  AdmitLimits limits;
  limits.rate = Rate{1, 1};
  limits.tracked = 2;
  Bench bench(limits);
  std::uint32_t slot = 10;
  const auto get = [&](const std::string& from) {
    ClientFields fields;
    fields.remote_addr = from;
    WebTask task;
    task.conn = conn(++slot);
    task.info = std::make_shared<const ClientInfo>(fields);
    task.kind = WebTask::Kind::get;
    const Lines lines = bench.step(std::move(task));
    return lines.at(0).ends_with("tooManyRequests") ? std::string("refused") : std::string("passed");
  };
  CHECK(get("10.0.0.1:4000") == "passed");
  CHECK(get("10.0.0.1:4000") == "refused");
  CHECK(get("10.0.0.1:4001") == "passed");
  // The table of tracked senders is full. All new senders share one rate.
  CHECK(get("10.0.0.2:1") == "passed");
  CHECK(get("10.0.0.3:1") == "refused");
  CHECK(get("10.0.0.4:0") == "refused");
}

// Nothing tells admit of the end of a web request that was answered.
TEST_CASE("Admit: a web request is forgotten when it has passed", "[admit]") {
  AdmitLimits limits;
  limits.turn = 1;
  Bench bench(limits);
  const std::size_t clients = bench.records();
  const auto get = [&](std::uint32_t slot) {
    WebTask task;
    task.conn = conn(slot);
    task.kind = WebTask::Kind::get;
    return bench.step(std::move(task));
  };
  CHECK(get(10) == Lines{"web 10"});
  CHECK(bench.records() == clients);
  CHECK(get(11).empty());
  CHECK(bench.records() > clients);
  CHECK(bench.turn() == Lines{"web 11"});
  CHECK(bench.records() == clients);
  CHECK(get(12).empty());
  bench.step(Disconnected{conn(12)});
  bench.turn();
  CHECK(bench.records() == clients);
}
