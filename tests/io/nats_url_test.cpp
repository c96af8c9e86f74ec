// URLs of NATS servers.
#include "io/nats/nats_url.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

using namespace resflow;

namespace {

NatsUrl one(const std::string& text) {
  const std::vector<NatsUrl> urls = parse_nats_urls(text);
  REQUIRE(urls.size() == 1);
  return urls[0];
}

std::string refusal(const std::string& text) {
  try {
    parse_nats_urls(text);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("NATS URL: what is left out has its default", "[nats_url]") {
  CHECK(one("nats://host:1").server == "nats://host:1");
  CHECK(one("host:1").server == "nats://host:1");
  CHECK(one("host").server == "nats://host:4222");
  CHECK(one(" nats://host:/ ").server == "nats://host:4222");
  CHECK(one("nats://host:1/path?query#fragment").server == "nats://host:1");
  CHECK_FALSE(one("nats://host").tls);
  CHECK(one("tls://host").tls);
  CHECK(one("TLS://host").server == "tls://host:4222");
  CHECK(one("tcp://host:1").server == "nats://host:1");
  CHECK_FALSE(one("TCP://host").tls);
}

TEST_CASE("NATS URL: the host of an IPv6 address is without brackets", "[nats_url]") {
  CHECK(one("nats://[::1]").server == "nats://[::1]:4222");
  CHECK(one("nats://[::1]:1").server == "nats://[::1]:1");
  CHECK(one("nats://[::1]:1").host == "::1");
}

TEST_CASE("NATS URL: credentials", "[nats_url]") {
  CHECK_FALSE(one("nats://host").user);
  CHECK_FALSE(one("nats://@host").token);
  CHECK_FALSE(one("nats://:@host").user);
  const NatsUrl user = one("nats://ann:secret@host:1");
  CHECK(user.user == "ann");
  CHECK(user.password == "secret");
  CHECK_FALSE(user.token);
  CHECK(user.server == "nats://host:1");
  CHECK(one("nats://ann:@host").user == "ann");
  CHECK(one("nats://ann:@host").password.empty());
  const NatsUrl token = one("secret@host");
  CHECK(token.token == "secret");
  CHECK_FALSE(token.user);
  const NatsUrl encoded = one("nats://a%3An%2f:%22%25@host");
  CHECK(encoded.user == "a:n/");
  CHECK(encoded.password == "\"%");
  const NatsUrl odd = one("nats://ann:a@b:/c://d@host:1");
  CHECK(odd.password == "a@b:/c://d");
  CHECK(odd.host == "host");
  CHECK(one("ann:a://d@host").password == "a://d");
}

TEST_CASE("NATS URL: several", "[nats_url]") {
  const std::vector<NatsUrl> urls = parse_nats_urls(",nats://a, tls://ann:x@b:2 ,,c,");
  REQUIRE(urls.size() == 3);
  CHECK(urls[0].server == "nats://a:4222");
  CHECK(urls[1].server == "tls://b:2");
  CHECK(urls[2].server == "nats://c:4222");
}

TEST_CASE("NATS URL: what is wrong is told, without credentials", "[nats_url]") {
  CHECK(refusal("http://host") == "invalid NATS URL http://host:4222: must start with nats://, tcp:// or tls://");
  CHECK(refusal("ws://host") == "invalid NATS URL ws://host:4222: NATS over WebSocket is not supported");
  CHECK(refusal("WSS://a:secret@host:1") == "invalid NATS URL wss://***@host:1: NATS over WebSocket is not supported");
  CHECK(refusal("nats://ann:secret@host:port") ==
        "invalid NATS URL nats://***@host:port: the port must be a number from 1 to 65535");
  for (const std::string port : {"0", "65536", "-1", "+1", "1x", "1:2"}) {
    CHECK(refusal("nats://host:" + port).find("the port must be a number") != std::string::npos);
  }
  for (const std::string url : {"nats://", "nats://secret@", "nats://secret@:1", "nats://[]:1"}) {
    CHECK(refusal(url).find("there is no host in it") != std::string::npos);
    CHECK(refusal(url).find("secret") == std::string::npos);
  }
  for (const std::string password : {"secret%", "secret%2", "secret%2x", "secret%+1"}) {
    CHECK(refusal("nats://ann:" + password + "@host") ==
          "invalid NATS URL nats://***@host:4222: in the credentials, a % is to be written as %25");
  }
  CHECK(refusal("ann:secret://a@host:x").find("secret") == std::string::npos);
  CHECK(refusal("") == "cannot connect to NATS: there is no URL of a server");
  CHECK(refusal(" , ") == refusal(""));
  CHECK(refusal("nats://good,nats://bad:x").find("bad:x") != std::string::npos);
}
