#include "io/web/http_head.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "io/web/upgrade.hpp"

using namespace resflow;

namespace {

const std::string kRequest =
    "GET /a%2Fb//../c?q=a%26b HTTP/1.1\r\n"
    "host: example.com:8080\r\n"
    "X-A: 1\r\n"
    "COOKIE: a=1\r\n"
    "x-a:  two words \t\r\n"
    "X-Empty:\r\n"
    "\r\n";

HttpRequestHead head_of(const std::string& bytes) {
  HttpHeadResult result = parse_http_head(bytes);
  if (const auto* bad = std::get_if<BadRequestHead>(&result)) FAIL(bad->status << " " << bad->reason);
  REQUIRE(std::holds_alternative<HttpRequestHead>(result));
  return std::get<HttpRequestHead>(result);
}

// Returns 0 if more bytes are needed, 200 for a valid head, otherwise the status of the refusal.
unsigned status_of(const std::string& bytes, std::size_t seen = 0) {
  const HttpHeadResult result = parse_http_head(bytes, seen);
  if (std::holds_alternative<NeedMoreBytes>(result)) return 0;
  const auto* bad = std::get_if<BadRequestHead>(&result);
  return bad == nullptr ? 200 : bad->status;
}

HttpRequestHead upgrade_request() {
  return head_of(
      "GET /ws?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

void set(HttpRequestHead& head, const std::string& name, const std::string& value) {
  for (HeaderField& header : head.headers) {
    if (header.first == name) header.second = value;
  }
}

unsigned refusal(const HttpRequestHead& head) {
  const UpgradeDecision decision = check_upgrade(head, "/ws", {"*"});
  const auto* refused = std::get_if<RefuseUpgrade>(&decision);
  return refused == nullptr ? 0 : refused->status;
}

}  // namespace

TEST_CASE("HTTP head: what was sent is what is given", "[http]") {
  const HttpRequestHead head = head_of(kRequest + "the body");
  CHECK(head.method == "GET");
  CHECK(head.target == "/a%2Fb//../c?q=a%26b");
  CHECK(head.path() == "/a%2Fb//../c");
  CHECK(head.version == 11);
  CHECK(head.size == kRequest.size());
  const std::vector<HeaderField> expected{
      {"Host", "example.com:8080"}, {"X-A", "1"}, {"Cookie", "a=1"}, {"X-A", "two words"}, {"X-Empty", ""}};
  CHECK(head.headers == expected);
  CHECK(*head.find("X-A") == "1");
  CHECK(head.find("X-B") == nullptr);
  CHECK(head.count("X-A") == 2);
}

TEST_CASE("HTTP head: every cut needs more", "[http]") {
  for (std::size_t n = 0; n < kRequest.size(); ++n) {
    CHECK(status_of(kRequest.substr(0, n)) == 0);
    for (std::size_t seen = n < 5 ? 0 : n - 5; seen <= n; ++seen) CHECK(status_of(kRequest.substr(0, n), seen) == 0);
  }
  for (std::size_t seen = 0; seen < kRequest.size(); ++seen) CHECK(status_of(kRequest + "body", seen) == 200);
}

TEST_CASE("HTTP head: bodies and versions are the caller's concern", "[http]") {
  CHECK(head_of("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n{}").size == 54);
  CHECK(head_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").method == "POST");
  CHECK(head_of("GET / HTTP/1.0\r\n\r\n").version == 10);
  CHECK(head_of("\r\nGET / HTTP/1.0\r\n\r\n").size == 20);
}

TEST_CASE("HTTP head: bad requests", "[http]") {
  CHECK(status_of("\x16\x03\x01\x02") == 400);  // a TLS handshake
  CHECK(status_of(" ") == 400);
  CHECK(status_of(std::string(40, 'A')) == 400);
  CHECK(status_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 400);
  CHECK(status_of("GET /\r\nHost: h\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  for (const char* host : {"a b", "a/b", "a@b", "a,b\"", "\xC3\xA9"}) {
    CHECK(status_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n") == 400);
  }
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nB ad: b\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nBad\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") == 400);
}

// RFC 9112, section 3.2.2: "the origin server MUST ignore the received Host header field (if any) and instead use the
// host information of the request-target".
TEST_CASE("HTTP head: which host is asked for", "[http]") {
  for (const char* host : {"", "h", "h:80", "[::1]:80", "a_b.example", "%41"}) {
    CHECK(head_of("GET /http://b/ HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n").host() == host);
  }
  CHECK(head_of("GET http://b:80/x HTTP/1.1\r\nHost: a\r\n\r\n").host() == "b:80");
  CHECK(head_of("GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n").host() == "b");
  CHECK(head_of("GET /x HTTP/1.0\r\n\r\n").host() == "");
}

TEST_CASE("HTTP head: 64 KiB is the limit", "[http]") {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::string fitting = start + std::string(kMaxHttpHead - start.size() - end.size(), 'x') + end;
  CHECK(status_of(fitting) == 200);
  CHECK(status_of(start + std::string(kMaxHttpHead - start.size() - end.size() + 1, 'x') + end) == 431);
  CHECK(status_of(start + std::string(kMaxHttpHead, 'x')) == 431);
  CHECK(status_of(fitting.substr(0, kMaxHttpHead - 1)) == 0);
}

TEST_CASE("HTTP head: token lists", "[http]") {
  const HttpRequestHead head =
      head_of("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: a ,UPGRADE\t,, b\r\n\r\n");
  for (const char* token : {"close", "upgrade", "A", "b"}) CHECK(head.has_token("Connection", token));
  CHECK_FALSE(head.has_token("Connection", "up"));
  CHECK_FALSE(head.has_token("Upgrade", "close"));
}

TEST_CASE("HTTP head: random bytes", "[http]") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = kRequest;
    for (int faults = static_cast<int>(random() % 6); faults >= 0; --faults) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const HttpHeadResult result = parse_http_head(bytes, random() % bytes.size());
    if (const auto* head = std::get_if<HttpRequestHead>(&result)) REQUIRE(head->size <= bytes.size());
  }
}

TEST_CASE("Upgrade: the example of RFC 6455, section 1.3", "[http]") {
  CHECK(handshake_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const UpgradeDecision decision = check_upgrade(upgrade_request(), "/ws", {"*"});
  REQUIRE(std::holds_alternative<AcceptUpgrade>(decision));
  CHECK(std::get<AcceptUpgrade>(decision).accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("Upgrade: what is none", "[http]") {
  CHECK(std::holds_alternative<NotAnUpgrade>(check_upgrade(upgrade_request(), "/", {"*"})));
  CHECK(std::holds_alternative<NotAnUpgrade>(check_upgrade(upgrade_request(), "/ws?x=1", {"*"})));
  HttpRequestHead head = upgrade_request();
  CHECK(std::holds_alternative<NotAnUpgrade>(check_upgrade(head, "", {"*"})));
}

TEST_CASE("Upgrade: the path is compared decoded", "[http]") {
  HttpRequestHead head = upgrade_request();
  head.target = "/%77s?x=1";
  CHECK(std::holds_alternative<AcceptUpgrade>(check_upgrade(head, "/ws", {"*"})));
}

TEST_CASE("Upgrade: origins", "[http]") {
  HttpRequestHead head = upgrade_request();
  const std::vector<std::string> allowed{"http://a.example", "https://b.example:8443"};
  const auto opens = [&] { return std::holds_alternative<AcceptUpgrade>(check_upgrade(head, "/ws", allowed)); };
  CHECK(opens());
  head.headers.emplace_back("Origin", "");
  for (const char* origin : {"http://a.example", "HTTPS://B.example:8443"}) {
    set(head, "Origin", origin);
    CHECK(opens());
  }
  for (const char* origin : {"", "null", "http://a.example.evil", "https://a.example", "https://b.example"}) {
    set(head, "Origin", origin);
    const UpgradeDecision decision = check_upgrade(head, "/ws", allowed);
    REQUIRE(std::holds_alternative<RefuseUpgrade>(decision));
    CHECK(std::get<RefuseUpgrade>(decision).status == 403);
  }
}

TEST_CASE("Upgrade: what is not in order", "[http]") {
  HttpRequestHead head = upgrade_request();
  SECTION("method") {
    head.method = "POST";
    CHECK(refusal(head) == 405);
  }
  SECTION("a body, whose bytes would be taken for frames") {
    head.headers.emplace_back("Content-Length", "0");
    CHECK(refusal(head) == 0);
    set(head, "Content-Length", "5");
    CHECK(refusal(head) == 400);
    set(head, "Content-Length", "0");
    head.headers.emplace_back("Transfer-Encoding", "chunked");
    CHECK(refusal(head) == 400);
  }
  SECTION("HTTP version: proxies speak 1.0") {
    head.version = 10;
    CHECK(refusal(head) == 0);
  }
  SECTION("no upgrade at all") {
    set(head, "Upgrade", "h2c");
    CHECK(refusal(head) == 400);
  }
  SECTION("Connection") {
    set(head, "Connection", "keep-alive");
    CHECK(refusal(head) == 400);
  }
  SECTION("WebSocket version") {
    set(head, "Sec-Websocket-Version", "8");
    CHECK(refusal(head) == 426);
  }
  SECTION("key") {
    for (const char* key : {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j====", "!GhlIHNhbXBsZSBub25jZQ=="}) {
      set(head, "Sec-Websocket-Key", key);
      CHECK(refusal(head) == 400);
    }
  }
  SECTION("two keys") {
    head.headers.emplace_back("Sec-Websocket-Key", *head.find("Sec-Websocket-Key"));
    CHECK(refusal(head) == 400);
  }
}
