// RES-Service protocol: "Response" and the results of each request. The error messages are the same as in Resgate.
#include "nodes/protocol/service_protocol.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::message_of;

namespace {

using Examples = std::vector<std::pair<std::string, std::string>>;

// Checks that each payload is refused with an internal error with the given message.
template <typename Decode>
void check_refused(Decode&& decode, const Examples& examples) {
  for (const auto& [payload, words] : examples) {
    INFO("payload: " << payload);
    const ErrorPtr error = decode(payload).error;
    REQUIRE(error);
    CHECK(error->code == "system.internalError");
    CHECK(error->message == "Internal error: " + words);
  }
}

// Checks the faults that are refused in every kind of reply.
template <typename Decode>
void check_bad_envelopes(Decode&& decode, const std::string& type) {
  check_refused(decode, {
                            {"", "unexpected end of JSON input"},
                            {R"({"invalid":JSON})", "invalid character 'J' looking for beginning of value"},
                            {R"({"result":{}} x)", "invalid character 'x' after top-level value"},
                            {"42", "json: cannot unmarshal number into Go value of type codec." + type},
                            {"[]", "json: cannot unmarshal array into Go value of type codec." + type},
                            {"null", "response missing result"},
                            {"{}", "response missing result"},
                            {R"({"invalid":"response"})", "response missing result"},
                            {R"({"error":null})", "response missing result"},
                            {R"({"error":{"code":12,"message":"integer code"}})",
                             "json: cannot unmarshal number into Go struct field Error.error.code of type string"},
                            {R"({"error":[]})", "json: cannot unmarshal array into Go struct field " + type +
                                                    ".error of type reserr.Error"},
                            {"{\"error\":{\"code\":\"a\",\"message\":\"\xFF\"}}", "invalid UTF-8 in service message"},
                        });
  const auto failed =
      decode(R"({"result":{},"error":{"code":"a.b","message":"c","data":{"x":1},"other":2},"meta":{"status":400}})");
  REQUIRE(failed.error);
  CHECK(failed.error->code == "a.b");
  CHECK(failed.error->message == "c");
  CHECK(failed.error->data == R"({"x":1})");
  CHECK(decode(R"({"error":{"code":"a.b","message":"c","data":null}})").error->data.empty());
}

}  // namespace

TEST_CASE("Get reply: models and collections", "[service_protocol]") {
  const auto model = decode_get_reply(R"({"result":{"model":{"s":"foo","n":null,"r":{"rid":"a.b"}}}})");
  REQUIRE_FALSE(model.error);
  CHECK(model.value.resource.is_model);
  CHECK(testing::text_of(model.value.resource.properties) == R"({"n":null,"r":{"rid":"a.b"},"s":"foo"})");
  CHECK(model.value.query.empty());
  const auto collection = decode_get_reply(R"({"result":{"collection":[1, "a"],"query":"a=1&b=2"},"meta":{}})");
  REQUIRE_FALSE(collection.error);
  CHECK_FALSE(collection.value.resource.is_model);
  CHECK(testing::text_of(collection.value.resource.values) == R"([1,"a"])");
  CHECK(collection.value.query == "a=1&b=2");
  CHECK_FALSE(decode_get_reply(R"({"result":{"model":{},"collection":null}})").error);
  CHECK_FALSE(decode_get_reply(R"({"result":{"collection":[]},"error":null})").error);
}

TEST_CASE("Get reply: what is wrong", "[service_protocol]") {
  check_bad_envelopes(decode_get_reply, "GetResponse");
  const std::string mismatch = "json: cannot unmarshal ";
  check_refused(
      decode_get_reply,
      {
          {R"({"result":{}})", "invalid service response"},
          {R"({"result":{"foo":"bar"}})", "invalid service response"},
          {R"({"result":{"model":{},"collection":[]}})", "invalid service response"},
          {R"({"result":{"model":{"a":{"action":"delete"}}}})", "invalid service response"},
          {R"({"result":{"collection":[{"action":"delete"}]}})", "invalid service response"},
          {R"({"result":null})", "response missing result"},
          {R"({"result":[]})", mismatch + "array into Go struct field GetResponse.result of type codec.GetResult"},
          {R"({"result":{"model":["with","array","data"]}})",
           mismatch + "array into Go struct field GetResult.result.model of type map[string]codec.Value"},
          {R"({"result":{"collection":{"with":"model data"}}})",
           mismatch + "object into Go struct field GetResult.result.collection of type []codec.Value"},
          {R"({"result":{"model":{},"query":1}})",
           mismatch + "number into Go struct field GetResult.result.query of type string"},
          {R"({"result":{"model":{"child":{"rid":false}}}})",
           mismatch + "bool into Go struct field GetResult.result.model of type string"},
          {R"({"result":{"model":{"array":[1,2]}}})",
           "Internal error: invalid value: nested json array must be wrapped as a data value"},
          {R"({"result":{"collection":[{}]}})",
           "Internal error: invalid value: nested json object must be wrapped as a data value"},
          {R"({"result":{"model":{"prop":{"action":"unknown"}}}})",
           R"(Internal error: invalid value: unknown action "unknown")"},
          {"{\"result\":{\"model\":{\"a\":\"\xC3\"}}}", "invalid UTF-8 in service message"},
          // Clients get the error, so it must not repeat bytes that are not valid UTF-8.
          {"{\"result\":{\"model\":{\"a\":{\"rid\":\"\xC3\"}}}}", "invalid UTF-8 in service message"},
      });
}

TEST_CASE("Access reply", "[service_protocol]") {
  const auto full = decode_access_reply(R"({"result":{"get":true,"call":"set,foo"}})");
  REQUIRE_FALSE(full.error);
  CHECK(full.value.get);
  CHECK(full.value.call == "set,foo");
  const auto none = decode_access_reply(R"({"result":{}})");
  REQUIRE_FALSE(none.error);
  CHECK_FALSE(none.value.get);
  CHECK(none.value.call.empty());
  CHECK_FALSE(decode_access_reply(R"({"result":{"get":null,"call":null}})").error);
  check_bad_envelopes(
      [](const std::string& p) {
        // An empty result is valid and denies access. Only a reply without a result is wrong.
        return decode_access_reply(p);
      },
      "AccessResponse");
  check_refused(
      decode_access_reply,
      {{R"({"result":{"get":"foo"}})",
        "json: cannot unmarshal string into Go struct field AccessResult.result.get of type bool"},
       {R"({"result":{"call":true}})",
        "json: cannot unmarshal bool into Go struct field AccessResult.result.call of type string"},
       {R"({"result":true})",
        "json: cannot unmarshal bool into Go struct field AccessResponse.result of type codec.AccessResult"}});
}

TEST_CASE("Access: which methods may be called", "[service_protocol]") {
  const auto can = [](const char* call, const char* method) { return Access{true, call}.can_call(method); };
  CHECK(can("*", "set"));
  CHECK(can("set", "set"));
  CHECK(can("set,foo,bar", "foo"));
  CHECK(can("set,foo,bar", "bar"));
  CHECK_FALSE(can("set,foo,bar", "ba"));
  CHECK_FALSE(can("set,foo,bar", "barr"));
  CHECK_FALSE(can("set,foo,bar", "set,foo"));
  CHECK_FALSE(can("", "set"));
  CHECK_FALSE(can("*,set", "foo"));
  CHECK_FALSE(can("set", "*"));
}

TEST_CASE("Call reply", "[service_protocol]") {
  const auto result = decode_call_reply(R"({"result": {"a": 1.0 } })");
  REQUIRE_FALSE(result.error);
  CHECK(result.value.result == R"({"a": 1.0 })");
  CHECK_FALSE(result.value.resource);
  // RES-Service protocol: "The result may be null."
  CHECK(decode_call_reply(R"({"result":null})").value.result == "null");
  const auto resource = decode_call_reply(R"({"result":1,"resource":{"rid":"a.b?c=d"}})");
  REQUIRE_FALSE(resource.error);
  CHECK(testing::text_of(resource.value.resource) == "a.b?c=d");
  CHECK(resource.value.result.empty());
  CHECK(decode_call_reply(R"({"result":1,"resource":null})").value.result == "1");
  check_bad_envelopes(decode_call_reply, "Response");
  check_refused(decode_call_reply,
                {{R"({"resource":{"rid":"a..b"}})", "invalid service response"},
                 {R"({"resource":{}})", "invalid service response"},
                 {R"({"resource":{"rid":1}})",
                  "json: cannot unmarshal number into Go struct field Resource.resource.rid of type string"}});
}

TEST_CASE("Call reply: a new call of RES protocol 1.1", "[service_protocol]") {
  CHECK(testing::text_of(decode_legacy_new_result(R"({"rid":"a.b"})").value) == "a.b");
  for (const char* text : {"null", "1", "[]", "{}", R"({"rid":1})", R"({"rid":"a","x":1})", R"({"id":"a"})"}) {
    INFO(text);
    CHECK_FALSE(decode_legacy_new_result(text).value);
    CHECK_FALSE(decode_legacy_new_result(text).error);
  }
  CHECK(message_of(decode_legacy_new_result(R"({"rid":"a..b"})").error) == "Internal error: invalid service response");
}

TEST_CASE("Query reply", "[service_protocol]") {
  const auto events = decode_query_reply(
      R"({"result":{"events":[{"event":"remove","data":{"idx":24}},{"event":"add","data":{"value":"foo","idx":0}},)"
      R"({"event":"custom"}]}})");
  REQUIRE_FALSE(events.error);
  REQUIRE(events.value.events.size() == 3);
  CHECK(events.value.events[0].name == "remove");
  CHECK(events.value.events[0].data == R"({"idx":24})");
  CHECK(events.value.events[1].data == R"({"value":"foo","idx":0})");
  CHECK(events.value.events[2].data.empty());
  CHECK_FALSE(events.value.resource);
  const auto state = decode_query_reply(R"({"result":{"collection":["first","second"]}})");
  REQUIRE(state.value.resource);
  CHECK(testing::text_of(state.value.resource->values) == R"(["first","second"])");
  const auto nothing = decode_query_reply(R"({"result":{"events":null}})");
  CHECK_FALSE(nothing.error);
  CHECK(nothing.value.events.empty());
  CHECK_FALSE(nothing.value.resource);
  check_bad_envelopes(decode_query_reply, "EventQueryResponse");
  check_refused(decode_query_reply, {{R"({"result":{"events":[],"model":{}}})", "invalid service response"},
                                     {R"({"result":{"collection":[],"model":{}}})", "invalid service response"},
                                     {R"({"result":{"events":{}}})",
                                      "json: cannot unmarshal object into Go struct field "
                                      "EventQueryResult.result.events of type []*codec.EventQueryEvent"}});
}

TEST_CASE("Replies: members are known in any letter case", "[service_protocol]") {
  const auto get = decode_get_reply(R"({"Result":{"Collection":[{"Rid":"a"}],"Query":"q"}})");
  REQUIRE_FALSE(get.error);
  CHECK(get.other_case);
  CHECK(get.value.query == "q");
  CHECK(get.value.resource.values.at(0).rid->text() == "a");
  // Property names belong to the service and keep their case.
  CHECK_FALSE(decode_get_reply(R"({"result":{"model":{"Model":1,"RESULT":2}}})").other_case);
  CHECK(decode_get_reply(R"({"result":{"model":{"a":{"Data":1}}}})").other_case);
  const auto failed = decode_get_reply(R"({"Error":{"Code":"a.b","MESSAGE":"c","Data":1}})");
  REQUIRE(failed.error);
  CHECK(failed.error->code == "a.b");
  CHECK(failed.error->message == "c");
  CHECK(failed.error->data == "1");
  CHECK(failed.other_case);
  const auto access =
      decode_access_reply(R"({"Result":{"Get":true,"Call":"*"},"Meta":{"Status":404,"Header":{"a":["b"]}}})");
  CHECK(access.value.get);
  CHECK(access.value.call == "*");
  CHECK(access.value.meta->status == 404U);
  CHECK(access.value.meta->headers.size() == 1);
  CHECK(decode_call_reply(R"({"RESULT":1})").value.result == "1");
  CHECK(decode_call_reply(R"({"Resource":{"Rid":"a"}})").value.resource->text() == "a");
  CHECK(testing::text_of(decode_legacy_new_result(R"({"Rid":"a"})").value) == "a");
  const auto query = decode_query_reply(R"({"Result":{"Events":[{"Event":"x","DATA":1}]}})");
  REQUIRE(query.value.events.size() == 1);
  CHECK(query.value.events[0].name == "x");
  CHECK(query.value.events[0].data == "1");
  CHECK(query.other_case);
}

TEST_CASE("Replies: names and queries that are too long are invalid", "[service_protocol]") {
  const std::string rid(kMaxNameSize + 1, 'a');
  const std::string query(kMaxQuerySize + 1, 'q');
  CHECK(decode_get_reply(R"({"result":{"model":{},"query":")" + query + R"("}})").error == errors::invalid_response);
  CHECK_FALSE(decode_get_reply(R"({"result":{"model":{},"query":")" + query.substr(1) + R"("}})").error);
  CHECK(decode_get_reply(R"({"result":{"collection":[{"rid":")" + rid + R"("}]}})").error);
  CHECK(decode_call_reply(R"({"resource":{"rid":")" + rid + R"("}})").error == errors::invalid_response);
  CHECK(decode_legacy_new_result(R"({"rid":")" + rid + R"("})").error == errors::invalid_response);
}

TEST_CASE("Replies: half a surrogate pair harms nothing but itself", "[service_protocol]") {
  const ErrorPtr error = decode_call_reply(R"({"error":{"code":"app.bad","message":"cut \ud83d"}})").error;
  CHECK(testing::code_of(error) == "app.bad");
  CHECK(error->message == "cut \xEF\xBF\xBD");
}

// Header fields and URLs may contain any bytes; JSON must be UTF-8.
TEST_CASE("Requests: what is no UTF-8 is made so", "[service_protocol]") {
  const std::string bad = "\xEF\xBF\xBD";
  const ClientInfo info(
      ClientFields{"", "\xFFh", "1.2.3.4:5", "/\xE9?\xE9", {{"X-Latin", "caf\xE9"}, {"X-Utf8", "caf\xC3\xA9"}}});
  const std::string payload = encode_auth_request({"c1", "q=\xE9", "", ""}, info);
  CHECK(payload == R"({"token":null,"query":"q=)" + bad + R"(","cid":"c1","header":{"X-Latin":["caf)" + bad +
                       "\"],\"X-Utf8\":[\"caf\xC3\xA9\"]},\"host\":\"" + bad +
                       R"(h","remoteAddr":"1.2.3.4:5","uri":"/)" + bad + "?" + bad + "\"}");
  CHECK(encode_query_request("q=\xE9") == R"({"query":"q=)" + bad + "\"}");
}

TEST_CASE("Requests: payloads", "[service_protocol]") {
  CHECK(encode_get_request("") == "{}");
  CHECK(encode_get_request("a=\"1\"") == R"({"query":"a=\"1\""})");
  CHECK(encode_query_request("") == R"({"query":""})");
  CHECK(encode_request({"c1", "", "", ""}) == R"({"token":null,"cid":"c1"})");
  CHECK(encode_request({"c1", "q=1", R"({"user":42})", "[ 1 ]"}) ==
        R"({"params":[ 1 ],"token":{"user":42},"query":"q=1","cid":"c1"})");
  ClientFields fields;
  fields.headers = {{"Accept", "a"}, {"Cookie", "x=\"1\""}, {"Accept", "b"}, {"Host", "example.com"}};
  fields.host = "example.com";
  fields.remote_addr = "127.0.0.1:9";
  fields.uri = "/?a";
  const ClientInfo info(fields);
  // RES-Service protocol: "The key is the canonical format of the MIME header, and the value is an array of strings."
  CHECK(
      encode_auth_request({"c1", "", "", "{}"}, info) ==
      R"({"params":{},"token":null,"cid":"c1","header":{"Accept":["a","b"],"Cookie":["x=\"1\""]},"host":"example.com",)"
      R"("remoteAddr":"127.0.0.1:9","uri":"/?a"})");
  CHECK(encode_auth_request({"c1", "", "", ""}, {}) ==
        R"({"token":null,"cid":"c1","header":{},"host":"","remoteAddr":"","uri":""})");
}
