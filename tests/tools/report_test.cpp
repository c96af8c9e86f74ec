// Reports of the load generator: as a table, as JSON, side by side, and as a picture.
#include "tools/bench/report.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tools/bench/compare.hpp"
#include "tools/bench/errors.hpp"
#include "tools/bench/plot.hpp"

using namespace resflow::bench;
using Catch::Matchers::Contains;

namespace {

Report sample() {
  Report r;
  r.mode = "fanout";
  r.url = "ws://127.0.0.1:8080/?a=1&b=<2>";
  r.settings = {{"conns", "1000"}, {"rate", "0"}};
  r.unit = "frames";
  r.add("frames", 1'234'567);
  r.add("cpu_us_per_frame", 0.25);
  Histogram h;
  for (int i = 1; i <= 1'000; ++i) h.record(i * 1'000);
  r.latencies.push_back(Latency::of("event", h));
  r.moments = {{0.1, 50'000, 100, 900, 0.5, 12}, {0.2, 60'000, 110, 950, 0.6, 13}};
  r.remarks = {"something to know"};
  return r;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("Reports: numbers are short", "[report]") {
  CHECK(format_number(0) == "0");
  CHECK(format_number(42) == "42");
  CHECK(format_number(0.01234) == "0.0123");
  CHECK(format_number(1.005) == "1");
  CHECK(format_number(12.345) == "12.35");
  CHECK(format_number(123.45) == "123.5");
  CHECK(format_number(1'234'567.8) == "1,234,568");
  CHECK(format_number(-1'234) == "-1,234");
}

TEST_CASE("Reports: a latency is what its histogram says", "[report]") {
  const Latency l = sample().latencies.at(0);
  CHECK(l.count == 1'000);
  CHECK(l.min == 1);
  CHECK(l.max == 1'000);
  CHECK(l.mean == 500.5);
  CHECK(l.p50 == Approx(500).epsilon(0.01));
  CHECK(l.p99 == Approx(990).epsilon(0.01));
  CHECK(l.p999 == Approx(999).epsilon(0.01));
}

TEST_CASE("Reports: the table has all of it", "[report]") {
  const std::string table = to_table(sample());
  CHECK_THAT(table, Contains("fanout against ws://127.0.0.1:8080/"));
  CHECK_THAT(table, Contains("conns 1000"));
  CHECK_THAT(table, Contains("1,234,567"));
  CHECK_THAT(table, Contains("cpu us per frame"));
  CHECK_THAT(table, Contains("p99.9"));
  CHECK_THAT(table, Contains("something to know"));
}

TEST_CASE("Reports: JSON there and back", "[report]") {
  const Report before = sample();
  const std::string text = boost::json::serialize(to_json(before));
  const Report after = report_from_json(text);
  CHECK(to_table(after) == to_table(before));
  CHECK(after.moments.size() == 2);
  CHECK(after.moments[1].per_second == 60'000);
  CHECK(boost::json::serialize(to_json(after)) == text);
}

TEST_CASE("Reports: what is none", "[report]") {
  for (const char* text : {"", "[]", "{}", R"({"format":"resflow-bench 1"})", R"({"format":"other"})"}) {
    INFO(text);
    CHECK_THROWS_AS(report_from_json(text), UsageError);
  }
}

TEST_CASE("Reports: two side by side, with ratios", "[report]") {
  const Report a = sample();
  Report b = sample();
  b.url = "ws://127.0.0.1:9090/";
  b.settings[0].second = "500";
  b.figures[1].value = 0.5;
  b.add("only_here", 1);
  const std::string text = compare(a, b);
  CHECK_THAT(text, Contains("not alike: conns 1000 and 500"));
  CHECK_THAT(text, Catch::Matchers::Matches("[^]*cpu_us_per_frame +0\\.25 +0\\.5 +2\n[^]*"));
  CHECK_THAT(text, Catch::Matchers::Matches("[^]*event_p99_us[^\n]* 1\n[^]*"));
  CHECK_THAT(text, !Contains("only_here"));
  b.mode = "call";
  CHECK_THROWS_AS(compare(a, b), UsageError);
}

TEST_CASE("Reports: nothing to divide by", "[report]") {
  Report a = sample();
  a.figures[0].value = 0;
  CHECK_THAT(compare(a, sample()), Catch::Matchers::Matches("[^]*frames +0 +1,234,567 +-\n[^]*"));
}

TEST_CASE("Reports: a picture with a line for each thing", "[report]") {
  const std::string svg = to_svg(sample());
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "<polyline") == 4);
  CHECK_THAT(svg, Contains("a=1&amp;b=&lt;2&gt;"));
  CHECK_THAT(svg, Contains("99.9%"));
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf"));
}

TEST_CASE("Reports: a picture of nothing", "[report]") {
  const std::string svg = to_svg(Report{});
  CHECK(svg.ends_with("</svg>\n"));
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf"));
}

TEST_CASE("Reports: a picture of one value", "[report]") {
  Report r;
  Histogram h;
  h.record(5);
  r.latencies.push_back(Latency::of("event", h));
  r.moments = {{0.5, 10, 0, 0, 0, 0}};
  const std::string svg = to_svg(r);
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf"));
}
