// What an error of the messaging system is about. The texts are from nats-server 2.9, the statuses from nats.c.
#include "io/nats/nats_error.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace resflow;

TEST_CASE("NATS errors: what each is about", "[nats_error]") {
  const std::vector<std::pair<std::string, NatsReach>> cases{
      {R"(Permissions Violation for Publish to "call.a.b")", NatsReach::publish},
      {R"(Permissions Violation for Publish with Reply of "a")", NatsReach::publish},
      {R"(Permissions Violation for Subscription to "event.a.*")", NatsReach::subscription},
      {"maximum subscriptions exceeded", NatsReach::subscription_count},
      {"Maximum Subscriptions Exceeded", NatsReach::subscription_count},
      {"maximum control line exceeded", NatsReach::control_line},
      {"Maximum Payload Violation", NatsReach::message},
      {"Invalid Subject", NatsReach::message},
      {"Invalid Publish Subject", NatsReach::message},
      {"Parser Error", NatsReach::message},
      {"Unknown Protocol Operation", NatsReach::message},
      {"Stale Connection", NatsReach::connection},
      {"User Authentication Expired", NatsReach::connection},
      {"Account Authentication Expired", NatsReach::connection},
      {"Authorization Violation", NatsReach::connection},
      {"Authentication Timeout", NatsReach::connection},
      {"Server Shutdown", NatsReach::connection},
      {"Connection Closed", NatsReach::connection},
      {"", NatsReach::connection},
      {"something new", NatsReach::connection}};
  for (const auto& [words, reach] : cases) {
    INFO(words);
    CHECK(judge_nats_error(NATS_ERR, words).reach == reach);
  }
  CHECK(judge_nats_error(NATS_SLOW_CONSUMER, "Slow Consumer").reach == NatsReach::message);
}

TEST_CASE("NATS errors: the subject is read as the server writes it", "[nats_error]") {
  const auto subject = [](const std::string& quoted) {
    const NatsFault fault = judge_nats_error(NATS_NOT_PERMITTED, "Permissions Violation for Publish to " + quoted);
    return std::pair(fault.subject, fault.cut_off);
  };
  CHECK(subject(R"("call.a")") == std::pair(std::string("call.a"), false));
  CHECK(subject(R"("call.\"a\\")") == std::pair(std::string(R"(call."a\)"), false));
  CHECK(subject("\"call.\xc3\xa5\"") == std::pair(std::string("call.\xc3\xa5"), false));
  CHECK(subject(R"("call.a)") == std::pair(std::string("call.a"), true));
  CHECK(subject(R"("call.a\)") == std::pair(std::string("call.a"), true));
  CHECK(subject(R"("call.\u200bx")") == std::pair(std::string("call."), true));
  CHECK(subject("") == std::pair(std::string(), true));
  CHECK(subject(R"("event.a.*" using queue "q")") == std::pair(std::string("event.a.*"), false));
}

TEST_CASE("NATS errors: a subject that is cut off is about all that begin so", "[nats_error]") {
  const NatsFault whole{NatsReach::publish, "call.a", false};
  CHECK(is_about(whole, "call.a"));
  CHECK_FALSE(is_about(whole, "call.ab"));
  const NatsFault cut{NatsReach::publish, "call.a", true};
  CHECK(is_about(cut, "call.ab"));
  CHECK_FALSE(is_about(cut, "call.b"));
  CHECK_FALSE(is_about(NatsFault{NatsReach::publish, "", true}, "call.b"));
}
