// HTTP API: the responses, with the resource in both encodings, statuses, and headers.
#include "nodes/encode/web_response.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "nodes/protocol/json.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

WebOptions encoded(ApiEncoding encoding) {
  WebOptions options;
  options.encoding = encoding;
  return options;
}
const WebOptions kJson = encoded(ApiEncoding::json);
const WebOptions kFlat = encoded(ApiEncoding::jsonflat);

SetEntry entry(const std::string& rid, bool is_model, const std::string& text) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->is_model = is_model;
  snapshot->text = text;
  return SetEntry{make_rid(rid), snapshot, nullptr};
}
SetEntry model(const std::string& rid, const std::string& text) {
  return entry(rid, true, text);
}
SetEntry collection(const std::string& rid, const std::string& text) {
  return entry(rid, false, text);
}
SetEntry failed(const std::string& rid, const ErrorPtr& error) {
  return SetEntry{make_rid(rid), nullptr, error};
}

// Returns the resource of the first entry of the set in the given encoding, and checks that it is JSON.
std::string write(const ResourceSet& set, const WebOptions& options) {
  std::string out;
  if (!append_web_resource(out, set, *set.front().rid, options)) return "too large";
  CHECK(json::valid(out));
  return out;
}

WebReply reply_of(ReplyForm form) {
  WebReply web;
  web.reply.form = form;
  return web;
}

WebReply error_reply(const std::string& code) {
  WebReply web = reply_of(ReplyForm::error);
  web.reply.error = make_error(code, "It failed");
  return web;
}

const Headers kJsonType{{"Content-Type", "application/json; charset=utf-8"}};

}  // namespace

TEST_CASE("Web resource: models and collections of primitives", "[web]") {
  for (const WebOptions& options : {kJson, kFlat}) {
    CHECK(write({model("a", R"({"n":1.50,"t":"\u00e9\"","x":null})")}, options) ==
          R"({"n":1.50,"t":"\u00e9\"","x":null})");
    CHECK(write({collection("a", R"([1,"b",true,null])")}, options) == R"([1,"b",true,null])");
    CHECK(write({model("a", "{}")}, options) == "{}");
    CHECK(write({collection("a", "[]")}, options) == "[]");
    CHECK(write({model("a", R"({"k\"\n":1})")}, options) == R"({"k\"\n":1})");
  }
}

TEST_CASE("Web resource: data values are what they wrap, soft references a URL", "[web]") {
  for (const WebOptions& options : {kJson, kFlat}) {
    CHECK(write({model("a", R"({"d":{"data":{"b":[1,{"rid":"x"}]}},"s":{"rid":"b.c?q=1","soft":true}})")}, options) ==
          R"({"d":{"b":[1,{"rid":"x"}]},"s":{"href":"/api/b/c?q=1"}})");
    CHECK(write({collection("a", R"([{"data":[]},{"rid":"b","soft":true}])")}, options) == R"([[],{"href":"/api/b"}])");
  }
}

TEST_CASE("Web resource: references are nested", "[web]") {
  const ResourceSet set{model("a", R"({"b":{"rid":"b.c"},"n":1})"), collection("b.c", R"([{"rid":"d"},2])"),
                        model("d", R"({"e":3})")};
  CHECK(write(set, kJson) == R"({"b":{"href":"/api/b/c","collection":[{"href":"/api/d","model":{"e":3}},2]},"n":1})");
  CHECK(write(set, kFlat) == R"({"b":[{"e":3},2],"n":1})");
}

TEST_CASE("Web resource: what is referred to twice stands there twice", "[web]") {
  const ResourceSet set{collection("a", R"([{"rid":"b"},{"rid":"b"}])"), model("b", "{}")};
  CHECK(write(set, kJson) == R"([{"href":"/api/b","model":{}},{"href":"/api/b","model":{}}])");
  CHECK(write(set, kFlat) == "[{},{}]");
}

TEST_CASE("Web resource: a resource within itself is only named", "[web]") {
  const ResourceSet set{model("a", R"({"b":{"rid":"b"}})"), collection("b", R"([{"rid":"a"},{"rid":"b"}])")};
  CHECK(write(set, kJson) == R"({"b":{"href":"/api/b","collection":[{"href":"/api/a"},{"href":"/api/b"}]}})");
  CHECK(write(set, kFlat) == R"({"b":[{"href":"/api/a"},{"href":"/api/b"}]})");
}

TEST_CASE("Web resource: what could not be had is an error in its place", "[web]") {
  const ResourceSet set{collection("a", R"([{"rid":"b"},{"rid":"c"},1])"), failed("b", errors::timeout)};
  CHECK(write(set, kJson) == R"([{"href":"/api/b","error":{"code":"system.timeout","message":"Request timeout"}},)"
                             R"({"href":"/api/c","error":{"code":"system.notFound","message":"Not found"}},1])");
  CHECK(
      write(set, kFlat) ==
      R"([{"code":"system.timeout","message":"Request timeout"},{"code":"system.notFound","message":"Not found"},1])");
}

TEST_CASE("Web resource: the path of the API is the operator's", "[web]") {
  WebOptions options;
  options.api_path = "/";
  CHECK(write({collection("a", R"([{"rid":"b.c","soft":true}])")}, options) == R"([{"href":"/b/c"}])");
}

TEST_CASE("Web resource: references that lead into each other without end", "[web]") {
  const auto chain = [](std::size_t length) {
    ResourceSet set;
    for (std::size_t i = 0; i < length; ++i) {
      set.push_back(collection("r." + std::to_string(i), R"([{"rid":"r.)" + std::to_string(i + 1) + R"("}])"));
    }
    set.push_back(collection("r." + std::to_string(length), "[]"));
    return set;
  };
  for (const WebOptions& options : {kJson, kFlat}) {
    CHECK(write(chain(kMaxWebNesting - 1), options) != "too large");
    CHECK(write(chain(kMaxWebNesting), options) == "too large");
  }
}

TEST_CASE("Web resource: many references", "[web]") {
  const auto wide = [](std::size_t count) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? R"({"rid":"b"})" : R"(,{"rid":"b"})";
    return ResourceSet{collection("a", text + ']'), model("b", "{}")};
  };
  CHECK(write(wide(kMaxWebReferences - 1), kFlat) != "too large");
  CHECK(write(wide(kMaxWebReferences), kFlat) == "too large");
}

TEST_CASE("Web resource: references that double at each step", "[web]") {
  ResourceSet set;
  for (int i = 0; i < 60; ++i) {
    const std::string next = R"({"rid":"r.)" + std::to_string(i + 1) + "\"}";
    set.push_back(collection("r." + std::to_string(i), '[' + next + ',' + next + ']'));
  }
  set.push_back(collection("r.60", "[]"));
  for (const WebOptions& options : {kJson, kFlat}) CHECK(write(set, options) == "too large");
}

TEST_CASE("Web resource: no more is written when it is too large", "[web]") {
  ResourceSet set;
  const std::string large = '"' + std::string(100'000, 'x') + '"';
  for (std::size_t i = 0; i < kMaxWebNesting + 1; ++i) {
    set.push_back(
        collection("r." + std::to_string(i), R"([{"rid":"r.)" + std::to_string(i + 1) + "\"}," + large + ']'));
  }
  std::string out;
  CHECK_FALSE(append_web_resource(out, set, *set.front().rid, kFlat));
  CHECK(out.size() < 1'000'000);
}

TEST_CASE("Web response: a resource", "[web]") {
  WebReply web = reply_of(ReplyForm::set);
  web.headers = {{"X-Meta", "1"}};
  web.reply.rid = make_rid("a");
  web.reply.set = {collection("b", "[1]"), model("a", R"({"b":{"rid":"b"}})")};
  const WebResponse response = web_response(web, kFlat);
  CHECK(response.status == 200);
  CHECK(response.headers == Headers{{"X-Meta", "1"}, kJsonType[0]});
  CHECK(response.body == R"({"b":[1]})");
}

TEST_CASE("Web response: a resource that is too large", "[web]") {
  WebReply web = reply_of(ReplyForm::set);
  for (int i = 0; i < 40; ++i) {
    const std::string next = R"({"rid":"r.)" + std::to_string(i + 1) + "\"}";
    web.reply.set.push_back(collection("r." + std::to_string(i), '[' + next + ',' + next + ']'));
  }
  web.reply.rid = make_rid("r.0");
  const WebResponse response = web_response(web, kJson);
  CHECK(response.status == 500);
  CHECK(response.headers == kJsonType);
  CHECK(response.body.size() < 200);
}

TEST_CASE("Web response: results of calls", "[web]") {
  WebReply web = reply_of(ReplyForm::payload);
  web.reply.result = R"({"a":[1]})";
  WebResponse response = web_response(web, kJson);
  CHECK(response.status == 200);
  CHECK(response.headers == kJsonType);
  CHECK(response.body == R"({"a":[1]})");
  for (const char* nothing : {"", "null"}) {
    web.reply.result = nothing;
    response = web_response(web, kJson);
    CHECK(response.status == 204);
    CHECK(response.headers.empty());
    CHECK(response.body.empty());
  }
  web = reply_of(ReplyForm::resource);
  web.reply.rid = make_rid("a.b?q=1");
  response = web_response(web, kJson);
  CHECK(response.status == 200);
  CHECK(response.headers == Headers{{"Location", "/api/a/b?q=1"}});
  CHECK(response.body.empty());
}

TEST_CASE("Web response: statuses of errors", "[web]") {
  const std::vector<std::pair<std::string, unsigned>> expected{{"system.notFound", 404},
                                                               {"system.methodNotFound", 404},
                                                               {"system.timeout", 404},
                                                               {"system.accessDenied", 401},
                                                               {"system.methodNotAllowed", 405},
                                                               {"system.internalError", 500},
                                                               {"system.forbidden", 403},
                                                               {"system.invalidParams", 400},
                                                               {"system.invalidQuery", 400},
                                                               {"system.serviceUnavailable", 503},
                                                               {"system.subjectTooLong", 414},
                                                               {"system.notImplemented", 501},
                                                               {"test.custom", 400},
                                                               {"", 400}};
  for (const auto& [code, status] : expected) {
    CAPTURE(code);
    const WebResponse response = web_response(error_reply(code), kJson);
    CHECK(response.status == status);
    CHECK(response.headers == kJsonType);
    CHECK(response.body == R"({"code":")" + code + R"(","message":"It failed"})");
  }
}

TEST_CASE("Web response: a mapped method that a service does not have is one that HTTP does not allow", "[web]") {
  WebReply web = error_reply("system.methodNotFound");
  web.mapped = true;
  const WebResponse response = web_response(web, kJson);
  CHECK(response.status == 405);
  CHECK(response.body == R"({"code":"system.methodNotAllowed","message":"Method not allowed"})");
  web = error_reply("system.notFound");
  web.mapped = true;
  CHECK(web_response(web, kJson).status == 404);
}

TEST_CASE("Web response: a status that a service has decided", "[web]") {
  WebReply web = reply_of(ReplyForm::empty);
  const auto code = [&](unsigned status) {
    web.status = status;
    const WebResponse response = web_response(web, kJson);
    CHECK(response.status == status);
    return response.body.substr(0, response.body.find(','));
  };
  const std::vector<std::pair<std::vector<unsigned>, std::string>> expected{
      {{401, 402, 407}, "system.accessDenied"}, {{403, 451}, "system.forbidden"},
      {{404, 410}, "system.notFound"},          {{405}, "system.methodNotAllowed"},
      {{408, 504}, "system.timeout"},           {{400, 409, 418, 499}, "system.badRequest"},
      {{501}, "system.notImplemented"},         {{503}, "system.serviceUnavailable"},
      {{500, 502, 599}, "system.internalError"}};
  for (const auto& [statuses, words] : expected) {
    for (const unsigned status : statuses) CHECK(code(status) == R"({"code":")" + words + '"');
  }
  web.reply.error = make_error("test.why", "Why");
  CHECK(code(418) == R"({"code":"test.why")");
  // The error is sent, whatever else the reply contains.
  web.reply.form = ReplyForm::payload;
  web.reply.result = "42";
  CHECK(code(503) == R"({"code":"test.why")");
}

TEST_CASE("Web response: redirects", "[web]") {
  WebReply web = reply_of(ReplyForm::resource);
  web.status = 303;
  web.reply.rid = make_rid("a.b");
  WebResponse response = web_response(web, kJson);
  CHECK(response.status == 303);
  CHECK(response.headers == Headers{{"Location", "/api/a/b"}});
  CHECK(response.body.empty());
  web.headers = {{"Location", "https://elsewhere.example/"}};
  response = web_response(web, kJson);
  CHECK(response.headers == web.headers);
  web = reply_of(ReplyForm::error);
  web.reply.error = errors::not_found;
  web.status = 304;
  response = web_response(web, kJson);
  CHECK(response.headers.empty());
  CHECK(response.body.empty());
}
