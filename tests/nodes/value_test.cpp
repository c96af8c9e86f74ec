// RES protocol, "Values". The error messages are the same as in Resgate.
#include "nodes/protocol/value.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::value;

namespace {

std::string legacy_text(const Value& v) {
  std::string out;
  append_value(out, v, true);
  return out;
}

std::string new_text(const Value& v) {
  std::string out;
  append_value(out, v, false);
  return out;
}

// Returns the error message for a value, or an empty text if the value is accepted.
std::string refusal(std::string_view text) {
  json::Cursor in(text);
  Value v;
  std::string error;
  const bool taken = read_value(in, "Some.field", v, error);
  CHECK(taken == error.empty());
  CHECK_FALSE(in.failed());
  CHECK(in.at_end());
  return error;
}

}  // namespace

// Go matches member names in any letter case. Clients know only the exact names, so the gateway sends those.
TEST_CASE("Values: members are known in any letter case", "[value]") {
  const auto read = [](std::string_view text) {
    json::Cursor in(text);
    Value v;
    std::string error;
    bool other_case = false;
    REQUIRE(read_value(in, "f", v, error, &other_case));
    CHECK(other_case);
    return v;
  };
  CHECK(read(R"({"RID":"a.b"})").rid->text() == "a.b");
  CHECK(read(R"({"Rid":"a.b"})").kind == ValueKind::reference);
  CHECK(read(R"({"Rid":"a.b"})").text == R"({"rid":"a.b"})");
  CHECK(read(R"({"rid":"a.b?q=\"","Soft":true})").kind == ValueKind::soft_reference);
  CHECK(read(R"({"rid":"a.b?q=\"","Soft":true})").text == R"({"rid":"a.b?q=\"","soft":true})");
  CHECK(read(R"({"Data":[ 1 ]})").text == R"({"data":[ 1 ]})");
  CHECK(read(R"({"Data": 1 })").text == "1");
  CHECK(read(R"({"Action":"delete"})").text == R"({"action":"delete"})");
  // If both spellings occur, the exact one counts.
  CHECK(read(R"({"rid":"a.b","Rid":"c"})").rid->text() == "a.b");
  CHECK(read(R"({"Rid":"c","rid":"a.b"})").rid->text() == "a.b");
}

TEST_CASE("Values: a reference is as long as a resource id may be, at most", "[value]") {
  const auto reference = [](std::size_t size) { return R"({"rid":")" + std::string(size, 'a') + "\"}"; };
  CHECK(refusal(reference(kMaxNameSize)).empty());
  const std::string why = refusal(reference(kMaxNameSize + 1));
  CHECK(why.starts_with("Internal error: invalid value: resource reference rid \"aaa"));
  CHECK(why.ends_with("...\" is invalid"));
  CHECK(refusal(R"({"rid":"a?)" + std::string(kMaxQuerySize + 1, 'q') + "\"}").size() < 400);
}

TEST_CASE("Values: the examples of the protocol", "[value]") {
  for (const char* text : {"\"foo\"", "42", "true", "false", "null", "-1.50e+10"}) {
    const Value v = value(text);
    CHECK(v.kind == ValueKind::primitive);
    CHECK(v.text == text);
  }
  const Value reference = value(R"({ "rid": "example.user.42" })");
  CHECK(reference.kind == ValueKind::reference);
  CHECK(reference.is_reference());
  CHECK(reference.rid->text() == "example.user.42");
  const Value soft = value(R"({ "rid": "example.page.2", "soft":true })");
  CHECK(soft.kind == ValueKind::soft_reference);
  CHECK_FALSE(soft.is_reference());
  CHECK(soft.rid->text() == "example.page.2");
  const Value data = value(R"({ "data": { "foo": [ "bar" ] }})");
  CHECK(data.kind == ValueKind::data);
  CHECK(data.text == R"({ "data": { "foo": [ "bar" ] }})");
  CHECK(value(R"({"data":[]})").kind == ValueKind::data);
  CHECK(value(R"({"action":"delete"})").kind == ValueKind::delete_action);
}

TEST_CASE("Values: a data value of a primitive is that primitive", "[value]") {
  for (const char* text : {"42", "\"a\"", "true", "null"}) {
    const Value v = value(R"({"data": )" + std::string(text) + "}");
    CHECK(v.kind == ValueKind::primitive);
    CHECK(v.text == text);
    CHECK(v == value(text));
  }
}

TEST_CASE("Values: members that are null or unknown count for nothing", "[value]") {
  CHECK(value(R"({"rid":"a.b","soft":false,"action":null,"other":[{}]})").kind == ValueKind::reference);
  CHECK(value(R"({"rid":"a.b","soft":null})").kind == ValueKind::reference);
  CHECK(value(R"({"action":"delete","rid":null})").kind == ValueKind::delete_action);
  CHECK(value(R"({"rid":"a.b?q=1"})").rid->query() == "q=1");
}

TEST_CASE("Values: what is none, in the recorded words", "[value]") {
  const std::vector<std::pair<std::string, std::string>> examples{
      {"[1,2]", "nested json array must be wrapped as a data value"},
      {"[]", "nested json array must be wrapped as a data value"},
      {R"({"unknown":"property"})", "nested json object must be wrapped as a data value"},
      {"{}", "nested json object must be wrapped as a data value"},
      {R"({"rid":null})", "nested json object must be wrapped as a data value"},
      {R"({"action":"unknown"})", R"(unknown action "unknown")"},
      {R"({"rid":""})", R"(resource references requires a non-empty "rid" value)"},
      {R"({"rid":"a..b"})", R"(resource reference rid "a..b" is invalid)"},
      {R"({"rid":"a.*"})", R"(resource reference rid "a.*" is invalid)"},
      {R"({"rid":"a","action":"delete"})", "ambiguous value type"},
      {R"({"rid":"a","data":1})", "ambiguous value type"},
      {R"({"action":"delete","data":[]})", "ambiguous value type"},
  };
  for (const auto& [text, words] : examples) {
    INFO(text);
    CHECK(refusal(text) == "Internal error: invalid value: " + words);
  }
}

TEST_CASE("Values: members of the wrong type, in the recorded words", "[value]") {
  const std::string words = "json: cannot unmarshal ";
  CHECK(refusal(R"({"rid":false})") == words + "bool into Go struct field Some.field of type string");
  CHECK(refusal(R"({"rid":1})") == words + "number into Go struct field Some.field of type string");
  CHECK(refusal(R"({"action":{}})") == words + "object into Go struct field Some.field of type string");
  CHECK(refusal(R"({"rid":"a","soft":"x"})") == words + "string into Go struct field Some.field of type bool");
  CHECK(refusal(R"({"rid":"a","soft":[]})") == words + "array into Go struct field Some.field of type bool");
  CHECK(type_mismatch(json::Kind::number, "", "codec.Response") ==
        "json: cannot unmarshal number into Go value of type codec.Response");
}

TEST_CASE("Values: text that is not JSON fails the cursor", "[value]") {
  for (const char* text : {"", "x", "{\"rid\":\"a\"", "{\"rid\" \"a\"}", "\"a", "[1"}) {
    INFO(text);
    json::Cursor in(text);
    Value v;
    std::string error;
    CHECK_FALSE(read_value(in, "f", v, error));
    CHECK(in.failed());
  }
}

TEST_CASE("Values: equality is of kind and value", "[value]") {
  const std::vector<std::string> distinct{"1",
                                          "1.0",
                                          "\"1\"",
                                          "null",
                                          "true",
                                          R"({"rid":"a"})",
                                          R"({"rid":"b"})",
                                          R"({"rid":"a","soft":true})",
                                          "\"a\"",
                                          R"({"data":[1]})",
                                          R"({"data":{"a":1}})",
                                          R"({"action":"delete"})"};
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    for (std::size_t j = 0; j < distinct.size(); ++j) {
      INFO(distinct[i] << " and " << distinct[j]);
      CHECK((value(distinct[i]) == value(distinct[j])) == (i == j));
    }
  }
  CHECK(value(R"({"rid":"a"})") == value(R"({ "soft" : false, "rid" : "a" })"));
  CHECK(value(R"({"action":"delete"})") == delete_value());
}

TEST_CASE("Values: clients before 1.2.1 know neither soft references nor data values", "[value]") {
  const Value soft = value(R"({"rid":"a.b","soft":true})");
  CHECK(differs_for_legacy(soft));
  CHECK(legacy_text(soft) == R"("a.b")");
  CHECK(new_text(soft) == R"({"rid":"a.b","soft":true})");
  CHECK(legacy_text(value(R"({"rid":"a?q=\"\u00e9\"","soft":true})")) == "\"a?q=\\\"\xC3\xA9\\\"\"");
  const Value data = value(R"({"data":[1]})");
  CHECK(differs_for_legacy(data));
  CHECK(legacy_text(data) == R"("[Data]")");
  CHECK(new_text(data) == R"({"data":[1]})");
  for (const char* text : {"1", R"({"rid":"a"})", R"({"action":"delete"})"}) {
    CHECK_FALSE(differs_for_legacy(value(text)));
    CHECK(legacy_text(value(text)) == text);
    CHECK(new_text(value(text)) == text);
  }
}

TEST_CASE("Values: models and collections", "[value]") {
  std::string out = "x";
  append_properties(out, testing::model({{"b", "1"}, {"a\n", R"({"rid":"c","soft":true})"}}), true);
  append_properties(out, {}, false);
  append_values(out, testing::collection({"1", R"({"data":{}})", R"({"rid":"c"})"}), true);
  append_values(out, {}, true);
  CHECK(out == R"(x{"a\n":"c","b":1}{}[1,"[Data]",{"rid":"c"}][])");
}

TEST_CASE("Values: of properties with the same name the last one counts, and order is that of the names", "[value]") {
  Properties::sequence_type members;
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"c", "4"}, {"a", "5"}}) {
    members.emplace_back(name, value(text));
  }
  CHECK(testing::text_of(make_properties(std::move(members))) == R"({"a":5,"b":3,"c":4})");
  CHECK(make_properties({}).empty());
}

TEST_CASE("Values: changes set, add and remove properties", "[value]") {
  Properties properties = testing::model({{"a", "1"}, {"c", "3"}, {"e", "5"}});
  apply_changes(
      properties,
      testing::model(
          {{"a", R"({"action":"delete"})"}, {"b", "2"}, {"c", "4"}, {"d", R"({"action":"delete"})"}, {"f", "6"}}));
  CHECK(testing::text_of(properties) == R"({"b":2,"c":4,"e":5,"f":6})");
  apply_changes(properties, {});
  CHECK(properties.size() == 4);
  apply_changes(properties, testing::model({{"b", R"({"action":"delete"})"}}));
  CHECK(testing::text_of(properties) == R"({"c":4,"e":5,"f":6})");
}

TEST_CASE("Values: changes agree with a naive model", "[value]") {
  std::mt19937 random(7);
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 500; ++round) {
    std::map<std::string, std::string> naive;
    Properties properties;
    for (int step = 0; step < 8; ++step) {
      Properties::sequence_type members;
      for (unsigned n = pick(6); n > 0; --n) {
        const std::string name(1, static_cast<char>('a' + pick(8)));
        const bool gone = pick(3) == 0;
        const std::string text = gone ? R"({"action":"delete"})" : std::to_string(pick(9));
        members.emplace_back(name, value(text));
        if (gone) {
          naive.erase(name);
        } else {
          naive[name] = text;
        }
      }
      apply_changes(properties, make_properties(std::move(members)));
    }
    std::string expected = "{";
    for (const auto& [name, text] : naive) expected += (expected.size() > 1 ? ",\"" : "\"") + name + "\":" + text;
    CHECK(testing::text_of(properties) == expected + "}");
  }
}
