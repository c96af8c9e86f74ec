// The JSON reader is compared with Boost.JSON (RFC 8259), and its error messages with the result.
#include "nodes/protocol/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/nodes/fakes.hpp"

namespace json = resflow::json;
using resflow::testing::Random;

namespace {

std::string space(Random& random) {
  std::string out;
  while (random.one_in(4)) out += random.of(" \n\r\t");
  return out;
}

// The random texts contain no letter d and nothing beyond ASCII. So no mutation makes half of a surrogate pair or of a
// character: Boost.JSON refuses these, but this reader leaves the check to others.
std::string string_text(Random& random) {
  static const std::vector<std::string> parts{"a",     "xyz",   R"(\n)",     R"(\")",     R"(\\)", R"(\/)",
                                              R"(\b)", R"(\t)", R"(\u00e9)", R"(\u4F1A)", "{[,:]}"};
  std::string out = "\"";
  while (!random.one_in(3)) out += parts[random.below(parts.size())];
  return out + '"';
}

std::string number_text(Random& random) {
  std::string out = random.one_in(3) ? "-" : "";
  out += std::to_string(random.below(random.one_in(3) ? 1 : 300));
  if (random.one_in(3)) out += "." + std::to_string(random.below(100));
  if (random.one_in(4)) out += std::string(1, random.of("eE")) + (random.one_in(2) ? "-" : "") + random.of("0123");
  return out;
}

std::string value_text(Random& random, std::size_t depth) {
  static const std::vector<std::string> words{"true", "false", "null"};
  const std::size_t kind = random.below(depth == 0 ? 3 : 5);
  if (kind == 0) return string_text(random);
  if (kind == 1) return number_text(random);
  if (kind == 2) return words[random.below(3)];
  const bool object = kind == 3;
  std::string out(1, object ? '{' : '[');
  out += space(random);
  const std::size_t members = random.below(4);
  for (std::size_t i = 0; i < members; ++i) {
    if (i > 0) out += ',' + space(random);
    if (object) out += string_text(random) + space(random) + ':' + space(random);
    out += value_text(random, depth - 1) + space(random);
  }
  return out + (object ? '}' : ']');
}

void mutate(Random& random, std::string& text) {
  constexpr std::string_view alphabet = "{}[]:,\"\\/ \n\tabefnrtuls0123456789+-.Ee\x01\x7f";
  for (std::size_t n = 1 + random.below(2); n > 0; --n) {
    const std::size_t at = random.below(text.size() + 1);
    switch (random.below(3)) {
      case 0:
        text.insert(at, 1, random.of(alphabet));
        break;
      case 1:
        text.erase(at, 1 + random.below(3));
        break;
      default:
        if (at < text.size()) text[at] = random.of(alphabet);
    }
  }
}

bool boost_valid(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 1000;
  boost::system::error_code ec;
  boost::json::parse(text, ec, {}, options);
  return !ec;
}

// Checks a copy in memory of exactly its size, so that a sanitizer sees a read past the end.
bool valid_in_place(const std::string& text) {
  const std::unique_ptr<char[]> copy(new char[text.size()]);
  std::copy(text.begin(), text.end(), copy.get());
  return json::valid({copy.get(), text.size()});
}

std::string nested(std::size_t depth, const std::string& open, const std::string& inner, const std::string& close) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += open;
  out += inner;
  for (std::size_t i = 0; i < depth; ++i) out += close;
  return out;
}

}  // namespace

TEST_CASE("json: every byte is taken for what it is wherever it stands in a string", "[json]") {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string inner(size, '\x80');
        inner.insert(at, 1, static_cast<char>(byte));
        const bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
        // Control characters and quotation marks are not allowed, and a backslash forms no escape with the byte behind
        // it.
        if (json::valid('"' + inner + '"') != plain) FAIL(size << ' ' << at << ' ' << byte);
        // A single byte beyond ASCII is not valid UTF-8, so quote() is tested with ASCII only.
        std::fill(inner.begin(), inner.end(), 'x');
        inner[at] = static_cast<char>(byte & 0x7F);
        if (json::decode_string(json::quote(inner)) != inner) FAIL(size << ' ' << at << ' ' << byte);
      }
    }
  }
}

TEST_CASE("JSON: the same texts are valid as for Boost.JSON", "[json]") {
  Random random(1);
  std::size_t invalid = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = space(random) + value_text(random, 5) + space(random);
    if (!valid_in_place(text)) FAIL("refused: " << text);
    mutate(random, text);
    const bool expected = boost_valid(text);
    invalid += expected ? 0 : 1;
    if (valid_in_place(text) != expected) FAIL((expected ? "refused: " : "taken: ") << text);
    // The error message comes from a second reader, which must agree with the first.
    if ((json::syntax_error(text) == "invalid JSON string") != expected) FAIL("no words for: " << text);
  }
  CHECK(invalid > 5'000);
  CHECK(invalid < 19'000);
}

TEST_CASE("JSON: what is cut off is not valid", "[json]") {
  Random random(2);
  for (int i = 0; i < 300; ++i) {
    const std::string text = "[" + value_text(random, 4) + "]";
    for (std::size_t n = 0; n < text.size(); ++n) {
      if (valid_in_place(text.substr(0, n))) FAIL("taken: " << text.substr(0, n));
    }
  }
}

TEST_CASE("JSON: the extent of each value", "[json]") {
  Random random(3);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<std::string> values;
    std::string array = "[";
    std::string object = "{";
    for (std::size_t n = random.below(5); n > 0; --n) {
      values.push_back(value_text(random, 3));
      array += (values.size() > 1 ? "," : "") + space(random) + values.back() + space(random);
      object += (values.size() > 1 ? "," : "") + space(random) + "\"k" + std::to_string(values.size()) +
                "\" :" + values.back();
    }
    array += "] ";
    object += " }";
    std::vector<std::string> found;
    json::Cursor in(array);
    REQUIRE(in.elements([&] { found.emplace_back(in.value()); }));
    CHECK(in.at_end());
    REQUIRE(found == values);

    found.clear();
    json::Cursor members(object);
    REQUIRE(members.members([&](std::string_view key) {
      found.emplace_back(members.value());
      CHECK(key == "k" + std::to_string(found.size()));
    }));
    REQUIRE(found == values);
  }
}

TEST_CASE("JSON: a cursor that failed stays failed", "[json]") {
  json::Cursor in("[1,}");
  CHECK(in.value().empty());
  CHECK(in.failed());
  CHECK(in.kind() == json::Kind::invalid);
  CHECK(in.value().empty());
  std::string scratch;
  CHECK(in.string(scratch).empty());
  CHECK_FALSE(in.members([](std::string_view) { FAIL("called"); }));
  CHECK_FALSE(in.elements([] { FAIL("called"); }));
}

TEST_CASE("JSON: kinds by the first character", "[json]") {
  CHECK(json::kind_of(" \n{}") == json::Kind::object);
  CHECK(json::kind_of("[]") == json::Kind::array);
  CHECK(json::kind_of("\"a\"") == json::Kind::string);
  CHECK(json::kind_of("true") == json::Kind::boolean);
  CHECK(json::kind_of("false") == json::Kind::boolean);
  CHECK(json::kind_of("null") == json::Kind::null);
  CHECK(json::kind_of("-1") == json::Kind::number);
  CHECK(json::kind_of("0") == json::Kind::number);
  CHECK(json::kind_of("") == json::Kind::invalid);
  CHECK(json::kind_of("+1") == json::Kind::invalid);
  CHECK(json::kind_of("\xEF\xBB\xBF{}") == json::Kind::invalid);
}

TEST_CASE("JSON: depth is bounded", "[json]") {
  const auto arrays = [](std::size_t depth) { return nested(depth, "[", "", "]"); };
  const auto objects = [](std::size_t depth) { return nested(depth, "{\"a\":", "1", "}"); };
  const auto mixed = [](std::size_t depth) { return nested(depth / 2, "[{\"a\":", "0", "}]"); };
  CHECK(json::valid(arrays(json::kMaxDepth)));
  CHECK(json::valid(objects(json::kMaxDepth)));
  CHECK(json::valid(mixed(json::kMaxDepth)));
  CHECK_FALSE(json::valid(arrays(json::kMaxDepth + 1)));
  CHECK_FALSE(json::valid(objects(json::kMaxDepth + 1)));
  CHECK_FALSE(json::valid(mixed(json::kMaxDepth + 2)));
  CHECK(json::syntax_error(arrays(json::kMaxDepth + 1)) == "exceeded max depth");
  CHECK_FALSE(json::valid(std::string(5'000'000, '[')));
  // The depth counts the containers that are open, not all containers of the text.
  std::string wide = "[0";
  for (std::size_t i = 0; i < json::kMaxDepth + 10; ++i) wide += ",[{}]";
  CHECK(json::valid(wide + "]"));
  // After a container has closed, the reader must remember whether the outer one is an array or an object.
  CHECK_FALSE(json::valid(R"({"a":[1}])"));
  CHECK_FALSE(json::valid(R"([{"a":1],2])"));
  CHECK(json::valid(nested(300, "[{\"a\":[", "", "]}]")));
}

TEST_CASE("JSON: strings with escapes", "[json]") {
  std::string scratch;
  const auto read = [&](std::string_view text) {
    json::Cursor in(text);
    const std::string found(in.string(scratch));
    return in.failed() ? "failed" : found;
  };
  CHECK(read(R"("plain")") == "plain");
  CHECK(read(R"(  "a\"b\\c\/d\b\f\n\r\te" )") == "a\"b\\c/d\b\f\n\r\te");
  CHECK(read(R"("\u00e9\u20AC")") == "\xC3\xA9\xE2\x82\xAC");
  CHECK(read(R"("\uD83D\uDE00")") == "\xF0\x9F\x98\x80");
  CHECK(read(R"("\u0000x")") == std::string("\0x", 2));
  CHECK(read("12") == "failed");
  CHECK(read("\"a") == "failed");
  CHECK(read("\"a\nb\"") == "failed");
  CHECK(read(R"("\x")") == "failed");
  CHECK(read(R"("\u12G4")") == "failed");
  CHECK_FALSE(json::decode_string(R"("a)"));
  CHECK_FALSE(json::decode_string(R"("a" 1)"));
  // A string without escapes is not copied: the result points into the text.
  const std::string text = R"("plain")";
  json::Cursor in(text);
  CHECK(in.string(scratch).data() == text.data() + 1);
}

TEST_CASE("JSON: half a surrogate pair stands for a character that cannot be shown", "[json]") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(json::decode_string(R"("\uD83D")") == bad);
  CHECK(json::decode_string(R"("\uDE00\uD83D")") == bad + bad);
  CHECK(json::decode_string(R"("\ud83d\ud83d\ude00")") == bad + "\xF0\x9F\x98\x80");
  CHECK(json::decode_string(R"("a\uD83Dx")") == "a" + bad + "x");
  CHECK(json::decode_string(R"("\uD83D\n")") == bad + "\n");
  CHECK(json::decode_string(R"("\uD83D\u0041")") == bad + "A");
  CHECK(json::decode_string(R"("\uD83D\\uDE00")") == bad + R"(\uDE00)");
  CHECK(json::decode_string(R"("\uDBFF\uDFFF\uD800\uDC00")") == "\xF4\x8F\xBF\xBF\xF0\x90\x80\x80");
  json::Cursor in(R"({"\uD83D":1})");
  std::string member;
  CHECK(in.members([&](std::string_view key) {
    member = key;
    in.value();
  }));
  CHECK(member == bad);
}

TEST_CASE("JSON: strings are decoded as Boost.JSON decodes them", "[json]") {
  for (unsigned unit = 0; unit < 0x10000; ++unit) {
    if (unit >= 0xD800 && unit < 0xE000) continue;
    char text[16];
    std::snprintf(text, sizeof text, "\"x\\u%04x\"", unit);
    const std::string expected(boost::json::parse(text).as_string());
    if (json::decode_string(text) != expected) FAIL(text);
  }
  for (unsigned unit = 0xD800; unit < 0xDC00; unit += 7) {
    char text[32];
    std::snprintf(text, sizeof text, "\"\\u%04X\\u%04x\"", unit, 0xDC00 + (unit * 31) % 0x400);
    const std::string expected(boost::json::parse(text).as_string());
    if (json::decode_string(text) != expected) FAIL(text);
  }
}

TEST_CASE("JSON: what is quoted can be read again", "[json]") {
  Random random(4);
  const std::vector<std::string> parts{"a",
                                       "\"",
                                       "\\",
                                       "/",
                                       "\n",
                                       "\t",
                                       "\x01",
                                       "\x1f",
                                       "\x7f",
                                       "\xC3\xA9",
                                       "\xE2\x80\xA8",
                                       "\xF0\x9F\x98\x80",
                                       std::string(1, '\0'),
                                       "<&>"};
  for (int i = 0; i < 2'000; ++i) {
    std::string s;
    while (!random.one_in(6)) s += parts[random.below(parts.size())];
    const std::string quoted = json::quote(s);
    REQUIRE(json::valid(quoted));
    REQUIRE(json::decode_string(quoted) == s);
    REQUIRE(boost::json::parse(quoted).as_string() == s);
    std::string appended = "x";
    json::append_string(appended, s);
    REQUIRE(appended == "x" + quoted);
  }
}
