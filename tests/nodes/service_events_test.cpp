// RES-Service protocol: payloads of "Resource events", "Connection events" and "System events".
#include <catch2/catch.hpp>
#include <string>

#include "nodes/protocol/service_protocol.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::message_of;

TEST_CASE("Change event", "[service_protocol]") {
  const auto event = decode_change_event(R"({"values":{"myProperty":"New value","unused":{"action":"delete"}}})");
  REQUIRE_FALSE(event.error);
  CHECK_FALSE(event.value.legacy);
  CHECK(testing::text_of(event.value.values) == R"({"myProperty":"New value","unused":{"action":"delete"}})");
  CHECK(decode_change_event(R"({"values":{}})").value.values.empty());
  CHECK_FALSE(decode_change_event("null").error);
}

TEST_CASE("Change event: the values as payload, as in RES protocol 1.0", "[service_protocol]") {
  const auto event = decode_change_event(R"({"name":"foo","r":{"rid":"a.b"}})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.legacy);
  CHECK(testing::text_of(event.value.values) == R"({"name":"foo","r":{"rid":"a.b"}})");
  // A property may be named "values".
  CHECK(decode_change_event(R"({"values":1})").value.legacy);
  CHECK(decode_change_event(R"({"values":1})").value.values.contains("values"));
  CHECK(decode_change_event("{}").value.legacy);
  CHECK_FALSE(decode_change_event("{}").error);
}

// If a name occurs twice, its last value counts, as in Go.
TEST_CASE("Change event: values that are there twice", "[service_protocol]") {
  const auto event = decode_change_event(R"({"values":{"a":1,"b":1},"values":{"b":2,"c":{"action":"delete"}}})");
  REQUIRE_FALSE(event.error);
  CHECK_FALSE(event.value.legacy);
  CHECK(testing::text_of(event.value.values) == R"({"a":1,"b":2,"c":{"action":"delete"}})");
  CHECK(decode_change_event(R"({"values":{"a":1},"values":2})").value.legacy);
}

TEST_CASE("Change event: half a surrogate pair harms nothing but itself", "[service_protocol]") {
  const auto event = decode_change_event(R"({"values":{"\ud83d":"\ud83d","a":2}})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.values.contains("\xEF\xBF\xBD"));
  CHECK(event.value.values.find("a")->second.text == "2");
}

TEST_CASE("Events: members are known in any letter case, and the exact one counts", "[service_protocol]") {
  CHECK(testing::text_of(decode_change_event(R"({"Values":{"a":1}})").value.values) == R"({"a":1})");
  CHECK(decode_change_event(R"({"Values":{"a":1}})").other_case);
  CHECK_FALSE(decode_change_event(R"({"values":{"Values":1}})").other_case);
  CHECK(decode_add_event(R"({"IDX":2,"Value":"x"})").value.idx == 2);
  CHECK(decode_add_event(R"({"idx":2,"Idx":3,"value":1})").value.idx == 2);
  CHECK(decode_add_event(R"({"Idx":3,"idx":2,"value":1})").value.idx == 2);
  CHECK(decode_remove_event(R"({"Idx":2})").value.idx == 2);
  CHECK(decode_query_event(R"({"Subject":"a"})").value == "a");
  CHECK(decode_token_event(R"({"Token":1,"TID":"t"})").value.token == "1");
  CHECK(decode_token_event(R"({"Token":1,"TID":"t"})").value.tid == "t");
  CHECK(decode_system_reset(R"({"Resources":["a"],"ACCESS":["b"]})").value.access.size() == 1);
  CHECK(decode_token_reset(R"({"Tids":["1"],"Subject":"a"})").value.tids.size() == 1);
}

TEST_CASE("Change event: what is wrong", "[service_protocol]") {
  CHECK(message_of(decode_change_event("").error) == "Internal error: unexpected end of JSON input");
  CHECK(message_of(decode_change_event("[]").error) ==
        "Internal error: json: cannot unmarshal array into Go value of type codec.ChangeEvent");
  CHECK(message_of(decode_change_event(R"({"values":{"a":[1]}})").error) ==
        "Internal error: Internal error: invalid value: nested json array must be wrapped as a data value");
  CHECK(message_of(decode_change_event(R"({"values":{"a":1})").error) ==
        "Internal error: unexpected end of JSON input");
  CHECK(message_of(decode_change_event("{\"values\":{\"\xFF\":1}}").error) ==
        "Internal error: invalid UTF-8 in service message");
}

TEST_CASE("Add event", "[service_protocol]") {
  const auto event = decode_add_event(R"({"value":"foo","idx":2,"other":1})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.idx == 2);
  CHECK(event.value.value.text == "\"foo\"");
  CHECK(decode_add_event(R"({"value":null,"idx":0})").value.value.text == "null");
  CHECK(decode_add_event(R"({"value":1})").value.idx == 0);
  CHECK(decode_add_event(R"({"value":1,"idx":-1})").value.idx == -1);
  CHECK(message_of(decode_add_event(R"({"idx":1})").error) == "Internal error: invalid value");
  CHECK(message_of(decode_add_event(R"({"idx":1,"value":{"action":"delete"}})").error) ==
        "Internal error: invalid value");
  CHECK(message_of(decode_add_event(R"({"idx":"1","value":1})").error) ==
        "Internal error: json: cannot unmarshal string into Go struct field AddEvent.idx of type int");
  CHECK(message_of(decode_add_event(R"({"idx":1.5,"value":1})").error) ==
        "Internal error: json: cannot unmarshal number 1.5 into Go struct field AddEvent.idx of type int");
  CHECK(decode_add_event(R"({"idx":9999999999999999999,"value":1})").error);
  CHECK(decode_add_event("").error);
  CHECK(decode_add_event("null").error);
}

TEST_CASE("Remove event", "[service_protocol]") {
  CHECK(decode_remove_event(R"({"idx":2})").value.idx == 2);
  CHECK(decode_remove_event(R"({"idx":2})").value.others.empty());
  // All other members are passed on to clients.
  const auto more = decode_remove_event(R"({ "by" : {"x": 1}, "idx":3, "\n":"a" })");
  REQUIRE_FALSE(more.error);
  CHECK(more.value.idx == 3);
  CHECK(more.value.others == R"(,"by":{"x": 1},"\n":"a")");
  CHECK(decode_remove_event(R"({"Idx":3,"a":1})").value.others == R"(,"a":1)");
  CHECK(decode_remove_event(R"({"idx":3,"a":})").error);
  CHECK_FALSE(decode_remove_event(R"({"idx":2})").error);
  CHECK(decode_remove_event(R"({"idx":true})").error);
  CHECK(decode_remove_event(R"({"idx":1)").error);
  CHECK(decode_remove_event("[]").error);
}

TEST_CASE("Query event: the subject is one that can be published on", "[service_protocol]") {
  CHECK(decode_query_event(R"({"subject":"_REQUEST_SUBJECT_12345678"})").value == "_REQUEST_SUBJECT_12345678");
  CHECK(decode_query_event(R"({"subject":"_INBOX.a.b"})").value == "_INBOX.a.b");
  CHECK(message_of(decode_query_event("{}").error) == "Internal error: missing subject");
  CHECK(message_of(decode_query_event(R"({"subject":""})").error) == "Internal error: missing subject");
  for (const char* text :
       {R"({"subject":"a b"})", R"({"subject":"a\r\nPUB x 1\r\n"})", R"({"subject":"a.>"})", R"({"subject":"a.*"})",
        R"({"subject":"a..b"})", R"({"subject":"a."})", R"({"subject":"a\u0000"})", R"({"subject":1})", ""}) {
    INFO(text);
    CHECK(decode_query_event(text).error);
  }
}

TEST_CASE("Subjects to ask on: as long as a name, at most", "[service_protocol]") {
  const auto of_size = [](std::size_t size) { return R"("subject":")" + std::string(size, 's') + "\"}"; };
  CHECK_FALSE(decode_query_event('{' + of_size(kMaxNameSize)).error);
  CHECK(message_of(decode_query_event('{' + of_size(kMaxNameSize + 1)).error) ==
        "Internal error: subject of 1025 bytes is too long");
  CHECK_FALSE(decode_token_reset(R"({"tids":["1"],)" + of_size(kMaxNameSize)).error);
  CHECK(decode_token_reset(R"({"tids":["1"],)" + of_size(kMaxNameSize + 1)).error);
}

TEST_CASE("Connection token event", "[service_protocol]") {
  const auto event = decode_token_event(R"({"token":{"userid": 42},"tid":"42"})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.token == R"({"userid": 42})");
  CHECK(event.value.tid == "42");
  CHECK_FALSE(decode_token_event(R"({"token":null})").error);
  CHECK(decode_token_event(R"({"token":"x","tid":null})").value.tid.empty());
  CHECK(decode_token_event(R"({"token":"x","tid":42})").error);
  CHECK(decode_token_event("{\"token\":\"\xFF\"}").error);
  CHECK(decode_token_event("x").error);
}

TEST_CASE("System reset event", "[service_protocol]") {
  const auto event =
      decode_system_reset(R"({"resources":["userService.users","userService.user.*"],"access":["userService.>"]})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.resources == std::vector<std::string>{"userService.users", "userService.user.*"});
  CHECK(event.value.access == std::vector<std::string>{"userService.>"});
  for (const char* text : {"", "{}", "null", R"({"resources":null})", R"({"access":[]})"}) {
    INFO(text);
    CHECK_FALSE(decode_system_reset(text).error);
    CHECK(decode_system_reset(text).value.resources.empty());
  }
  CHECK(decode_system_reset(R"({"resources":"a"})").error);
  CHECK(decode_system_reset(R"({"resources":["a",1]})").error);
  CHECK(decode_system_reset(R"({"resources":["a"])").error);
}

TEST_CASE("System token reset event", "[service_protocol]") {
  const auto event = decode_token_reset(R"({"tids":["12","42"],"subject":"auth.authentication.renewToken"})");
  REQUIRE_FALSE(event.error);
  CHECK(event.value.tids == std::vector<std::string>{"12", "42"});
  CHECK(event.value.subject == "auth.authentication.renewToken");
  CHECK(message_of(decode_token_reset("").error) == "Internal error: missing subject");
  CHECK(message_of(decode_token_reset(R"({"tids":["1"]})").error) == "Internal error: missing subject");
  CHECK(decode_token_reset(R"({"tids":["1"],"subject":"a\nb"})").error);
  CHECK(decode_token_reset(R"({"tids":"1","subject":"a"})").error);
}

TEST_CASE("Custom events: any JSON in UTF-8", "[service_protocol]") {
  CHECK_FALSE(check_json(R"({"a":[1, "b"]})"));
  CHECK_FALSE(check_json("null"));
  CHECK(message_of(check_json("{a}")) ==
        "Internal error: invalid character 'a' looking for beginning of object key string");
  CHECK(message_of(check_json("")) == "Internal error: unexpected end of JSON input");
  CHECK(message_of(check_json("\"\xED\xA0\x80\"")) == "Internal error: invalid UTF-8 in service message");
}
