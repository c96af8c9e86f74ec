// OpenMetrics 1.0, "Text format", and the classic text format of Prometheus.
#include "io/operator/metrics_text.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace resflow;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

MetricFamily family(MetricType type, const std::string& name, double value,
                    std::vector<ClientMetric::Label> labels = {}) {
  MetricFamily f;
  f.name = name;
  f.help = "Help.";
  f.type = type;
  ClientMetric m;
  m.label = std::move(labels);
  m.counter.value = value;
  m.gauge.value = value;
  m.untyped.value = value;
  f.metric.push_back(m);
  return f;
}

std::string openmetrics(const MetricFamily& f) {
  return metrics_text({f}, MetricsFormat::openmetrics, 1764356000.25);
}

std::string gauge_text(double value) {
  const std::string text = openmetrics(family(MetricType::Gauge, "g", value));
  const std::string start = "# TYPE g gauge\n# HELP g Help.\ng ";
  const std::string end = "\n# EOF\n";
  REQUIRE(text.starts_with(start));
  REQUIRE(text.ends_with(end));
  return text.substr(start.size(), text.size() - start.size() - end.size());
}

}  // namespace

TEST_CASE("OpenMetrics: no metrics are an end") {
  CHECK(metrics_text({}, MetricsFormat::openmetrics, 1) == "# EOF\n");
}

TEST_CASE("OpenMetrics: a counter's family has no _total, its samples have, and tell since when it counts") {
  for (const char* name : {"a_total", "a"}) {
    CHECK(openmetrics(family(MetricType::Counter, name, 3, {{"k", "v"}})) ==
          "# TYPE a counter\n# HELP a Help.\na_total{k=\"v\"} 3\na_created{k=\"v\"} 1.76435600025e+09\n# EOF\n");
  }
}

TEST_CASE("OpenMetrics: a gauge that ends with _info is an info metric") {
  CHECK(openmetrics(family(MetricType::Gauge, "a_info", 1, {{"version", "1"}})) ==
        "# TYPE a info\n# HELP a Help.\na_info{version=\"1\"} 1\n# EOF\n");
}

TEST_CASE("OpenMetrics: labels and help are escaped") {
  MetricFamily f = family(MetricType::Untyped, "u", 1, {{"a", "\"\\\n"}, {"b", "\xC3\xA4"}});
  f.help = "A \"line\"\\\nbreak";
  CHECK(openmetrics(f) ==
        "# TYPE u unknown\n# HELP u A \\\"line\\\"\\\\\\nbreak\nu{a=\"\\\"\\\\\\n\",b=\"\xC3\xA4\"} 1\n# EOF\n");
}

TEST_CASE("OpenMetrics: numbers") {
  CHECK(gauge_text(0) == "0");
  CHECK(gauge_text(-7) == "-7");
  CHECK(gauge_text(1'000'000) == "1000000");
  CHECK(gauge_text(9'007'199'254'740'992) == "9007199254740992");
  CHECK(gauge_text(0.1) == "0.1");
  CHECK(gauge_text(0.0005) == "0.0005");
  CHECK(gauge_text(1.0 / 3) == "0.3333333333333333");
  CHECK(gauge_text(1e20) == "1e+20");
  CHECK(gauge_text(std::nan("")) == "NaN");
  CHECK(gauge_text(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(gauge_text(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("OpenMetrics: a histogram has its buckets in order, with canonical bounds, and the last one is the count") {
  MetricFamily f = family(MetricType::Histogram, "h_seconds", 0, {{"kind", "get"}});
  f.metric[0].histogram = {6, 1.5, {{1, 0.25}, {4, 1}, {6, std::numeric_limits<double>::infinity()}}};
  CHECK(openmetrics(f) ==
        "# TYPE h_seconds histogram\n# HELP h_seconds Help.\n"
        "h_seconds_bucket{kind=\"get\",le=\"0.25\"} 1\n"
        "h_seconds_bucket{kind=\"get\",le=\"1.0\"} 4\n"
        "h_seconds_bucket{kind=\"get\",le=\"+Inf\"} 6\n"
        "h_seconds_count{kind=\"get\"} 6\n"
        "h_seconds_sum{kind=\"get\"} 1.5\n"
        "h_seconds_created{kind=\"get\"} 1.76435600025e+09\n# EOF\n");
}

TEST_CASE("OpenMetrics: a summary") {
  MetricFamily f = family(MetricType::Summary, "s", 0);
  f.metric[0].summary = {2, 3, {{0.5, 1}}};
  CHECK(openmetrics(f) ==
        "# TYPE s summary\n# HELP s Help.\ns{quantile=\"0.5\"} 1\ns_count 2\ns_sum 3\ns_created 1.76435600025e+09\n# "
        "EOF\n");
}

TEST_CASE("Classic: names as they are, and no end") {
  CHECK(metrics_text({family(MetricType::Counter, "a_total", 3)}, MetricsFormat::classic, 1) ==
        "# HELP a_total Help.\n# TYPE a_total counter\na_total 3\n");
}

TEST_CASE("The Accept header chooses the format, and without one it is OpenMetrics") {
  CHECK(metrics_format("") == MetricsFormat::openmetrics);
  CHECK(metrics_format("*/*") == MetricsFormat::openmetrics);  // sent by curl
  CHECK(metrics_format("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") ==
        MetricsFormat::openmetrics);
  CHECK(metrics_format("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == MetricsFormat::openmetrics);
  CHECK(metrics_format("text/plain;version=0.0.4;q=1,*/*;q=0.1") == MetricsFormat::classic);
  CHECK(content_type(MetricsFormat::openmetrics) == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(content_type(MetricsFormat::classic) == "text/plain; version=0.0.4; charset=utf-8");
}
