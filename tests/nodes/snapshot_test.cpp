// Snapshots: a state as text, and the values that are read from that text again.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "nodes/messages.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

Resource read(const std::string& member, const std::string& text) {
  const auto reply = decode_get_reply(R"({"result":{")" + member + "\":" + text + "}}");
  INFO(text << (reply.error ? ": " + reply.error->message : ""));
  REQUIRE_FALSE(reply.error);
  return reply.value.resource;
}

void check_same(const Resource& a, const Resource& b) {
  REQUIRE(a.is_model == b.is_model);
  REQUIRE(a.properties == b.properties);
  REQUIRE(a.values == b.values);
}

}  // namespace

TEST_CASE("Snapshot: text, size and references of a state", "[snapshot]") {
  const Snapshot model = make_snapshot(read("model", R"({"b":{"rid":"x.y"},"a":1,"c":{"rid":"z","soft":true}})"));
  CHECK(model.is_model);
  CHECK(model.size == 3);
  CHECK(model.text == R"({"a":1,"b":{"rid":"x.y"},"c":{"rid":"z","soft":true}})");
  CHECK(model.text_for(true) == R"({"a":1,"b":{"rid":"x.y"},"c":"z"})");
  REQUIRE(model.references.size() == 1);
  CHECK(model.references[0]->text() == "x.y");

  const Snapshot collection = make_snapshot(read("collection", R"([1,{"rid":"x"},{"rid":"x"},{"data":"text"}])"));
  CHECK_FALSE(collection.is_model);
  CHECK(collection.size == 4);
  CHECK(collection.text == R"([1,{"rid":"x"},{"rid":"x"},"text"])");
  CHECK_FALSE(collection.legacy_text);
  CHECK(collection.references.size() == 2);
}

TEST_CASE("Snapshot: a state is read from its text as it was", "[snapshot]") {
  const std::vector<std::string> values{"null",
                                        "-0",
                                        "1e400",
                                        "\"\"",
                                        R"("\u00e9\ud83d\ude00\n")",

                                        R"({"rid":"a.b?q=\"1\""})",
                                        R"({ "rid" : "a" , "soft" : true, "more": [1] })",
                                        R"({"data":{"a":[1, {"b":null}]}})",
                                        R"({"data":[]})",
                                        R"({"data":true})"};
  const std::vector<std::string> names{R"(a)", R"()", R"(\n\"\\)", R"(\u0000)", R"(é)", R"(b/c)"};
  std::mt19937 random(11);
  const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
  for (int round = 0; round < 300; ++round) {
    std::string model = "{";
    std::string collection = "[";
    for (unsigned n = random() % 8; n > 0; --n) {
      model.append(model.size() > 1 ? ",\"" : "\"").append(pick(names)).append("\":").append(pick(values));
      collection.append(collection.size() > 1 ? "," : "").append(pick(values));
    }
    const Resource a = read("model", model + "}");
    check_same(a, decode_resource(make_snapshot(a).text, true));
    const Resource b = read("collection", collection + "]");
    check_same(b, decode_resource(make_snapshot(b).text, false));
  }
}
