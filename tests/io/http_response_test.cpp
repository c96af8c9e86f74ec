#include "io/web/http_response.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

TEST_CASE("HTTP response: bytes", "[http]") {
  const WebResponse response{404, {{"Content-Type", "text/plain"}, {"X-A", "1"}}, "gone"};
  const std::string head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-A: 1\r\nContent-Length: 4\r\n";
  CHECK(serialize(response, {}) == head + "Connection: close\r\n\r\ngone");
  CHECK(serialize(response, {.keep_alive = true}) == head + "\r\ngone");
  CHECK(serialize(response, {.keep_alive = true, .http10 = true}) == head + "Connection: keep-alive\r\n\r\ngone");
  CHECK(serialize(response, {.with_body = false, .keep_alive = true}) == head + "\r\n");
}

TEST_CASE("HTTP response: a status without a body has no length either", "[http]") {
  CHECK(serialize({204, {}, ""}, {.keep_alive = true}) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("HTTP response: a status that nobody has named", "[http]") {
  CHECK(serialize({599, {}, ""}, {.keep_alive = true}).starts_with("HTTP/1.1 599 "));
  CHECK(serialize({299, {}, ""}, {.keep_alive = true}).starts_with("HTTP/1.1 299 status code 299\r\n"));
}

TEST_CASE("HTTP response: date", "[http]") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110, section 5.6.7
  CHECK(serialize({204, {}, ""}, {.keep_alive = true, .date = "now"}) ==
        "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n");
}

TEST_CASE("HTTP response: opening a WebSocket", "[http]") {
  CHECK(switching_protocols("abc=", {{"Set-Cookie", "a=1"}}) ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: abc=\r\nSet-Cookie: a=1\r\n\r\n");
}
