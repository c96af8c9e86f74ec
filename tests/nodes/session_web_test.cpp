// session: HTTP requests, and connections that wait to be accepted (HTTP API; RES-Service protocol, "Meta object").
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "tests/nodes/session_bench.hpp"

using namespace resflow;
using testing::Lines;
using testing::Names;
using testing::SessionBench;

namespace {

constexpr std::uint32_t kSlot = 5;
const ConnId kConn = SessionBench::conn(kSlot);

WebOptions with_auth() {
  WebOptions web;
  web.header_auth = HeaderAuth{make_rid("auth.{cid}"), "web"};
  web.ws_header_auth = HeaderAuth{make_rid("auth"), "ws"};
  return web;
}

MetaPtr meta(std::optional<unsigned> status, const Headers& headers = {}) {
  return std::make_shared<const Meta>(Meta{status, headers, {}});
}

class WebBench : public SessionBench {
 public:
  explicit WebBench(const WebOptions& web = {}, SessionLimits limits = {}) : SessionBench(limits, web) {}

  void get(const std::string& rid, const Headers& headers = {}) { step(task(WebTask::Kind::get, rid, "", headers)); }
  void call(const std::string& rid, const std::string& method, bool mapped = false) {
    WebTask t = task(WebTask::Kind::call, rid, method);
    t.params = "[1]";
    t.mapped = mapped;
    step(std::move(t));
  }
  void hold() { step(Connected{kConn, testing::client_info("held"), ClientKind::held}); }
  void leave() { disconnect(kSlot); }

  void verdict(const std::string& rid, const ErrorPtr& denied = nullptr, const MetaPtr& said = nullptr) {
    step(Verdict{kConn, make_rid(rid), number(rid, kSlot), denied, said});
  }
  void load(const std::string& rid, const Names& references = {}) { SessionBench::load(rid, references, kSlot); }
  void reply(const std::string& result, const MetaPtr& said = nullptr, RequestKind kind = RequestKind::call) {
    step(CallReply{kConn, 0, kind, CallResult{result, nullptr, said}, nullptr});
  }
  void reply_error(const ErrorPtr& error, const MetaPtr& said = nullptr) {
    step(CallReply{kConn, 0, RequestKind::call, CallResult{"", nullptr, said}, error});
  }
  void reply_resource(const std::string& rid, const MetaPtr& said = nullptr) {
    step(CallReply{kConn, 0, RequestKind::call, CallResult{"", make_rid(rid), said}, nullptr});
  }

  // Returns the answers of the latest step: "set a{a,b}", "system.notFound", "404", followed by the headers. "accept"
  // means that the connection is opened.
  Lines answers() const {
    Lines lines;
    for (const EncodeIn& m : out().encode) {
      if (const auto* web = testing::message_if<WebReply>(m)) {
        CHECK(web->reply.conn == kConn);
        lines.push_back(line(*web) + text_of(web->headers));
      }
      if (const auto* accept = std::get_if<Accept>(&m)) {
        CHECK(accept->conn == kConn);
        lines.push_back("accept" + text_of(accept->headers));
      }
      if (std::holds_alternative<CloseClient>(m)) lines.push_back("close");
    }
    return lines;
  }
  bool ended() { return session().client_count() == 1; }  // only the client that the bench begins with is left

 private:
  static WebTask task(WebTask::Kind kind, const std::string& rid, const std::string& method,
                      const Headers& headers = {}) {
    WebTask t;
    t.conn = kConn;
    t.info = testing::client_info("web");
    t.kind = kind;
    t.rid = make_rid(rid);
    t.method = method;
    t.headers = headers;
    return t;
  }

  static std::string text_of(const Headers& headers) {
    std::string text;
    for (const auto& [name, value] : headers) text += ' ' + name + '=' + value;
    return text;
  }

  static std::string line(const WebReply& web) {
    std::string text = web.status ? std::to_string(*web.status) + ' ' : "";
    const Reply& r = web.reply;
    switch (r.form) {
      case ReplyForm::error:
        return text + r.error->code + (web.mapped ? " mapped" : "");
      case ReplyForm::set: {
        Names names;
        for (const SetEntry& entry : r.set) names.push_back((entry.snapshot ? "" : "!") + entry.rid->text());
        std::sort(names.begin(), names.end());
        text += "set " + r.rid->text();
        for (const std::string& name : names) text += ' ' + name;
        return text;
      }
      case ReplyForm::payload:
        return text + "payload " + r.result;
      case ReplyForm::resource:
        return text + "resource " + r.rid->text();
      case ReplyForm::empty:
        return text + "empty";
      default:
        return text + "of an odd form";
    }
  }
};

}  // namespace

TEST_CASE("Session of a web request: GET waits for the verdict and all that is referred to", "[session]") {
  WebBench bench;
  bench.get("a", {{"X-Cors", "1"}});
  CHECK(bench.asked() == Lines{"question a"});
  CHECK(bench.cache() == Lines{"subscribe a"});
  bench.load("a", {"b", "c"});
  bench.verdict("a", nullptr, meta(std::nullopt, {{"X-Meta", "2"}}));
  bench.fail("c", errors::timeout, kSlot);
  CHECK(bench.answers().empty());
  CHECK_FALSE(bench.ended());
  bench.load("b", {"a"});
  CHECK(bench.answers() == Lines{"set a !c a b X-Cors=1 X-Meta=2"});
  CHECK(bench.cache() == Lines{"unsubscribe a", "unsubscribe b"});
  CHECK(bench.ended());
}

TEST_CASE("Session of a web request: GET that comes to nothing", "[session]") {
  WebBench bench;
  bench.get("a");
  SECTION("without access") {
    bench.verdict("a", errors::access_denied);
    CHECK(bench.answers() == Lines{"system.accessDenied"});
    CHECK(bench.ended());
    // A resource that is loaded now is released at once.
    bench.load("a");
    CHECK(bench.cache() == Lines{"unsubscribe a"});
  }
  SECTION("without a resource") {
    bench.fail("a", errors::not_found, kSlot);
    bench.verdict("a", nullptr, meta(std::nullopt, {{"X-Meta", "1"}}));
    CHECK(bench.answers() == Lines{"system.notFound X-Meta=1"});
  }
  SECTION("with a status in place of a verdict") {
    bench.load("a");
    bench.verdict("a", nullptr, meta(302, {{"Location", "/b"}}));
    CHECK(bench.answers() == Lines{"302 empty Location=/b"});
    CHECK(bench.cache() == Lines{"unsubscribe a"});
  }
  SECTION("with a status and an error") {
    bench.verdict("a", make_error("test.no", "No"), meta(418));
    CHECK(bench.answers() == Lines{"418 test.no"});
  }
  CHECK(bench.ended());
}

TEST_CASE("Session of a web request: calls", "[session]") {
  WebBench bench;
  bench.call("a", "set");
  CHECK(bench.asked() == Lines{"call a.set"});
  CHECK(bench.cache().empty());
  SECTION("with a result") {
    bench.reply("42", meta(std::nullopt, {{"X-Meta", "1"}}));
    CHECK(bench.answers() == Lines{"payload 42 X-Meta=1"});
  }
  SECTION("with a resource, which is not subscribed to") {
    bench.reply_resource("b");
    CHECK(bench.answers() == Lines{"resource b"});
    CHECK(bench.cache().empty());
  }
  SECTION("with an error") {
    bench.reply_error(errors::invalid_params, meta(std::nullopt, {{"X-Meta", "1"}}));
    CHECK(bench.answers() == Lines{"system.invalidParams X-Meta=1"});
  }
  SECTION("with a status") {
    bench.reply("42", meta(503));
    CHECK(bench.answers() == Lines{"503 empty"});
  }
  SECTION("with a status and an error") {
    bench.reply_error(make_error("test.no", "No"), meta(404));
    CHECK(bench.answers() == Lines{"404 test.no"});
  }
  SECTION("with a redirect to a resource") {
    bench.reply_resource("b", meta(303));
    CHECK(bench.answers() == Lines{"303 resource b"});
  }
  CHECK(bench.ended());
  // A second reply is dropped, because the request has ended.
  bench.reply("43");
  CHECK(bench.answers().empty());
}

TEST_CASE("Session of a web request: what is mapped stays known as such", "[session]") {
  WebBench bench;
  bench.call("a", "set", true);
  bench.reply_error(make_error("system.methodNotFound", "Method not found"));
  CHECK(bench.answers() == Lines{"system.methodNotFound mapped"});
}

TEST_CASE("Session of a web request: what is clear already needs no session", "[session]") {
  WebBench bench;
  WebTask task;
  task.conn = kConn;
  task.headers = {{"X", "1"}};
  SECTION("no error") {
    bench.step(task);
    CHECK(bench.answers() == Lines{"200 empty X=1"});
  }
  SECTION("an error") {
    task.error = errors::not_found;
    bench.step(task);
    CHECK(bench.answers() == Lines{"system.notFound X=1"});
  }
  CHECK(bench.ended());
  CHECK(bench.out().authorize.empty());
}

TEST_CASE("Session of a web request: the service is asked about its headers first", "[session]") {
  WebBench bench(with_auth());
  bench.get("a", {{"X-Cors", "1"}});
  CHECK(bench.asked() == Lines{"auth auth.web.web"});
  REQUIRE(testing::only<Auth>(bench.out().authorize).size() == 1);
  CHECK(testing::only<Auth>(bench.out().authorize)[0].is_http);
  CHECK(bench.cache().empty());
  SECTION("and lets it pass, or does not know") {
    const bool error = GENERATE(false, true);
    const MetaPtr cookies = meta(std::nullopt, {{"Set-Cookie", "a=1"}, {"X-Meta", "auth"}});
    if (error) {
      bench.reply_error(errors::timeout, cookies);
    } else {
      bench.reply("null", cookies);
    }
    CHECK(bench.asked() == Lines{"question a"});
    bench.load("a");
    bench.verdict("a", nullptr, meta(std::nullopt, {{"Set-Cookie", "b=1"}, {"X-Meta", "access"}}));
    CHECK(bench.answers() == Lines{"set a a X-Cors=1 Set-Cookie=a=1 Set-Cookie=b=1 X-Meta=access"});
  }
  SECTION("and sends it away") {
    bench.reply("null", meta(302, {{"Location", "/login"}}));
    CHECK(bench.answers() == Lines{"302 empty X-Cors=1 Location=/login"});
    CHECK(bench.asked().empty());
    CHECK(bench.cache().empty());
  }
  SECTION("and sends it to a resource") {
    bench.reply_resource("login", meta(307));
    CHECK(bench.answers() == Lines{"307 resource login X-Cors=1"});
  }
  SECTION("and refuses it with a reason") {
    bench.reply_error(make_error("test.no", "No"), meta(403));
    CHECK(bench.answers() == Lines{"403 test.no X-Cors=1"});
  }
  CHECK(bench.ended());
}

TEST_CASE("Session of a web request: a token that its auth request sets", "[session]") {
  WebBench bench(with_auth());
  bench.call("a", "set");
  bench.step(TokenSet{kConn, TokenEvent{R"({"user":1})", ""}});
  CHECK(bench.asked() == Lines{"token"});
  bench.reply("null");
  CHECK(bench.asked() == Lines{"call a.set"});
  bench.reply("42", meta(std::nullopt, {{"X-Meta", "1"}}));
  CHECK(bench.answers() == Lines{"payload 42 X-Meta=1"});
}

TEST_CASE("Session of a web request: a verdict that is given again counts once", "[session]") {
  WebBench bench(with_auth());
  bench.get("a");
  bench.reply("null", meta(std::nullopt, {{"Set-Cookie", "a=1"}}));
  bench.verdict("a", nullptr, meta(std::nullopt, {{"Set-Cookie", "b=1"}}));
  bench.step(TokenSet{kConn, TokenEvent{R"({"user":1})", ""}});
  CHECK(bench.asked() == Lines{"token a"});
  bench.load("a");
  CHECK(bench.answers().empty());
  bench.verdict("a", nullptr, meta(std::nullopt, {{"Set-Cookie", "c=1"}}));
  CHECK(bench.answers() == Lines{"set a a Set-Cookie=a=1 Set-Cookie=c=1"});
}

TEST_CASE("Session of a web request: a client that goes in between", "[session]") {
  WebBench bench(with_auth());
  bench.get("a");
  SECTION("while the auth request is out") {
    bench.leave();
    bench.reply("null");
    CHECK(bench.asked().empty());
  }
  SECTION("while the resource is being loaded") {
    bench.reply("null");
    bench.leave();
    bench.verdict("a");
    bench.load("a");
    CHECK(bench.cache() == Lines{"unsubscribe a"});
  }
  SECTION("while what it refers to is being loaded") {
    bench.reply("null");
    bench.verdict("a");
    bench.load("a", {"b"});
    bench.leave();
    CHECK(bench.cache() == Lines{"unsubscribe a", "withdraw b"});
    bench.load("b");
    CHECK(bench.cache() == Lines{"unsubscribe b"});
  }
  CHECK(bench.answers().empty());
  CHECK(bench.ended());
}

TEST_CASE("Session of a web request: the next one on the same connection has nothing of the one before", "[session]") {
  WebBench bench(with_auth());
  bench.get("a");
  bench.reply("null", meta(404, {{"X-Meta", "1"}}));
  REQUIRE(bench.ended());
  bench.get("a");
  CHECK(bench.asked() == Lines{"auth auth.web.web"});
  bench.reply("null");
  bench.load("a");
  bench.verdict("a");
  CHECK(bench.answers() == Lines{"set a a"});
}

TEST_CASE("Session of a web request: events while it is being served", "[session]") {
  WebBench bench;
  bench.get("a");
  bench.load("a", {"b"});
  SECTION("a change is not in what is sent, which is older") {
    bench.change("a");
  }
  SECTION("another event") {
    bench.custom("a", "ping");
  }
  SECTION("a verdict is asked for again") {
    bench.reaccess("a");
  }
  bench.verdict("a");
  bench.load("b");
  if (bench.answers().empty()) bench.verdict("a");
  CHECK(bench.answers() == Lines{"set a a b"});
  CHECK(bench.sent(kSlot).empty());
  CHECK(bench.ended());
}

TEST_CASE("Session of a held connection: opened when the service does not object", "[session]") {
  WebBench bench(with_auth());
  bench.hold();
  CHECK(bench.asked() == Lines{"auth auth.ws"});
  CHECK(bench.answers().empty());
  bench.step(TokenSet{kConn, TokenEvent{R"({"user":1})", ""}});
  SECTION("with headers") {
    bench.reply("null", meta(std::nullopt, {{"Set-Cookie", "a=1"}}));
    CHECK(bench.answers() == Lines{"accept Set-Cookie=a=1"});
  }
  SECTION("with an error, which is none of the client's") {
    bench.reply_error(errors::timeout);
    CHECK(bench.answers() == Lines{"accept"});
  }
  // From now on, the connection is a client like all others.
  bench.subscribe(1, "a", kSlot);
  CHECK(bench.asked() == Lines{"question a"});
  bench.allow("a", kSlot);
  bench.load("a");
  CHECK(bench.sent(kSlot) == Lines{"#1 set{a}"});
  CHECK_FALSE(bench.ended());
}

TEST_CASE("Session of a held connection: not opened", "[session]") {
  WebBench bench(with_auth());
  bench.hold();
  SECTION("but redirected") {
    bench.reply_resource("login", meta(307, {{"Set-Cookie", "a=1"}}));
    CHECK(bench.answers() == Lines{"307 resource login Set-Cookie=a=1"});
  }
  SECTION("but refused") {
    bench.reply_error(make_error("test.no", "No"), meta(401));
    CHECK(bench.answers() == Lines{"401 test.no"});
  }
  SECTION("as it has gone") {
    bench.leave();
    bench.reply("null");
    CHECK(bench.answers().empty());
  }
  CHECK(bench.ended());
}

TEST_CASE("Session web: what comes for a request that was refused, while its references are let go of in slices",
          "[session][web]") {
  SessionLimits limits;
  limits.work = WorkLimits{90, 90};
  WebBench bench({}, limits);
  Names references;
  for (int i = 0; i < 100; ++i) references.push_back("r" + std::to_string(i));
  bench.get("list");
  bench.load("list", references);
  for (int turn = 0; turn < 20; ++turn) bench.step(Continue{});
  bench.verdict("list", errors::access_denied);
  CHECK(bench.answers() == Lines{"system.accessDenied"});
  bench.load("r0");
  for (int turn = 0; turn < 20; ++turn) bench.step(Continue{});
  CHECK(bench.session().client_count() == 1);  // the client that the bench begins with
}
