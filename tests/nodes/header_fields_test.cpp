#include "nodes/protocol/header_fields.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

TEST_CASE("Header fields: canonical names", "[http]") {
  CHECK(canonical_header_name("content-type") == "Content-Type");
  CHECK(canonical_header_name("SEC-WEBSOCKET-KEY") == "Sec-Websocket-Key");
  CHECK(canonical_header_name("x--y_z.1a") == "X--Y_z.1a");
  CHECK(canonical_header_name("with space") == "with space");
  CHECK(canonical_header_name("") == "");
}

TEST_CASE("Header fields: what can be sent", "[http]") {
  CHECK(valid_header("X-A", ""));
  CHECK(valid_header("X-A", "tab\tand \xC3\xA9"));
  for (const char* name : {"", "X A", "X:A", "X\r\nA"}) CHECK_FALSE(valid_header(name, "1"));
  for (const char* value : {"a\r\nB: 1", "a\nb", "a\rb", "\x7f"}) CHECK_FALSE(valid_header("X-A", value));
}
