#include "nodes/base/text_parts.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "nodes/protocol/control_line.hpp"

using namespace resflow;

namespace {

std::vector<std::string> parts(std::string_view text, char separator) {
  std::vector<std::string> all;
  while (!text.empty()) all.emplace_back(take_part(text, separator));
  return all;
}

}  // namespace

TEST_CASE("Text parts: blanks at the ends are no part of a text", "[text_parts]") {
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(trim("").empty());
  CHECK(trim("a\r\n") == "a\r\n");
  CHECK(trim(" a\r\n", " \r\n") == "a");
}

TEST_CASE("Text parts: parts are taken off up to the separator", "[text_parts]") {
  CHECK(parts("a,b", ',') == std::vector<std::string>{"a", "b"});
  CHECK(parts(",a,,b,", ',') == std::vector<std::string>{"", "a", "", "b"});
  CHECK(parts("a;b", ',') == std::vector<std::string>{"a;b"});
  CHECK(parts("", ',').empty());
}

TEST_CASE("Control lines: they are as long as what is written", "[text_parts]") {
  CHECK(publish_line(3, 5, 0) == std::string_view("PUB a.b c.d.e 0").size());
  CHECK(publish_line(3, 5, 9) == std::string_view("PUB a.b c.d.e 9").size());
  CHECK(publish_line(3, 5, 10) == std::string_view("PUB a.b c.d.e 10").size());
  CHECK(publish_line(3, 5, 123'456) == std::string_view("PUB a.b c.d.e 123456").size());
  CHECK(subscribe_line(3) == std::string_view("SUB a.b 18446744073709551615").size());
}
