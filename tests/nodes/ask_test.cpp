// ask: RES-Service protocol, "Requests" and "Pre-response".
#include "nodes/ask/ask.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::code_of;

namespace {

struct Bench {
  testing::FakeServices services;
  testing::FakeLog log;
  Ask ask{3, AskLimits{1'000, 60, 30, 10}, services, log};
  std::vector<Answer> answers;  // output for the latest message

  void step(AskIn message) {
    AskOut out;
    ask.process(std::move(message), out);
    answers = testing::only<Answer>(out.decode);
  }
  ServiceRequestId request(const std::string& subject = "get.a", const std::string& payload = "{}") {
    const std::size_t before = services.requests.size();
    step(ServiceRequest{"a", subject, payload, GetFor{7, false}});
    return services.requests.size() == before ? 0 : services.requests.back().id;
  }
  void reply(ServiceRequestId id, const std::string& payload) { step(ServiceReply{id, payload, false, ""}); }
  void tick(Millis now) { step(Tick{now}); }
  std::string error() const { return answers.size() == 1 ? code_of(answers[0].error) : "no single answer"; }
};

}  // namespace

TEST_CASE("Ask: each request has an id of its lane", "[ask]") {
  Bench bench;
  const ServiceRequestId first = bench.request("get.a", R"({"q":1})");
  const ServiceRequestId second = bench.request("call.b.c");
  CHECK(first.value() != 0);
  CHECK(first != second);
  CHECK(lane_of(first) == 3);
  CHECK(lane_of(second) == 3);
  CHECK(bench.services.requests[0].subject == "get.a");
  CHECK(bench.services.requests[0].payload == R"({"q":1})");
  CHECK(bench.ask.pending_count() == 2);
  bench.reply(second, R"({"result":2})");
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].payload == R"({"result":2})");
  CHECK(bench.answers[0].name == "a");
  CHECK(std::get<GetFor>(bench.answers[0].purpose).resource.value() == 7);
  CHECK_FALSE(bench.answers[0].error);
  CHECK(bench.ask.pending_count() == 1);
}

TEST_CASE("Ask: a reply is taken once", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.reply(id, "{}");
  bench.reply(id, "{}");
  CHECK(bench.answers.empty());
  bench.reply(ServiceRequestId::from(id.value() + 1), "{}");
  CHECK(bench.answers.empty());
  bench.reply(0, "{}");
  CHECK(bench.answers.empty());
}

TEST_CASE("Ask: without a reply in time the answer is an error", "[ask]") {
  Bench bench;
  bench.tick(100);
  const ServiceRequestId id = bench.request();
  bench.tick(600);
  bench.request();
  bench.tick(1'099);
  CHECK(bench.answers.empty());
  bench.tick(1'100);
  CHECK(bench.error() == "system.timeout");
  CHECK(bench.ask.pending_count() == 1);
  bench.reply(id, "{}");
  CHECK(bench.answers.empty());
  bench.tick(5'000);
  CHECK(bench.error() == "system.timeout");
  bench.tick(9'000);
  CHECK(bench.answers.empty());
}

TEST_CASE("Ask: of many pre-responses to a request only the last is kept, and no longer than the request", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  for (int i = 0; i < 1'000; ++i) bench.reply(id, R"(timeout:"80000000")");
  CHECK(bench.ask.extended_count() == 1);
  SECTION("until it is answered") {
    bench.reply(id, "{}");
    CHECK(bench.answers.size() == 1);
  }
  SECTION("until its time is up") {
    bench.tick(80'000'000);
    CHECK(bench.error() == "system.timeout");
  }
  CHECK(bench.ask.extended_count() == 0);
}

TEST_CASE("Ask: what was answered does not time out", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.reply(id, "{}");
  bench.tick(10'000);
  CHECK(bench.answers.empty());
}

// RES-Service protocol: "The value is the new timeout in milliseconds calculated from when the requester receives the
// pre-response."
TEST_CASE("Ask: a pre-response sets the deadline anew", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.tick(500);
  SECTION("later") {
    bench.reply(id, "timeout:\"15000\"");
    CHECK(bench.answers.empty());
    bench.tick(15'499);
    CHECK(bench.answers.empty());
    bench.tick(15'500);
    CHECK(bench.error() == "system.timeout");
  }
  SECTION("sooner") {
    bench.reply(id, "timeout:\"100\"");
    bench.tick(600);
    CHECK(bench.error() == "system.timeout");
    bench.tick(2'000);
    CHECK(bench.answers.empty());
  }
  SECTION("more than once: the last one counts") {
    bench.reply(id, "timeout:\"5000\"");
    bench.tick(1'000);
    bench.reply(id, "timeout:\"2000\"");
    bench.tick(2'999);
    CHECK(bench.answers.empty());
    bench.tick(3'000);
    CHECK(bench.error() == "system.timeout");
    bench.tick(9'000);
    CHECK(bench.answers.empty());
  }
  SECTION("among other keys") {
    bench.reply(id, "other:\"x\" timeout:\"5000\"");
    bench.tick(5'499);
    CHECK(bench.answers.empty());
  }
  SECTION("and the response is still taken") {
    bench.reply(id, "timeout:\"15000\"");
    bench.tick(9'000);
    bench.reply(id, R"({"result":null})");
    REQUIRE(bench.answers.size() == 1);
    CHECK_FALSE(bench.answers[0].error);
    bench.tick(20'000);
    CHECK(bench.answers.empty());
  }
  CHECK(bench.log.errors() == 0);
}

TEST_CASE("Ask: a pre-response that is none changes nothing", "[ask]") {
  for (const char* payload : {"timeout", "timeout:15000", "timeout:\"\"", "timeout:\"x\"", "timeout:\"15000",
                              "other:\"1\"", "timeout:\"99999999999999999999\"", "null"}) {
    INFO(payload);
    Bench bench;
    const ServiceRequestId id = bench.request();
    bench.reply(id, payload);
    CHECK(bench.answers.empty());
    CHECK(bench.log.errors() == 1);
    bench.tick(1'000);
    CHECK(bench.error() == "system.timeout");
  }
  // An empty payload is a reply, though an invalid one.
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.reply(id, "");
  CHECK(bench.answers.size() == 1);
}

TEST_CASE("Ask: a deadline has bounds", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.reply(id, "timeout:\"9000000000000000000\"");
  bench.tick(86'400'000);
  CHECK(bench.error() == "system.timeout");
  const ServiceRequestId next = bench.request();
  bench.reply(next, "timeout:\"-5\"");
  bench.tick(86'400'000);
  CHECK(bench.error() == "system.timeout");
}

TEST_CASE("Ask: nobody listens", "[ask]") {
  Bench bench;
  const ServiceRequestId id = bench.request();
  bench.step(ServiceReply{id, "", true, ""});
  CHECK(bench.error() == "system.notFound");
  const ServiceRequestId lost = bench.request();
  bench.step(ServiceReply{lost, "", false, "disposing connection"});
  CHECK(bench.error() == "system.internalError");
  CHECK(bench.answers[0].error->message == "Internal error: disposing connection");
}

TEST_CASE("Ask: what cannot be sent never reaches the port", "[ask]") {
  Bench bench;
  CHECK(bench.request(std::string(22, 'a')).value() == 0);
  CHECK(bench.error() == "system.subjectTooLong");
  CHECK(bench.request("get.a", std::string(11, ' ')).value() == 0);
  CHECK(bench.answers[0].error->message == "Internal error: maximum payload exceeded");
  for (const char* subject : {"", "a b", "a\r\nPUB b 0", "a.*", "a.>", "a..b", ".a", "a.", "a\tb"}) {
    INFO(subject);
    CHECK(bench.request(subject).value() == 0);
    CHECK(bench.error() == "system.internalError");
  }
  CHECK(bench.services.requests.empty());
  CHECK(bench.ask.pending_count() == 0);
  CHECK(bench.request(std::string(20, 'a'), std::string(10, ' ')).value() != 0);
}

// A NATS server limits the length of the line before a payload. The line also contains the size of the payload.
TEST_CASE("Ask: the whole line counts, with the longest reply subject and the size", "[ask]") {
  const auto line = [](std::size_t subject, std::size_t reply, std::size_t payload) {
    const std::string text =
        "PUB " + std::string(subject, 's') + ' ' + std::string(reply, 'r') + ' ' + std::to_string(payload) + "\r\n";
    return text.size();
  };
  for (const std::size_t payload : {0u, 9u, 10u, 99u, 100u, 999u, 1'000'000u}) {
    CAPTURE(payload);
    testing::FakeServices services;
    testing::FakeLog log;
    AskLimits limits;
    Ask ask{0, limits, services, log};
    const auto sent = [&](std::size_t subject) {
      AskOut out;
      ask.process(ServiceRequest{"a", std::string(subject, 's'), std::string(payload, ' '), GetFor{7, false}}, out);
      const bool taken = services.requests.size() == 1;
      services.requests.clear();
      return taken;
    };
    const std::size_t longest = limits.control_line - line(0, limits.reply_size, payload);
    CHECK(sent(longest));
    CHECK_FALSE(sent(longest + 1));
  }
  // The reply subject is an inbox, a dot, and the id of a request; the ids of the last lane are the longest.
  CHECK(AskLimits().reply_size == std::string("_INBOX.").size() + 22 + 1 + 16);
}

TEST_CASE("Ask: no subscription is made by too long a line", "[ask]") {
  Bench bench;
  bench.step(ServiceSubscribe{1, std::string(33, 's')});
  CHECK(bench.services.subscriptions.size() == 1);
  bench.step(ServiceSubscribe{2, std::string(34, 's')});
  CHECK(bench.services.subscriptions.size() == 1);
  CHECK(bench.log.errors() == 1);
  CHECK(bench.ask.counters().refused_subscriptions[SubscriptionRefusal::length] == 1);
}

TEST_CASE("Ask: subscriptions pass", "[ask]") {
  Bench bench;
  bench.step(ServiceSubscribe{5, "event.a.*"});
  bench.step(ServiceUnsubscribe{5});
  CHECK(bench.services.subscriptions == std::vector<std::string>{"+5 event.a.*", "-5"});
}

TEST_CASE("Ask: what becomes of requests is counted by kind", "[ask][statistics]") {
  Bench bench;
  const auto ended = [&](ServiceRequestKind kind, ServiceRequestEnd end) {
    return bench.ask.counters().ended[kind][end];
  };
  const auto ask = [&](AskedFor purpose) {
    bench.step(ServiceRequest{"a", "get.a", "{}", std::move(purpose)});
    return bench.services.requests.back().id;
  };
  bench.reply(ask(GetFor{}), "{}");
  bench.reply(ask(QueryFor{}), "{}");
  bench.reply(ask(AccessFor{}), "{}");
  bench.reply(ask(CallFor{{}, 0, RequestKind::call, false}), "{}");
  bench.reply(ask(CallFor{{}, 0, RequestKind::create, true}), "{}");
  bench.reply(ask(CallFor{{}, 0, RequestKind::auth, false}), "{}");
  bench.reply(ask(TokenResetFor{}), "{}");
  CHECK(ended(ServiceRequestKind::get, ServiceRequestEnd::reply) == 1);
  CHECK(ended(ServiceRequestKind::query, ServiceRequestEnd::reply) == 1);
  CHECK(ended(ServiceRequestKind::access, ServiceRequestEnd::reply) == 1);
  CHECK(ended(ServiceRequestKind::call, ServiceRequestEnd::reply) == 2);
  CHECK(ended(ServiceRequestKind::auth, ServiceRequestEnd::reply) == 2);

  bench.step(ServiceReply{ask(GetFor{}), {}, true, {}});
  CHECK(ended(ServiceRequestKind::get, ServiceRequestEnd::no_responders) == 1);
  bench.step(ServiceReply{ask(GetFor{}), {}, false, "no connection"});
  CHECK(ended(ServiceRequestKind::get, ServiceRequestEnd::failure) == 1);
  bench.request("a subject");
  CHECK(ended(ServiceRequestKind::get, ServiceRequestEnd::failure) == 2);
  const ServiceRequestId late = ask(GetFor{});
  bench.tick(1'000);
  CHECK(ended(ServiceRequestKind::get, ServiceRequestEnd::timeout) == 1);
  CHECK(bench.ask.counters().late_replies == 0);
  bench.reply(late, "{}");
  CHECK(bench.ask.counters().late_replies == 1);
}

TEST_CASE("Ask: how long requests take is known from the ticks of those who measure", "[ask][statistics]") {
  Bench bench;
  const Histogram& durations = bench.ask.counters().durations[ServiceRequestKind::get];
  bench.tick(1);
  bench.reply(bench.request(), "{}");
  CHECK(durations.count() == 0);

  bench.step(Tick{1, 1'000'000'000});
  const ServiceRequestId id = bench.request();
  bench.step(Tick{501, 1'500'000'000});
  bench.reply(id, "{}");
  CHECK(durations.count() == 1);
  CHECK(durations.seconds() == Approx(0.5));
  bench.request("a subject");  // an invalid subject: the request is never sent
  CHECK(durations.count() == 1);
}
