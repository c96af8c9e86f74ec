#include "tools/bench/message.hpp"

#include <catch2/catch.hpp>

using namespace resflow::bench;

TEST_CASE("Messages: events are told from answers", "[message]") {
  CHECK(is_event(R"({"event":"a.b.change","data":{}})"));
  CHECK(is_event(R"({ "data":{"id":1}, "event":"a.b.custom" })"));
  CHECK_FALSE(is_event(R"({"result":{"event":"x"},"id":1})"));
  CHECK_FALSE(is_event(R"({"error":{"event":"x"},"id":1})"));
  CHECK_FALSE(is_event(R"({"id":1,"result":{"event":"x"}})"));
  CHECK_FALSE(is_event(""));
}

TEST_CASE("Messages: the stamp of an event", "[message]") {
  CHECK(stamp_of(R"({"event":"a.change","data":{"values":{"n":1,"t":123456789012}}})") == 123456789012);
  CHECK(stamp_of(R"({"event":"a.change","data":{"values":{"t":-5,"n":1}}})") == -5);
  CHECK_FALSE(stamp_of(R"({"event":"a.change","data":{"values":{"n":1}}})"));
  CHECK_FALSE(stamp_of(R"({"event":"a.change","data":{"values":{"t":"x"}}})"));
}

TEST_CASE("Messages: answers", "[message]") {
  const auto good = read_answer(R"({"result":{"id":7,"payload":null},"id":42})");
  REQUIRE(good);
  CHECK(good->id == 42);
  CHECK_FALSE(good->failed);
  CHECK(good->result == R"({"id":7,"payload":null})");
  const auto bad = read_answer(R"({"error":{"code":"system.timeout"},"id":3})");
  REQUIRE(bad);
  CHECK(bad->failed);
  CHECK(bad->error == R"({"code":"system.timeout"})");
  const auto both = read_answer(R"({"id":4,"result":1,"error":null})");
  REQUIRE(both);
  CHECK_FALSE(both->failed);
  for (const char* text : {"", "{}", "[]", "{\"id\":", R"({"result":1})", R"({"id":"x"})"}) {
    INFO(text);
    CHECK_FALSE(read_answer(text));
  }
}

TEST_CASE("Messages: the models of a resource set", "[message]") {
  CHECK(count_models(R"({"models":{"a":{},"b":{"models":{"x":{}}}},"collections":{"c":[1,2]}})") == 2);
  CHECK(count_models(R"({"collections":{"c":[1,2]}})") == 0);
  CHECK(count_models("null") == 0);
}
