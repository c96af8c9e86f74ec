// authorize: RES-Service protocol, "Access request", "Connection token event", "System token reset event".
#include "nodes/authorize/authorize.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "nodes/protocol/ids.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

using Lines = std::vector<std::string>;

const ConnId kConn{0, 1, 0};

// An Authorize alone. The test takes the place of its neighbor nodes. Each message replaces the output of the message
// before.
class Bench {
 public:
  Bench() { step(Connected{kConn, testing::client_info("c0")}); }

  void question(const std::string& rid) { step(Question{kConn, make_rid(rid), make_rid(rid)}); }
  void recheck(const std::string& rid, bool ask = true, ThrottleId throttle = 0) {
    step(Recheck{kConn, make_rid(rid), make_rid(rid), ask, throttle});
  }
  void release(const std::string& rid) { step(Release{kConn, make_rid(rid)}); }
  void call(std::uint64_t id, const std::string& rid, const std::string& method, bool subscribed = true) {
    step(Call{kConn, id, RequestKind::call, make_rid(rid), make_rid(rid), method, "", subscribed});
  }
  void token(const std::string& text, const Lines& direct = {}, const std::string& tid = "") {
    TokenChanged m{kConn, TokenEvent{text, tid}, {}};
    for (const std::string& rid : direct) m.questions.push_back({kConn, make_rid(rid), make_rid(rid)});
    step(std::move(m));
  }
  // Answers the latest access request for a resource. answer_serial() answers an earlier one.
  void answer(const std::string& rid, bool get, const std::string& methods = "") {
    answer_serial(serials_.at(rid), rid, Access{get, methods}, nullptr);
  }
  void answer_error(const std::string& rid, const ErrorPtr& error) {
    answer_serial(serials_.at(rid), rid, Access{}, error);
  }
  void answer_serial(std::uint64_t serial, const std::string& rid, const Access& access, const ErrorPtr& error) {
    step(AccessReply{kConn, make_rid(rid), serial, access, error});
  }
  std::uint64_t serial(const std::string& rid) const { return serials_.at(rid); }

  void step(AuthorizeIn message) {
    out_ = AuthorizeOut{};
    authorize_.process(std::move(message), out_);
    for (const ServiceRequest& r : requests()) {
      if (const auto* access = std::get_if<AccessFor>(&r.purpose)) serials_[access->rid->text()] = access->serial;
    }
  }

  // Returns the output of the latest step: "ask access.a" for a request to a service; "a allowed", "a
  // system.accessDenied" for a verdict; "#1 system.accessDenied" for the answer to a call.
  Lines said() const {
    Lines lines;
    for (const ServiceRequest& r : requests()) lines.push_back("ask " + r.subject);
    for (const SessionIn& m : out_.session) {
      if (const auto* v = std::get_if<Verdict>(&m)) {
        lines.push_back(v->rid->text() + ' ' + (v->denied ? v->denied->code : "allowed"));
      } else {
        const auto& reply = testing::message_as<CallReply>(m);
        lines.push_back('#' + std::to_string(reply.id) + ' ' + testing::code_of(reply.error));
      }
    }
    return lines;
  }

  std::vector<ServiceRequest> requests() const { return testing::only<ServiceRequest>(out_.ask); }
  const AuthorizeOut& out() const { return out_; }

 private:
  Authorize authorize_;
  AuthorizeOut out_;
  std::map<std::string, std::uint64_t> serials_;
};

}  // namespace

TEST_CASE("Authorize: what an access request says", "[authorize]") {
  Bench bench;
  bench.token(R"({"user":1})");
  bench.step(Question{kConn, make_rid("user.{cid}?q=1"), make_rid("user.c0?q=1")});
  REQUIRE(bench.requests().size() == 1);
  const ServiceRequest r = bench.requests()[0];
  CHECK(r.subject == "access.user.c0");
  CHECK(r.name == "user.c0");
  CHECK(r.payload == R"({"token":{"user":1},"query":"q=1","cid":"c0"})");
  bench.answer("user.{cid}?q=1", true);
  CHECK(bench.said() == Lines{"user.{cid}?q=1 allowed"});
}

TEST_CASE("Authorize: one request for all who wait, remembered until it is released", "[authorize]") {
  Bench bench;
  bench.question("a");
  CHECK(bench.said() == Lines{"ask access.a"});
  bench.question("a");
  CHECK(bench.said().empty());
  bench.call(1, "a", "set");
  CHECK(bench.said().empty());
  bench.call(2, "a", "other");
  bench.answer("a", true, "set");
  CHECK(bench.said() == Lines{"ask call.a.set", "a allowed", "#2 system.accessDenied"});
  bench.question("a");
  CHECK(bench.said() == Lines{"a allowed"});
  bench.call(3, "a", "set");
  CHECK(bench.said() == Lines{"ask call.a.set"});
  bench.release("a");
  bench.question("a");
  CHECK(bench.said() == Lines{"ask access.a"});
}

TEST_CASE("Authorize: no get access is a denial", "[authorize]") {
  Bench bench;
  bench.question("a");
  bench.answer("a", false, "*");
  CHECK(bench.said() == Lines{"a system.accessDenied"});
  bench.question("a");
  CHECK(bench.said() == Lines{"a system.accessDenied"});
  bench.call(1, "a", "any");
  CHECK(bench.said() == Lines{"ask call.a.any"});
}

TEST_CASE("Authorize: other errors than a denial are not remembered", "[authorize]") {
  Bench bench;
  for (const ErrorPtr& error : {errors::timeout, errors::not_found, errors::internal}) {
    bench.question("a");
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.answer_error("a", error);
    CHECK(bench.said() == Lines{"a " + error->code});
  }
  bench.question("a");
  bench.answer_error("a", make_error("system.accessDenied", "No, thank you"));
  CHECK(bench.said() == Lines{"a system.accessDenied"});
  bench.question("a");
  CHECK(bench.said() == Lines{"a system.accessDenied"});
}

TEST_CASE("Authorize: released while asked, the answer is said to nobody and forgotten", "[authorize]") {
  Bench bench;
  bench.question("a");
  bench.release("a");
  SECTION("answered") {
    bench.answer("a", true);
    CHECK(bench.said().empty());
    bench.question("a");
    CHECK(bench.said() == Lines{"ask access.a"});
  }
  SECTION("asked again before the answer") {
    bench.question("a");
    bench.answer("a", true);
    CHECK(bench.said() == Lines{"a allowed"});
    bench.question("a");
    CHECK(bench.said() == Lines{"a allowed"});
  }
  bench.release("never.asked");
  CHECK(bench.said().empty());
}

// RES-Service protocol: "It will invalidate any previous access response received for the resource."
TEST_CASE("Authorize: reaccess", "[authorize]") {
  Bench bench;
  bench.question("a");
  SECTION("when the verdict is known") {
    bench.answer("a", true);
    bench.recheck("a");
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.answer("a", false);
    CHECK(bench.said() == Lines{"a system.accessDenied"});
  }
  SECTION("while it is asked for: the answer on the way is never given") {
    bench.call(1, "a", "set");
    bench.recheck("a");
    CHECK(bench.said().empty());
    const std::uint64_t old = bench.serial("a");
    bench.answer("a", true, "*");
    CHECK(bench.said() == Lines{"ask access.a"});
    CHECK(bench.serial("a") != old);
    bench.answer_serial(old, "a", Access{true, "*"}, nullptr);
    CHECK(bench.said().empty());
    bench.answer("a", false);
    CHECK(bench.said() == Lines{"a system.accessDenied", "#1 system.accessDenied"});
  }
  SECTION("of what is not subscribed directly") {
    bench.answer("a", true, "set");
    bench.recheck("a", false);
    CHECK(bench.said().empty());
    bench.call(1, "a", "set");
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.recheck("a", false);
    bench.answer("a", true, "set");
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.answer("a", true, "");
    CHECK(bench.said() == Lines{"#1 system.accessDenied"});
  }
}

TEST_CASE("Authorize: an access request has the throttle of the reset that caused it", "[authorize]") {
  const ThrottleId throttle = throttle_id(ThrottleKind::reset, 0, 1);
  const ThrottleId later = throttle_id(ThrottleKind::reset, 0, 2);
  Bench bench;
  const auto asked = [&] { return bench.requests().size() == 1 ? bench.requests()[0].throttle : 99; };
  bench.question("a");
  CHECK(asked().value() == 0);
  SECTION("asked at once") {
    bench.answer("a", true);
    bench.recheck("a", true, throttle);
    CHECK(asked() == throttle);
    // The next access request was not caused by the reset, so it has no throttle.
    bench.answer("a", true);
    bench.recheck("a");
    CHECK(asked().value() == 0);
  }
  SECTION("asked behind the answer on its way") {
    bench.recheck("a", true, throttle);
    CHECK(bench.said().empty());
    bench.recheck("a", true, later);
    bench.answer("a", true);
    CHECK(asked() == later);
    bench.token("{}");
    bench.answer("a", true);
    CHECK(asked().value() == 0);
  }
  SECTION("a call asks for itself") {
    bench.answer("a", true, "*");
    bench.recheck("a", false, throttle);
    bench.call(1, "a", "set");
    CHECK(asked().value() == 0);
    bench.call(2, "b", "set", false);
    CHECK(asked().value() == 0);
  }
}

TEST_CASE("Authorize: calls on what the client is not subscribed to ask each time", "[authorize]") {
  Bench bench;
  bench.call(1, "a", "set", false);
  CHECK(bench.said() == Lines{"ask access.a"});
  const std::uint64_t first = bench.serial("a");
  bench.call(2, "a", "set", false);
  CHECK(bench.said() == Lines{"ask access.a"});
  bench.answer("a", true, "");
  CHECK(bench.said() == Lines{"#2 system.accessDenied"});
  bench.answer_serial(first, "a", Access{false, "get,set"}, nullptr);
  CHECK(bench.said() == Lines{"ask call.a.set"});
  bench.answer_serial(first, "a", Access{true, "*"}, nullptr);
  CHECK(bench.said().empty());
  bench.call(3, "a", "set", false);
  bench.answer_error("a", errors::timeout);
  CHECK(bench.said() == Lines{"#3 system.timeout"});
}

TEST_CASE("Authorize: what a call request says", "[authorize]") {
  Bench bench;
  bench.step(Call{kConn, 7, RequestKind::create, make_rid("a?q=1"), make_rid("a?q=1"), "new", "[ 1]", false});
  bench.answer("a?q=1", true, "*");
  REQUIRE(bench.requests().size() == 1);
  const ServiceRequest r = bench.requests()[0];
  CHECK(r.subject == "call.a.new");
  CHECK(r.name == "a");
  CHECK(r.payload == R"({"params":[ 1],"token":null,"query":"q=1","cid":"c0"})");
  const auto& purpose = std::get<CallFor>(r.purpose);
  CHECK(purpose.id == 7);
  CHECK(purpose.kind == RequestKind::create);
  CHECK(purpose.new_method);
}

TEST_CASE("Authorize: auth requests need no access", "[authorize]") {
  Bench bench;
  bench.step(Auth{kConn, 3, make_rid("session"), "login", R"({"p":1})"});
  REQUIRE(bench.requests().size() == 1);
  CHECK(bench.requests()[0].subject == "auth.session.login");
  CHECK(bench.requests()[0].payload ==
        R"({"params":{"p":1},"token":null,"cid":"c0","header":{},"host":"","remoteAddr":"","uri":""})");
  CHECK(std::get<CallFor>(bench.requests()[0].purpose).kind == RequestKind::auth);
}

// Services get null for parameters that the client has not given and for a token that it does not have. Resgate does
// the same.
TEST_CASE("Authorize: what a client has not given is null", "[authorize]") {
  Bench bench;
  bench.question("a");
  CHECK(bench.requests().at(0).payload == R"({"token":null,"cid":"c0"})");
  bench.answer("a", true, "*");
  bench.step(Call{kConn, 7, RequestKind::call, make_rid("a"), make_rid("a"), "set", "", true});
  CHECK(bench.requests().at(0).payload == R"({"params":null,"token":null,"cid":"c0"})");
  bench.step(Auth{kConn, 3, make_rid("session"), "login", ""});
  CHECK(bench.requests().at(0).payload ==
        R"({"params":null,"token":null,"cid":"c0","header":{},"host":"","remoteAddr":"","uri":""})");
  // The gateway's own auth requests have no parameters.
  bench.step(Auth{kConn, 0, make_rid("session"), "header", "", true});
  CHECK(bench.requests().at(0).payload ==
        R"({"token":null,"cid":"c0","isHttp":true,"header":{},"host":"","remoteAddr":"","uri":""})");
}

// RES-Service protocol: "A change of token will invalidate any previous access response received using the old token."
TEST_CASE("Authorize: a change of token", "[authorize]") {
  Bench bench;
  bench.token("1");
  bench.question("a");
  bench.answer("a", true);
  bench.question("b");
  bench.question("c");
  bench.answer("c", true, "set");
  bench.token("2", {"a"});
  CHECK(bench.said() == Lines{"ask access.a"});
  CHECK(bench.requests()[0].payload == R"({"token":2,"cid":"c0"})");
  // The answer belongs to the old token. It is not used, and access is asked for again.
  bench.answer("b", true);
  CHECK(bench.said() == Lines{"ask access.b"});
  CHECK(bench.requests()[0].payload == R"({"token":2,"cid":"c0"})");
  bench.answer("b", false);
  CHECK(bench.said() == Lines{"b system.accessDenied"});
  bench.answer("a", true);
  CHECK(bench.said() == Lines{"a allowed"});
  bench.call(1, "c", "set");
  CHECK(bench.said() == Lines{"ask access.c"});
}

TEST_CASE("Authorize: the first token takes nothing away", "[authorize]") {
  Bench bench;
  bench.question("a");
  bench.answer("a", true);
  bench.token("1", {"a"});
  CHECK(bench.said() == Lines{"a allowed"});
  bench.question("b");
  CHECK(bench.requests().at(0).payload == R"({"token":1,"cid":"c0"})");
}

// A client that was denied access without a token may have access with one.
TEST_CASE("Authorize: the first token makes a denial void", "[authorize]") {
  Bench bench;
  bench.question("a");
  bench.answer("a", false);
  CHECK(bench.said() == Lines{"a system.accessDenied"});
  bench.token("1");
  bench.question("a");
  CHECK(bench.said() == Lines{"ask access.a"});
}

TEST_CASE("Authorize: a token reset asks for each connection with such a token", "[authorize]") {
  Bench bench;
  const ConnId other{1, 1, 0};
  bench.step(Connected{other, testing::client_info("c1")});
  bench.step(TokenChanged{other, TokenEvent{"{}", "42"}, {}});
  bench.token("\"t\"", {}, "12");
  bench.step(TokenReset{{"12", "13"}, "auth.renew.token"});
  REQUIRE(bench.requests().size() == 1);
  CHECK(bench.requests()[0].subject == "auth.renew.token");
  // RES-Service protocol: "The auth request should not contain any params."
  CHECK(bench.requests()[0].payload == R"({"token":"t","cid":"c0","header":{},"host":"","remoteAddr":"","uri":""})");
  CHECK(std::get<TokenResetFor>(bench.requests()[0].purpose).conn == kConn);
  bench.step(TokenReset{{"12", "42"}, "x"});
  CHECK(bench.requests().size() == 2);
  bench.step(TokenReset{{""}, "x"});
  CHECK(bench.requests().empty());
  bench.token("\"u\"");
  bench.step(TokenReset{{"12"}, "x"});
  CHECK(bench.requests().empty());
}

TEST_CASE("Authorize: connections come and go", "[authorize]") {
  Bench bench;
  const auto subscribed = testing::only<ServiceSubscribe>(bench.out().ask);
  REQUIRE(subscribed.size() == 1);
  CHECK(subscribed[0].subject == "conn.c0.*");
  CHECK(handle_kind(subscribed[0].handle) == HandleKind::connection);
  CHECK(connection_of(subscribed[0].handle) == kConn);
  bench.question("a");
  bench.call(1, "b", "set", false);
  bench.step(Disconnected{kConn});
  const auto gone = testing::only<ServiceUnsubscribe>(bench.out().ask);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].handle == subscribed[0].handle);
  bench.answer("a", true);
  CHECK(bench.said().empty());
  bench.answer("b", true, "*");
  CHECK(bench.said().empty());
  for (const char* rid : {"a", "z"}) {
    bench.question(rid);
    bench.recheck(rid);
    bench.call(2, rid, "set");
    CHECK(bench.said().empty());
  }
  bench.step(Disconnected{kConn});
  CHECK(bench.out().ask.empty());
  // The next connection in the same slot is not affected.
  bench.step(Connected{ConnId{0, 2, 0}, testing::client_info("c2")});
  bench.question("a");
  CHECK(bench.said().empty());
}

namespace {

const ConnId kWeb{1, 1, 0};

MetaPtr meta_of(std::optional<unsigned> status) {
  return std::make_shared<const Meta>(Meta{status, {{"X-Meta", "1"}}, {}});
}

// A bench that also has an HTTP request, kWeb.
struct WebBench : Bench {
  WebBench() { step(Connected{kWeb, testing::client_info("c1"), ClientKind::web}); }

  void ask(const std::string& rid) { step(Question{kWeb, make_rid(rid), make_rid(rid)}); }
  void web_call(const std::string& rid, const std::string& method) {
    step(Call{kWeb, 1, RequestKind::call, make_rid(rid), make_rid(rid), method, "", false});
  }
  void say(const std::string& rid, const Access& access, const ErrorPtr& error = nullptr, ConnId conn = kWeb) {
    step(AccessReply{conn, make_rid(rid), serial(rid), access, error});
  }
  Verdict verdict() const { return testing::only<Verdict>(out().session).at(0); }
  CallReply reply() const { return testing::only<CallReply>(out().session).at(0); }
};

}  // namespace

TEST_CASE("Authorize: services are told that it is a web request", "[authorize]") {
  WebBench bench;
  bench.ask("a");
  CHECK(bench.requests().at(0).payload == R"({"token":null,"cid":"c1","isHttp":true})");
  bench.web_call("a", "set");
  CHECK(bench.requests().at(0).payload == R"({"token":null,"cid":"c1","isHttp":true})");
  bench.say("a", Access{false, "set"});
  CHECK(bench.requests().at(0).subject == "call.a.set");
  CHECK(bench.requests().at(0).payload == R"({"params":null,"token":null,"cid":"c1","isHttp":true})");
  // An auth request has a flag of its own. While a connection is being opened, the answer to its auth request still
  // decides about an HTTP response.
  for (const bool is_http : {false, true}) {
    bench.step(Auth{kConn, 0, make_rid("a"), "login", "", is_http});
    CHECK((bench.requests().at(0).payload.find(R"("isHttp":true)") != std::string::npos) == is_http);
  }
}

TEST_CASE("Authorize: what services say about the response goes with the verdict", "[authorize]") {
  WebBench bench;
  bench.ask("a");
  SECTION("allowed") {
    const MetaPtr meta = meta_of(std::nullopt);
    bench.say("a", Access{true, "", meta});
    CHECK_FALSE(bench.verdict().denied);
    CHECK(bench.verdict().meta == meta);
  }
  SECTION("denied") {
    bench.say("a", Access{false, "", meta_of(std::nullopt)});
    CHECK(bench.verdict().denied == errors::access_denied);
    CHECK(bench.verdict().meta);
  }
  SECTION("decided, which leaves nothing to deny") {
    bench.say("a", Access{false, "", meta_of(404)});
    CHECK_FALSE(bench.verdict().denied);
  }
  SECTION("decided, with an error of its own") {
    bench.say("a", Access{false, "", meta_of(404)}, errors::timeout);
    CHECK(bench.verdict().denied == errors::timeout);
  }
}

TEST_CASE("Authorize: what services say about the response goes with the call", "[authorize]") {
  WebBench bench;
  bench.web_call("a", "set");
  SECTION("allowed") {
    const MetaPtr meta = meta_of(std::nullopt);
    bench.say("a", Access{false, "set", meta});
    CHECK(std::get<CallFor>(bench.requests().at(0).purpose).access_meta == meta);
  }
  SECTION("denied") {
    bench.say("a", Access{true, "other", meta_of(std::nullopt)});
    CHECK(bench.reply().error == errors::access_denied);
    CHECK(bench.reply().result.meta);
  }
  SECTION("decided, whether or not it may") {
    bench.say("a", Access{true, "*", meta_of(302)});
    CHECK(bench.requests().empty());
    CHECK_FALSE(bench.reply().error);
    CHECK(bench.reply().result.meta->status == 302U);
  }
}

TEST_CASE("Authorize: what is said about a response is nothing to an open connection", "[authorize]") {
  WebBench bench;
  bench.question("a");
  bench.say("a", Access{true, "set", meta_of(404)}, nullptr, kConn);
  CHECK(bench.said() == Lines{"a allowed"});
  CHECK_FALSE(bench.verdict().meta);
  bench.call(1, "a", "set");
  CHECK(bench.said() == Lines{"ask call.a.set"});
  CHECK_FALSE(std::get<CallFor>(bench.requests().at(0).purpose).access_meta);
}

TEST_CASE("Authorize: an access request whose answer was lost is made again", "[authorize]") {
  Bench bench;
  SECTION("for who is subscribed") {
    bench.question("a");
    bench.call(1, "a", "set");
    bench.answer_error("a", errors::lost);
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.answer("a", true, "set");
    CHECK(bench.said() == Lines{"ask call.a.set", "a allowed"});
  }
  SECTION("for a single call") {
    bench.call(1, "a", "set", false);
    bench.answer_error("a", errors::lost);
    CHECK(bench.said() == Lines{"ask access.a"});
    bench.answer("a", true, "set");
    CHECK(bench.said() == Lines{"ask call.a.set"});
  }
  SECTION("not for who has let go of it") {
    bench.question("a");
    bench.release("a");
    bench.answer_error("a", errors::lost);
    CHECK(bench.said().empty());
  }
}

TEST_CASE("Authorize: where services cannot tell of a token, auth requests are refused", "[authorize]") {
  Bench bench;
  bench.step(SubscriptionRefused{connection_handle(kConn), SubscriptionRefusal::limit});
  bench.question("a");
  CHECK(bench.said() == Lines{"ask access.a"});
  bench.step(Auth{kConn, 1, make_rid("a"), "login", ""});
  CHECK(bench.said() == Lines{"#1 system.serviceUnavailable"});
  // the subscription is tried again, because NATS may have room now
  REQUIRE(testing::only<ServiceSubscribe>(bench.out().ask).size() == 1);
  CHECK(testing::only<ServiceSubscribe>(bench.out().ask)[0].subject == "conn.c0.*");
  bench.step(Auth{kConn, 2, make_rid("a"), "login", ""});
  CHECK(bench.said() == Lines{"ask auth.a.login"});
}
