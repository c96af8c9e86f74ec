// The PROXY protocol: the examples of its specification, and whatever else a peer may send.
#include "io/web/proxy_header.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "io/web/listener.hpp"

using namespace resflow;
using namespace std::string_literals;

namespace {

// Returns for example "17 10.0.0.7:5000", "17 -", "needs 18" or "none".
std::string parsed(std::string_view bytes) {
  const ProxyHeaderResult result = parse_proxy_header(bytes);
  if (const auto* needs = std::get_if<ProxyHeaderNeeds>(&result)) return "needs " + std::to_string(needs->bytes);
  const auto* header = std::get_if<ProxyHeader>(&result);
  if (header == nullptr) return "none";
  return std::to_string(header->size) + ' ' + (header->client ? format_peer(*header->client) : "-");
}

const std::string kStart = "\r\n\r\n\0\r\nQUIT\n"s;

std::string binary(char command, char family, const std::string& body) {
  return kStart + command + family + static_cast<char>(body.size() >> 8) + static_cast<char>(body.size() & 0xFF) + body;
}

const std::string kTcp4 = "\x0A\x00\x00\x07\x0A\x00\x00\x01\x13\x88\x1F\x90"s;
const std::string kTcp6 =
    "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x07" + std::string(16, '\1') + "\x13\x88\x1F\x90"s;

}  // namespace

TEST_CASE("PROXY header: version 1") {
  CHECK(parsed("PROXY TCP4 10.0.0.7 10.0.0.1 5000 8080\r\nGET /") == "40 10.0.0.7:5000");
  CHECK(parsed("PROXY TCP6 2001:db8::7 ::1 5000 8080\r\n") == "38 [2001:db8::7]:5000");
  CHECK(parsed("PROXY UNKNOWN\r\n") == "15 -");
  CHECK(parsed("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n") == "35 -");
  for (const char* bad :
       {"PROXY TCP4 10.0.0.7 10.0.0.1 5000\r\n", "PROXY TCP4 10.0.0.7 10.0.0.1 5000 8080 1\r\n",
        "PROXY TCP4 ::1 ::1 5000 8080\r\n", "PROXY TCP6 10.0.0.7 10.0.0.1 5000 8080\r\n",
        "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n", "PROXY TCP4 10.0.0.7 10.0.0.1 65536 8080\r\n",
        "PROXY TCP4 10.0.0.7 10.0.0.1 -1 8080\r\n", "PROXY \r\n", "PROXY TCP4  10.0.0.7 10.0.0.1 1 1\r\n",
        "PROXY UNKNOWNS\r\n", "proxy TCP4 10.0.0.7 10.0.0.1 1 1\r\n"}) {
    CAPTURE(bad);
    CHECK(parsed(bad) == "none");
  }
}

TEST_CASE("PROXY header: version 2") {
  CHECK(parsed(binary('\x21', '\x11', kTcp4) + "GET /") == "28 10.0.0.7:5000");
  CHECK(parsed(binary('\x21', '\x21', kTcp6)) == "52 [2001:db8::7]:5000");
  CHECK(parsed(binary('\x21', '\x11', kTcp4 + "\x03\x00\x04more"s)) == "35 10.0.0.7:5000");
  CHECK(parsed(binary('\x20', '\0', "")) == "16 -");
  CHECK(parsed(binary('\x20', '\x11', kTcp4)) == "28 -");
  CHECK(parsed(binary('\x21', '\0', "")) == "16 -");
  CHECK(parsed(binary('\x21', '\x31', std::string(216, 'x'))) == "232 -");
  CHECK(parsed(binary('\x11', '\x11', kTcp4)) == "none");
  CHECK(parsed(binary('\x22', '\x11', kTcp4)) == "none");
  CHECK(parsed(binary('\x21', '\x11', kTcp4.substr(1))) == "none");
  CHECK(parsed(binary('\x21', '\x21', kTcp4)) == "none");
  CHECK(parsed(binary('\x21', '\x11', kTcp4 + std::string(5'000, 'x'))) == "none");
}

TEST_CASE("PROXY header: cut anywhere, it says how much it needs, and never more than it has") {
  for (const std::string& whole : {"PROXY TCP4 10.0.0.7 10.0.0.1 5000 8080\r\n"s, binary('\x21', '\x21', kTcp6)}) {
    std::size_t size = 0;
    for (int steps = 0; size < whole.size(); ++steps) {
      REQUIRE(steps < 100);
      const ProxyHeaderResult result = parse_proxy_header(std::string_view(whole).substr(0, size));
      const auto* needs = std::get_if<ProxyHeaderNeeds>(&result);
      REQUIRE(needs != nullptr);
      REQUIRE(needs->bytes > size);
      REQUIRE(needs->bytes <= whole.size());
      size = needs->bytes;
    }
    CHECK(std::holds_alternative<ProxyHeader>(parse_proxy_header(whole)));
  }
}

TEST_CASE("PROXY header: what is none") {
  for (const std::string& bytes : {"GET / HTTP/1.1\r\n"s, "PROXYTCP4"s, "\x16\x03\x01"s, "\r\n\r\nGET"s, "P\r\n"s}) {
    CHECK(parsed(bytes) == "none");
  }
  CHECK(parsed("PROXY TCP4 " + std::string(200, '1')) == "none");
}
