// ClientInfo keeps everything about the request that opened a connection, unchanged.
#include <catch2/catch.hpp>

#include "nodes/protocol/client_info.hpp"

namespace resflow {

TEST_CASE("Client info: nothing is nothing", "[client_info]") {
  const ClientInfo info;
  CHECK(info.cid().empty());
  CHECK(info.host().empty());
  CHECK(info.remote_addr().empty());
  CHECK(info.uri().empty());
  CHECK(info.headers().empty());
  CHECK(info.header_values("").empty());
}

TEST_CASE("Client info: what it was made of", "[client_info]") {
  using namespace std::string_literals;
  const Headers headers{
      {"Cookie", "a=1"}, {"X-Odd", "\0\n\xff"s}, {"Cookie", ""}, {"", "x"}, {"Long", std::string(70'000, 'y')}};
  const ClientInfo info(ClientFields{"c1", "", "[::1]:80", "/?\n\0"s, headers});
  CHECK(info.cid() == "c1");
  CHECK(info.host().empty());
  CHECK(info.remote_addr() == "[::1]:80");
  CHECK(info.uri() == "/?\n\0"s);
  CHECK(info.fields().headers == headers);
  CHECK(info.fields().uri == info.uri());
  CHECK(info.header_values("Cookie") == std::vector<std::string_view>{"a=1", ""});
  CHECK(info.header_values("cookie").empty());
}

TEST_CASE("Client info: a client behind an HTTP proxy has no port", "[client_info]") {
  const auto proxied = [](std::string_view remote) {
    return ClientInfo(ClientFields{"c1", "", std::string(remote), "/", {}}).proxied();
  };
  CHECK(proxied("10.0.0.7:0"));
  CHECK(proxied("[2001:db8::7]:0"));
  CHECK_FALSE(proxied("10.0.0.7:80"));
  CHECK_FALSE(proxied("10.0.0.7:10"));
  CHECK_FALSE(proxied(""));
}

}  // namespace resflow
