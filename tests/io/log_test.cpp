// The log: its lines in both formats, which levels are written, and that no text can forge a line.
#include "io/log.hpp"

#include <spdlog/sinks/ostream_sink.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "io/one_line.hpp"

using namespace resflow;

namespace {

struct Lines {
  explicit Lines(LogFormat format, bool debug = true, bool trace = true)
      : log(debug, trace, format, std::make_shared<spdlog::sinks::ostream_sink_mt>(out)) {}

  std::string of(LogLevel level, std::string_view text) {
    out.str("");
    log.log(level, text);
    return out.str();
  }

  boost::json::object json(LogLevel level, std::string_view text) {
    const std::string line = of(level, text);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    return boost::json::parse(line).as_object();
  }

  std::ostringstream out;
  Log log;
};

constexpr std::string_view kCid = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("log: a line has Resgate's form") {
  Lines lines(LogFormat::text);
  for (const auto& [level, tag] : {std::pair{LogLevel::error, "ERR"}, std::pair{LogLevel::info, "INF"},
                                   std::pair{LogLevel::debug, "DBG"}, std::pair{LogLevel::trace, "TRC"}}) {
    const std::string line = lines.of(level, "a {} text");
    const std::regex form(R"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} \[)" + std::string(tag) + R"(\] a \{\} text\n)");
    CHECK(std::regex_match(line, form));
  }
}

TEST_CASE("log: debug and trace come when they are asked for, each alone; errors and news always") {
  for (const bool debug : {false, true}) {
    for (const bool trace : {false, true}) {
      Lines lines(LogFormat::text, debug, trace);
      CHECK(lines.log.enabled(LogLevel::debug) == debug);
      CHECK(lines.log.enabled(LogLevel::trace) == trace);
      CHECK(lines.of(LogLevel::debug, "x").empty() == !debug);
      CHECK(lines.of(LogLevel::trace, "x").empty() == !trace);
      CHECK_FALSE(lines.of(LogLevel::info, "x").empty());
      CHECK_FALSE(lines.of(LogLevel::error, "x").empty());
      CHECK(lines.log.count(LogLevel::trace) == 1);
    }
  }
}

TEST_CASE("log: as JSON") {
  Lines lines(LogFormat::json);
  for (const auto& [level, name] : {std::pair{LogLevel::error, "error"}, std::pair{LogLevel::info, "info"},
                                    std::pair{LogLevel::debug, "debug"}, std::pair{LogLevel::trace, "trace"}}) {
    const auto line = lines.json(level, "a {} \"text\"");
    CHECK(line.size() == 3);
    CHECK(line.at("level") == name);
    CHECK(line.at("msg") == "a {} \"text\"");
    const std::string time(line.at("time").as_string());
    CHECK(std::regex_match(time, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)")));
  }
}

TEST_CASE("log: as JSON a connection has a member of its own") {
  Lines lines(LogFormat::json);
  const auto line = lines.json(LogLevel::trace, '[' + std::string(kCid) + "] --> {}");
  CHECK(line.at("conn") == boost::json::string(kCid));
  CHECK(line.at("msg") == "--> {}");
  CHECK(lines.json(LogLevel::trace, "[cd8bkgmsn1bq3ev6i5l0] x").at("conn") == "cd8bkgmsn1bq3ev6i5l0");
  for (const std::string text :
       {"[DEPRECATED] x", "[deprecated] x", "[", "[]", "[] x", "", "x [0123456789abcdef0123] y",
        "[0123456789abcdef0123", "[0123456789abcdef0123]x", "[0123456789ABCDEF0123] x"}) {
    INFO(text);
    const auto other = lines.json(LogLevel::info, text);
    CHECK_FALSE(other.contains("conn"));
    CHECK(other.at("msg") == boost::json::string(text));
  }
  const std::string long_word = '[' + std::string(100, 'a') + "] x";
  CHECK_FALSE(lines.json(LogLevel::info, long_word).contains("conn"));
}

TEST_CASE("log: what others send cannot end a line or speak to the terminal") {
  const std::string forged = "x\r\n2026/01/31 12:00:00.000000 [INF] forged\x1b[2J\xff\xc2\x9b\xe2\x80\xa8.\x7f";
  Lines text(LogFormat::text);
  const std::string line = text.of(LogLevel::error, forged);
  CHECK(line.substr(27) ==
        "[ERR] x\\r\\n2026/01/31 12:00:00.000000 [INF] forged\\u001b[2J\\xff\\u009b\\u2028.\\u007f\n");
  Lines json(LogFormat::json);
  CHECK(json.json(LogLevel::error, forged).at("msg") ==
        "x\r\n2026/01/31 12:00:00.000000 [INF] forged\x1b[2J\uFFFD\xc2\x9b\xe2\x80\xa8.\x7f");
  CHECK(json.json(LogLevel::error, std::string("a\0b", 3)).at("msg").as_string().size() == 3);
}

TEST_CASE("one line: text that is safe stays as it is") {
  for (const std::string text : {"", "plain", R"({"a":"\n"})", "äöü € 𝄞 日本", "\u00a0"}) {
    CHECK(one_line(text) == text);
    CHECK(well_formed(text) == text);
  }
  CHECK(one_line("\t\n\r") == "\\t\\n\\r");
  CHECK(one_line(std::string("\0", 1)) == "\\u0000");
  CHECK(one_line("\u0080\u009f\u2029") == "\\u0080\\u009f\\u2029");
  CHECK(one_line("a\xe2\x82") == "a\\xe2\\x82");
  CHECK(one_line("\xf0\x9f\x98z\x80") == "\\xf0\\x9f\\x98z\\x80");
  CHECK(well_formed("a\xe2\x82z\xff") == "a\uFFFD\uFFFDz\uFFFD");
}
