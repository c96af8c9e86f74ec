// HTTP API: what an HTTP request asks for, and which requests are answered without asking a service.
#include "nodes/parse/web_request.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::code_of;
using testing::message_of;
using testing::text_of;

namespace {

const ConnId kConn{3, 4, 1};

WebTask read(const std::string& method, const std::string& target, const WebOptions& options = {},
             const std::string& body = {}, const Headers& headers = {}) {
  ClientFields fields;
  fields.cid = "cid";
  fields.uri = target;
  fields.headers = headers;
  return read_web_request(WebRequest{kConn, std::make_shared<const ClientInfo>(fields), method, body}, options);
}

// Returns "get a.b" or "call a.b set {...}". For a request that is answered at once, returns the error code, or "ok" if
// there is no error.
std::string gist(const WebTask& task) {
  switch (task.kind) {
    case WebTask::Kind::respond:
      return task.error ? code_of(task.error) : "ok";
    case WebTask::Kind::get:
      return "get " + text_of(task.rid);
    case WebTask::Kind::call:
      return "call " + text_of(task.rid) + ' ' + task.method + (task.params.empty() ? "" : ' ' + task.params);
  }
  return {};
}

WebOptions mapping() {
  WebOptions options;
  options.put_method = "set";
  options.patch_method = "change";
  return options;
}

}  // namespace

TEST_CASE("Web request: it keeps who it is from", "[web]") {
  const WebTask task = read("GET", "/api/a");
  CHECK(task.conn == kConn);
  CHECK(task.info->cid() == "cid");
  CHECK(task.info->uri() == "/api/a");
}

TEST_CASE("Web request: GET and HEAD", "[web]") {
  for (const char* method : {"GET", "HEAD"}) {
    CHECK(gist(read(method, "/api/a/b?q=1")) == "get a.b?q=1");
    CHECK(gist(read(method, "/api/a/b", {}, "a body is let pass")) == "get a.b");
    for (const char* target :
         {"/", "/apia", "/api", "/api/", "/api/a/", "/api/a.b", "/api//", "/api/a//b", "/api/%00", "/x"}) {
      CAPTURE(target);
      CHECK(gist(read(method, target)) == "system.notFound");
    }
  }
}

TEST_CASE("Web request: names and queries that are too long", "[web]") {
  const std::string name(kMaxNameSize, 'x');
  const std::string query = '?' + std::string(kMaxQuerySize, 'q');
  CHECK(gist(read("GET", "/api/" + name + query)) == "get " + name + query);
  CHECK(gist(read("GET", "/api/" + name + "x")) == "system.subjectTooLong");
  CHECK(gist(read("GET", "/api/a" + query + "q")) == "system.subjectTooLong");
  CHECK(gist(read("GET", "/api/" + name + "x/")) == "system.notFound");
  CHECK(gist(read("POST", "/api/" + name + "x/m")) == "system.subjectTooLong");
  CHECK(gist(read("PUT", "/api/" + name + "x", mapping())) == "system.subjectTooLong");
}

TEST_CASE("Web request: POST calls a method", "[web]") {
  CHECK(gist(read("POST", "/api/a/b/set")) == "call a.b set");
  CHECK(gist(read("POST", "/api/a/set?q=1", {}, R"({"x":1})")) == R"(call a?q=1 set {"x":1})");
  CHECK_FALSE(read("POST", "/api/a/set").mapped);
  for (const char* target : {"/api/set", "/api/a/", "/api/a//set", "/api/a/s%20t", "/api/a/s%2Et", "/api/a/set/"}) {
    CAPTURE(target);
    CHECK(gist(read("POST", target)) == "system.notFound");
  }
}

TEST_CASE("Web request: other methods call what they are mapped to", "[web]") {
  CHECK(gist(read("PUT", "/api/a/b", mapping(), "[1]")) == "call a.b set [1]");
  CHECK(gist(read("PATCH", "/api/a?q", mapping())) == "call a?q change");
  CHECK(read("PUT", "/api/a", mapping()).mapped);
  CHECK(gist(read("PUT", "/api/a/", mapping())) == "system.notFound");
  for (const char* method : {"DELETE", "TRACE", "CONNECT", "get", "Post", "FOO"}) {
    CAPTURE(method);
    CHECK(gist(read(method, "/api/a", mapping())) == "system.methodNotAllowed");
  }
  WebOptions options = mapping();
  options.delete_method = "delete";
  CHECK(gist(read("DELETE", "/api/a", options)) == "call a delete");
}

TEST_CASE("Web request: the body is the parameters", "[web]") {
  const auto params = [](const std::string& body) {
    const WebTask task = read("POST", "/api/a/set", {}, body);
    return task.kind == WebTask::Kind::call ? task.params : code_of(task.error) + ": " + message_of(task.error);
  };
  for (const char* nothing : {"", " \r\n\t", "null", " null "}) CHECK(params(nothing).empty());
  for (const char* json : {"{}", "0", R"("text")", " [1] \n", "true"}) CHECK(params(json) == json);
  const std::string bad = "system.badRequest: Error decoding request body: ";
  CHECK(params("{") == bad + "unexpected end of JSON input");
  CHECK(params("{}x") == bad + "invalid character 'x' after top-level value");
  CHECK(params("nul") == bad + "unexpected end of JSON input");
  CHECK(params("\"\xFF\"") == bad + "invalid UTF-8");
  CHECK(params(std::string("\0", 1)).starts_with(bad));
  CHECK(gist(read("POST", "/api/a/", {}, "{")) == "system.notFound");
}

TEST_CASE("Web request: what is none of the API", "[web]") {
  CHECK(gist(read("OPTIONS", "*")) == "system.badRequest");
  CHECK(gist(read("OPTIONS", "/x")) == "system.notFound");
  CHECK(gist(read("CONNECT", "h:80")) == "system.notFound");
  CHECK(gist(read("GET", "http://h/api/a")) == "get a");
  // /x is not part of the API, so the response has no CORS headers.
  CHECK(read("GET", "/x", {}, "", {{"Origin", "http://o"}}).headers.empty());
  WebOptions options;
  options.api_path = "/";
  CHECK(gist(read("GET", "/a/b", options)) == "get a.b");
}

TEST_CASE("Web request: pages of any origin", "[web]") {
  const Headers any{{"Access-Control-Allow-Origin", "*"}};
  CHECK(read("GET", "/api/a").headers == any);
  CHECK(read("GET", "/api/a", {}, "", {{"Origin", "http://o.example"}}).headers == any);
  CHECK(read("GET", "/api/a/").headers == any);
  WebOptions options;
  options.header_auth = HeaderAuth{make_rid("auth"), "login"};
  CHECK(read("GET", "/api/a", options).headers ==
        Headers{{"Access-Control-Allow-Credentials", "true"}, {"Access-Control-Allow-Origin", "*"}});
}

TEST_CASE("Web request: pages of some origins", "[web]") {
  WebOptions options;
  options.allow_origins = {"http://a.example", "https://b.example:8443"};
  const auto from = [&](const std::string& method, const std::string& origin) {
    return read(method, "/api/a/b", options, "", {{"Origin", origin}});
  };
  const auto allows = [](const std::string& origin) {
    return Headers{{"Access-Control-Allow-Origin", origin}, {"Vary", "Origin"}};
  };
  CHECK(gist(from("GET", "https://B.example:8443")) == "get a.b");
  CHECK(from("GET", "https://B.example:8443").headers == allows("https://B.example:8443"));
  CHECK(gist(from("POST", "http://a.example")) == "call a b");
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "FOO"}) {
    for (const char* origin : {"http://c.example", "http://a.example.evil", "", "http://a.example, http://b"}) {
      CHECK(gist(from(method, origin)) == "system.forbidden");
      CHECK(from(method, origin).headers == allows("http://a.example"));
    }
  }
  // A page without an origin sends "null"; a request that comes from no page has no Origin header. A cache may keep the
  // answer to a GET and use it for other origins, so the answer has a Vary header.
  CHECK(gist(from("GET", "null")) == "system.forbidden");
  CHECK(gist(read("GET", "/api/a", options)) == "get a");
  CHECK(read("GET", "/api/a", options).headers == Headers{{"Vary", "Origin"}});
  CHECK(read("POST", "/api/a/b", options).headers.empty());
}

TEST_CASE("Web request: what a browser asks before", "[web]") {
  const Headers asked{{"Origin", "http://o.example"},
                      {"Access-Control-Request-Method", "PUT"},
                      {"Access-Control-Request-Headers", "x-a"},
                      {"Access-Control-Request-Headers", "x-b, x-c"}};
  const WebTask task = read("OPTIONS", "/api/any/thing.", mapping(), "", asked);
  CHECK(gist(task) == "ok");
  CHECK(task.headers == Headers{{"Access-Control-Allow-Origin", "*"},
                                {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PUT, PATCH"},
                                {"Access-Control-Allow-Headers", "x-a, x-b, x-c"}});
  CHECK(read("OPTIONS", "/api/").headers ==
        Headers{{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST"}});
  WebOptions options;
  options.allow_origins = {"http://a.example"};
  const WebTask other = read("OPTIONS", "/api/a", options, "", asked);
  CHECK(gist(other) == "ok");
  CHECK(other.headers[0] == HeaderField{"Access-Control-Allow-Origin", "http://a.example"});
}
