// Redactor: secrets in captures are replaced. The same secret is replaced by the same word everywhere, and nothing else
// is changed.
#include "io/capture/redactor.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace resflow;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const Redactor kRedactor(1);

std::string frame(const std::string& text) {
  return std::get<ClientText>(kRedactor.entered(ParseIn(ClientText{ConnId{}, text}))).text;
}
std::string reply(const std::string& payload) {
  return kRedactor.entered(ServiceReply{1, payload, false, {}}).payload;
}
std::string message(const std::string& subject, const std::string& payload) {
  return kRedactor.entered(ServiceMessage{1, subject, payload}).payload;
}

// Returns the word that replaces a secret.
std::string word_of(const std::string& json) {
  const std::string text = message("conn.a.token", R"({"token":)" + json + '}');
  const boost::json::value value = boost::json::parse(text);
  return std::string(value.as_object().at("token").as_string());
}

Headers secret_headers() {
  return {{"Cookie", "cookie-secret"},
          {"Accept", "text"},
          {"Authorization", "auth-secret"},
          {"COOKIE", "cookie-two"},
          {"Proxy-Authorization", "proxy-secret"},
          {"Set-Cookie", "set-secret"}};
}

void check_hidden(const Headers& headers) {
  REQUIRE(headers.size() == 6);
  for (const auto& [name, value] : headers) {
    CAPTURE(name);
    if (name == "Accept") {
      CHECK(value == "text");
    } else {
      CHECK_THAT(value, StartsWith("redacted-") && !Contains("secret") && !Contains("two"));
    }
  }
}

}  // namespace

TEST_CASE("Redactor: tokens, but that there is none stays") {
  CHECK_THAT(message("conn.a.token", R"({"token":{"user":"secret"},"tid":"t"})"),
             !Contains("secret") && Contains(R"(,"tid":"t"})"));
  CHECK(message("conn.a.token", R"({"token":null,"tid":"t"})") == R"({"token":null,"tid":"t"})");
  CHECK(message("conn.a.token", R"({ "token" : null })") == R"({ "token" : null })");
  CHECK_THAT(message("conn.a.token", R"({"t\u006fken":"secret"})"), !Contains("secret"));
  // The payload of a resource event is data, even if the event is named "token".
  CHECK(message("event.a.token", R"({"token":"data"})") == R"({"token":"data"})");
  CHECK_THAT(message("conn.a.token", R"({"Token":"secret","TOKEN":"secret","t\u004fken":["secret"]})"),
             !Contains("secret"));
  CHECK(message("conn.a.token", "") == "");
  CHECK_THAT(message("conn.a.token", R"({"token":"secret)"), StartsWith("redacted-"));
  CHECK_THAT(message("conn.a.token", R"({"token":null} "secret")"), StartsWith("redacted-"));
}

TEST_CASE("Redactor: headers of clients") {
  check_hidden(kRedactor.headers(secret_headers()));
  const auto info = std::make_shared<const ClientInfo>(ClientFields{"cid", "", "", "/x", secret_headers()});
  const ParseIn connected = kRedactor.entered(ParseIn(Connected{ConnId{1, 2, 3}, info, ClientKind::held}));
  const auto& c = std::get<Connected>(connected);
  check_hidden(c.info->fields().headers);
  CHECK(c.info->uri() == "/x");
  CHECK(c.info->cid() == "cid");
  CHECK(c.conn == ConnId{1, 2, 3});
  CHECK(c.kind == ClientKind::held);
  const ParseIn request = kRedactor.entered(ParseIn(WebRequest{ConnId{}, info, "POST", "body"}));
  check_hidden(std::get<WebRequest>(request).info->fields().headers);
  CHECK(std::get<WebRequest>(request).body == "body");
  // The original, which is shared, is unchanged.
  CHECK(info->fields().headers == secret_headers());
}

TEST_CASE("Redactor: parameters of auth methods, in frames and requests") {
  CHECK_THAT(frame(R"({"id":1,"method":"auth.a.login","params":{"password":"secret"}})"),
             !Contains("secret") && Contains(R"({"id":1,"method":"auth.a.login","params":"redacted-)"));
  CHECK_THAT(frame(R"({"params":"secret","method":"auth.a.login"})"), !Contains("secret"));
  CHECK_THAT(frame(R"({"method":"\u0061uth.a.login","params":"secret"})"), !Contains("secret"));
  CHECK_THAT(frame(R"({"m\u0065thod":"auth.a.login","par\u0061ms":"secret"})"), !Contains("secret"));
  CHECK_THAT(frame(R"({"method":"auth.a.login","params":"secret","params":"secret"})"), !Contains("secret"));
  CHECK(frame(R"({"method":"auth.a.login","params":null})") == R"({"method":"auth.a.login","params":null})");
  CHECK(frame(R"({"method":"auth.a.login"})") == R"({"method":"auth.a.login"})");
  for (const char* text : {R"({"id":1,"method":"call.a.login","params":"data"})", R"({"method":1,"params":"data"})",
                           "x", "", "[]", "\xff"}) {
    CHECK(frame(text) == text);
  }
  CHECK_THAT(kRedactor.request("auth.a.login", R"({"token":"secret","params":{"p":"secret"},"cid":"c"})"),
             !Contains("secret") && Contains(R"("cid":"c"})"));
  CHECK(kRedactor.request("call.a.set", R"({"token":null,"params":{"p":"data"}})") ==
        R"({"token":null,"params":{"p":"data"}})");
  CHECK_THAT(kRedactor.request("access.a", R"({"token":[1,"secret"],"cid":"c"})"), !Contains("secret"));
  CHECK(kRedactor.request("get.a", "") == "");
}

TEST_CASE("Redactor: an auth request in every spelling that the parser takes") {
  for (const char* text : {
           R"({"id":2,"Method":"auth.x.login","Params":"secret"})",
           R"({"id":3,"METHOD":"auth.x.login","PARAMS":"secret"})",
           R"({"id":4,"method":"auth.x.login","params":null,"Params":"secret"})",
           R"({"id":4,"method":"auth.x.login","params":"secret","Params":null})",
           R"({"id":5,"method":"get.a","method":"auth.x.login","params":"secret"})",
           R"({"id":5,"Method":"auth.x.login","method":"get.a","params":"secret"})",
           R"({"params":"secret","params":["secret"],"id":7,"mEthod":"\u0061uth.x.login"})",
           R"( { "id" : 8 , "method" : "auth.x.login" , "pArams" : "secret" , "method" : "auth.x.logi\u006e" } )",
           R"({"id":"no number","method":"auth.x.login","params":"secret"})",
           R"({"id":9,"method":"Auth.x.login","params":"secret"})",
       }) {
    CAPTURE(text);
    CHECK_THAT(frame(text), !Contains("secret"));
    CHECK(boost::json::parse(frame(text)).as_object().size() == boost::json::parse(text).as_object().size());
  }
}

// The parser drops such a text. It drops the word that replaces it, too.
TEST_CASE("Redactor: a broken text that may have been an auth request is hidden as a whole") {
  for (const char* text :
       {R"({"id":1,"method":"auth.x.login","params":{"password":"secret")",
        R"({"id":1,"method":"auth.x.login","params":"secret"},)",
        R"({"id":1,"method":"\u0061uth.x.login","params":"secret")", R"(["method":"AUTH.x.login","params":"secret")"}) {
    CHECK_THAT(frame(text), StartsWith("redacted-") && !Contains("secret"));
  }
  CHECK(frame(R"({"id":1,"method":"get.x")") == R"({"id":1,"method":"get.x")");
}

TEST_CASE("Redactor: a header whose name speaks of a secret holds one") {
  for (const char* name :
       {"X-Auth-Token", "x-csrf-token", "X-Api-Key", "apikey", "X-Session-Id", "X-Amz-Security-Token", "Client-Secret",
        "X-PASSWORD", "X-JWT-Assertion", "Sec-WebSocket-Protocol", "Cookie2"}) {
    CAPTURE(name);
    CHECK_THAT(kRedactor.headers({{name, "secret"}})[0].second, StartsWith("redacted-"));
  }
  for (const char* name : {"Accept", "Host", "Origin", "X-Forwarded-For", "Sec-WebSocket-Key", "User-Agent", "Key",
                           "Access-Control-Allow-Credentials", "access-control-expose-headers"}) {
    CAPTURE(name);
    CHECK(kRedactor.headers({{name, "value"}})[0].second == "value");
  }
}

TEST_CASE("Redactor: headers as services see them and send them") {
  const std::string list = R"({"Cookie":["secret","secret two"],"Accept":["text"],"Authorization":[]})";
  const std::string request = kRedactor.request("auth.a.login", R"({"header":)" + list + R"(,"host":"h"})");
  CHECK_THAT(request, !Contains("secret") && Contains(R"("Accept":["text"],"Authorization":[]},"host":"h"})"));
  const std::string answer =
      R"({"result":{"Cookie":"data"},"meta":{"header":{"Set-Cookie":["secret"],"X":["y"]},"status":200}})";
  CHECK_THAT(reply(answer), !Contains("secret") && Contains(R"("X":["y"]},"status":200}})") &&
                                Contains(R"({"result":{"Cookie":"data"},)"));
  CHECK_THAT(reply(R"({"meta":{"h\u0065ader":{"Set-Cookie":["secret"]}}})"), !Contains("secret"));
  CHECK_THAT(reply(R"({"meta":{"header":{"set-c\u006fokie":"secret"}}})"), !Contains("secret"));
  CHECK_THAT(reply(R"({"meta":{"header":{"Set-Cookie":["a",{"secret":1}]}}})"), !Contains("secret"));
  CHECK_THAT(reply(R"({"Meta":{"HEADER":{"Set-Cookie":["secret"]},"header":{"set-cookie":["secret"]}}})"),
             !Contains("secret"));
  CHECK_THAT(reply(R"({"meta":{"header":{"Set-Cookie":["secret"]}})"), StartsWith("redacted-"));
  for (const char* same : {R"({"result":{"header":{"Cookie":["data"]}}})", R"({"result":{"header":1)",
                           R"({"meta":{"status":404}})", "\"header\"", R"({"meta":1,"header":1})", ""}) {
    CHECK(reply(same) == same);
  }
}

TEST_CASE("Redactor: the same secret is the same word everywhere, another another") {
  const std::string word = word_of("\"sec\\\"ret\"");
  CHECK(word != word_of("\"other\""));
  CHECK(word_of("{}") != word_of("[]"));
  CHECK_THAT(frame(R"({"method":"auth.a","params":"sec\"ret"})"), Contains(word));
  CHECK_THAT(kRedactor.request("auth.a", R"({"params":"sec\"ret"})"), Contains(word));
  CHECK_THAT(kRedactor.request("get.a", R"({"token":"sec\"ret"})"), Contains(word));
  // A header occurs as it is, and inside JSON.
  const std::string header = kRedactor.headers({{"Cookie", "a=\"1\""}})[0].second;
  CHECK_THAT(kRedactor.request("auth.a", R"({"header":{"Cookie":["a=\"1\""]}})"), Contains(header));
  CHECK_THAT(reply(R"({"meta":{"header":{"Set-Cookie":["a=\"1\""]}}})"), Contains(header));
}

TEST_CASE("Redactor: the words of another capture are others") {
  const Headers secret{{"Cookie", "a"}};
  CHECK(Redactor(1).headers(secret) == Redactor(1).headers(secret));
  CHECK(Redactor(1).headers(secret) != Redactor(2).headers(secret));
  CHECK(Redactor().headers(secret) != Redactor().headers(secret));
}

// Otherwise a capture would give another result when it is played.
TEST_CASE("Redactor: what is JSON stays JSON") {
  for (const std::string& text :
       {frame(R"({"id":1,"method":"auth.a.login","params":{"password":"secret"}})"),
        kRedactor.request("auth.a", R"({"token":1,"params":[],"header":{"Cookie":["a","b"],"B":[]}})"),
        reply(R"({"meta":{"header":{"Set-Cookie":["a","b"]}},"result":null})"),
        message("conn.a.token", R"( {"token" : {"a":1} } )")}) {
    boost::system::error_code ec;
    const auto parsed = boost::json::parse(text, ec);
    CAPTURE(text);
    CHECK_FALSE(ec);
    CHECK(parsed.is_object());
  }
}
