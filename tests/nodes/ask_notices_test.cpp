// ask: subscriptions that the messaging system refuses, and requests whose answers were lost with a connection.
#include <catch2/catch.hpp>

#include "nodes/ask/ask.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

struct Bench {
  testing::FakeServices services;
  testing::FakeLog log;
  Ask ask{0, AskLimits{}, services, log};
  AskOut out;  // output for the latest message

  void step(AskIn message) {
    out = AskOut{};
    ask.process(std::move(message), out);
  }
  void request(const std::string& subject, AskedFor purpose) {
    step(ServiceRequest{"a", subject, "{}", std::move(purpose)});
  }
  std::vector<Answer> answers() const { return testing::only<Answer>(out.decode); }
};

}  // namespace

TEST_CASE("Ask: get requests of a name whose events are refused are not sent", "[ask]") {
  Bench bench;
  bench.services.refuse = true;
  bench.step(ServiceSubscribe{1, "event.a.*"});
  bench.request("get.a", GetFor{7, false});
  CHECK(bench.services.requests.empty());
  CHECK(bench.answers().empty());
  CHECK(bench.ask.pending_count() == 0);
  bench.request("access.a", AccessFor{});
  CHECK(bench.services.requests.size() == 1);
  bench.services.refuse = false;
  bench.step(ServiceSubscribe{1, "event.a.*"});
  bench.request("get.a", GetFor{7, false});
  CHECK(bench.services.requests.size() == 2);
}

TEST_CASE("Ask: a refusal is counted and passed on", "[ask]") {
  Bench bench;
  bench.step(SubscriptionRefused{1, SubscriptionRefusal::permission});
  REQUIRE(testing::only<SubscriptionRefused>(bench.out.decode).size() == 1);
  CHECK(testing::only<SubscriptionRefused>(bench.out.decode)[0].handle.value() == 1);
  CHECK(bench.ask.counters().refused_subscriptions[SubscriptionRefusal::permission] == 1);
}

TEST_CASE("Ask: after the connection was replaced, what may be asked twice ends as lost", "[ask]") {
  Bench bench;
  bench.request("get.a", GetFor{7, false});
  bench.request("call.a.set", CallFor{});
  bench.request("access.a", AccessFor{});
  bench.request("query", QueryFor{});
  bench.request("auth.a.login", CallFor{{}, {}, RequestKind::auth});
  bench.services.held = {3, 5};
  bench.step(ServicesRestored{});
  REQUIRE(std::holds_alternative<ServicesRestored>(bench.out.decode.at(0)));
  REQUIRE(bench.answers().size() == 3);
  for (const Answer& a : bench.answers()) CHECK(a.error == errors::lost);
  CHECK(std::holds_alternative<GetFor>(bench.answers()[0].purpose));
  CHECK(std::holds_alternative<AccessFor>(bench.answers()[1].purpose));
  CHECK(std::holds_alternative<QueryFor>(bench.answers()[2].purpose));
  CHECK(bench.ask.pending_count() == 2);
  CHECK(bench.services.released == std::vector<ServiceRequestId>{5});
  bench.step(Tick{3'000});
  REQUIRE(bench.answers().size() == 2);
  CHECK(bench.answers()[0].error == errors::timeout);
}
