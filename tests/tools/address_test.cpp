#include "tools/bench/address.hpp"

#include <catch2/catch.hpp>

using namespace resflow::bench;
using Catch::Matchers::Contains;

namespace {

std::string complaint(const std::string& url) {
  try {
    parse_ws_url(url);
  } catch (const UsageError& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Addresses: WebSocket URLs", "[address]") {
  const WebSocketUrl all = parse_ws_url("ws://example.com:8080/a/b?c=d");
  CHECK(all.host == "example.com");
  CHECK(all.port == 8080);
  CHECK(all.path == "/a/b?c=d");
  CHECK(all.authority() == "example.com:8080");
  const WebSocketUrl least = parse_ws_url("ws://localhost");
  CHECK(least.host == "localhost");
  CHECK(least.port == 80);
  CHECK(least.path == "/");
  const WebSocketUrl v6 = parse_ws_url("ws://[::1]:81/");
  CHECK(v6.host == "::1");
  CHECK(v6.port == 81);
  CHECK(v6.authority() == "[::1]:81");
  CHECK(parse_ws_url("ws://localhost?x").path == "/?x");
}

TEST_CASE("Addresses: what is no WebSocket URL", "[address]") {
  CHECK_THAT(complaint("http://localhost/"), Contains("must start with ws://"));
  CHECK_THAT(complaint("wss://localhost/"), Contains("TLS"));
  CHECK_THAT(complaint("ws:///x"), Contains("no host"));
  for (const char* url : {"ws://localhost:", "ws://localhost:0/", "ws://localhost:65536/", "ws://localhost:8x/",
                          "ws://[::1]8080/", "ws://[::1]:/"}) {
    INFO(url);
    CHECK_THAT(complaint(url), Contains("bad port"));
  }
}

TEST_CASE("Addresses: the hosts of NATS URLs", "[address]") {
  using Hosts = std::vector<std::string>;
  CHECK(nats_hosts("nats://127.0.0.1:4222") == Hosts{"127.0.0.1"});
  CHECK(nats_hosts("localhost") == Hosts{"localhost"});
  CHECK(nats_hosts("nats://user:p@ss@one:1,tls://two,three:4222") == Hosts{"one", "two", "three"});
  CHECK(nats_hosts("nats://[::1]:4222") == Hosts{"::1"});
}

TEST_CASE("Addresses: other machines only when it is allowed", "[address]") {
  CHECK(resolve("127.0.0.1", 80, false).loopback());
  CHECK(resolve("127.9.9.9", 80, false).loopback());
  CHECK(resolve("::1", 80, false).loopback());
  for (const char* host : {"192.0.2.1", "10.0.0.1", "0.0.0.0", "2001:db8::1", "128.0.0.1"}) {
    INFO(host);
    CHECK_THROWS_AS(resolve(host, 80, false), UsageError);
    CHECK_FALSE(resolve(host, 80, true).loopback());
  }
  CHECK_THROWS_AS(resolve("no such host", 80, true), RunError);
}
