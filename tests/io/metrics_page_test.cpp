// The metrics page: which metrics there are, with their names and labels.
#include "io/operator/metrics_page.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "io/operator/metrics_text.hpp"

using namespace resflow;
using Catch::Matchers::StartsWith;

namespace {

// Returns the samples of the page: name and labels -> value.
std::map<std::string, std::string> samples(const GatewayFigures& figures) {
  std::map<std::string, std::string> all;
  std::istringstream lines(metrics_text(metrics_page(figures), MetricsFormat::openmetrics, 0));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) continue;
    const std::size_t space = line.rfind(' ');
    CHECK(all.emplace(line.substr(0, space), line.substr(space + 1)).second);  // no sample occurs twice
  }
  return all;
}

GatewayFigures lanes(std::size_t count) {
  GatewayFigures figures;
  figures.lanes.resize(count);
  return figures;
}

}  // namespace

TEST_CASE("Metrics: Resgate's are all there, with nothing done yet", "[metrics_page]") {
  GatewayFigures figures = lanes(1);
  figures.version = "1.2";
  figures.protocol = "3.4";
  auto all = samples(figures);
  CHECK(all[R"(resgate_info{version="1.2",protocol="3.4"})"] == "1");
  for (const char* name :
       {"resgate_ws_current_connections", "resgate_ws_connections_total", R"(resgate_ws_requests_total{method="get"})",
        R"(resgate_ws_requests_total{method="subscribe"})", R"(resgate_ws_requests_total{method="unsubscribe"})",
        R"(resgate_ws_requests_total{method="call"})", R"(resgate_ws_requests_total{method="auth"})",
        R"(resgate_http_requests_total{method="GET"})", R"(resgate_http_requests_total{method="POST"})",
        R"(resgate_http_requests_total{method="PUT"})", R"(resgate_http_requests_total{method="DELETE"})",
        R"(resgate_http_requests_total{method="PATCH"})", "resgate_cache_resources", "resgate_cache_subscriptions"}) {
    INFO(name);
    CHECK(all[name] == "0");
  }
}

TEST_CASE("Metrics: lanes add up", "[metrics_page]") {
  GatewayFigures figures = lanes(2);
  for (LaneFigures& lane : figures.lanes) {
    lane.nodes.parse.requests[RequestKind::call] = 2;
    lane.nodes.parse.requests[RequestKind::create] = 1;
    lane.nodes.parse.web_requests[WebMethod::get] = 3;
    lane.nodes.parse.web_requests[WebMethod::other] = 50;
    lane.nodes.cached_names = 4;
    lane.nodes.cache.subscriptions = 5;
    lane.nodes.cache.bytes = 11;
    lane.nodes.cache.refused = 12;
    lane.nodes.cache.overflows = 13;
    lane.nodes.cache.lookups[CacheLookup::hit] = 6;
    lane.nodes.ask.ended[ServiceRequestKind::get][ServiceRequestEnd::timeout] = 7;
    lane.nodes.requests[RequestKind::get].observe(2'000'000'000);
    lane.nodes.write.closes["slow consumer"] = 8;
    lane.clients.opened = 9;
    lane.clients.closes[1000] = 2;
    lane.clients.closes[1006] = 1;
    lane.clients.slow = 10;
    lane.clients.too_fast_of_address = 11;
  }
  auto all = samples(figures);
  CHECK(all[R"(resgate_ws_requests_total{method="call"})"] == "6");
  CHECK(all[R"(resgate_http_requests_total{method="GET"})"] == "6");
  CHECK(all["resgate_cache_resources"] == "8");
  CHECK(all["resgate_cache_subscriptions"] == "10");
  CHECK(all["resflow_cache_bytes"] == "22");
  CHECK(all["resflow_cache_refused_total"] == "24");
  CHECK(all["resflow_cache_overflows_total"] == "26");
  CHECK(all[R"(resflow_cache_lookups_total{result="hit"})"] == "12");
  CHECK(all[R"(resflow_service_requests_total{kind="get",outcome="timeout"})"] == "14");
  CHECK(all[R"(resflow_request_duration_seconds_bucket{kind="get",le="1.0"})"] == "0");
  CHECK(all[R"(resflow_request_duration_seconds_bucket{kind="get",le="2.5"})"] == "2");
  CHECK(all[R"(resflow_request_duration_seconds_bucket{kind="get",le="+Inf"})"] == "2");
  CHECK(all[R"(resflow_request_duration_seconds_sum{kind="get"})"] == "4");
  CHECK(all[R"(resflow_clients_dismissed_total{reason="slow consumer"})"] == "16");
  CHECK(all["resgate_ws_connections_total"] == "18");
  CHECK(all["resgate_ws_current_connections"] == "12");
  CHECK(all[R"(resflow_client_websockets_closed_total{code="1000"})"] == "4");
  CHECK(all[R"(resflow_client_connections_cut_total{reason="slow"})"] == "20");
  CHECK(all[R"(resflow_client_connections_refused_total{reason="rate"})"] == "22");
}

// A client may close with any code from 3000 to 4999, so these codes share one sample.
TEST_CASE("Metrics: close codes of applications are told together", "[metrics_page]") {
  GatewayFigures figures = lanes(1);
  auto& closes = figures.lanes[0].clients.closes;
  for (std::uint16_t code = 3000; code < 5000; ++code) closes[code] = 1;
  closes[1011] = 5;
  closes[2000] = 6;
  auto all = samples(figures);
  const std::string name = "resflow_client_websockets_closed_total";
  CHECK(all[name + R"({code="3000-3999"})"] == "1000");
  CHECK(all[name + R"({code="4000-4999"})"] == "1000");
  CHECK(all[name + R"({code="1011"})"] == "5");
  CHECK(all[name + R"({code="other"})"] == "6");
  CHECK(std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.first.starts_with(name); }) == 4);
}

TEST_CASE("Metrics: nodes are told apart by lane", "[metrics_page]") {
  GatewayFigures figures = lanes(2);
  figures.lanes[0].nodes.nodes = {{"parse", 1, 2, 0.5, 3, 7}};
  figures.lanes[1].nodes.lane = 1;
  figures.lanes[1].nodes.nodes = {{"parse", 4, 5, 0.25, 6, 8}};
  auto all = samples(figures);
  CHECK(all[R"(resflow_node_messages_total{node="parse",lane="0"})"] == "1");
  CHECK(all[R"(resflow_node_failures_total{node="parse",lane="0"})"] == "2");
  CHECK(all[R"(resflow_node_seconds_total{node="parse",lane="0"})"] == "0.5");
  CHECK(all[R"(resflow_node_queue_messages{node="parse",lane="0"})"] == "3");
  CHECK(all[R"(resflow_node_messages_total{node="parse",lane="1"})"] == "4");
  CHECK(all[R"(resflow_node_queue_messages{node="parse",lane="1"})"] == "6");
  CHECK(all[R"(resflow_node_records{node="parse",lane="0"})"] == "7");
  CHECK(all[R"(resflow_node_records{node="parse",lane="1"})"] == "8");
}

TEST_CASE("Metrics: edges are told apart by both ends, port and lane", "[metrics_page]") {
  GatewayFigures figures = lanes(2);
  figures.lanes[0].nodes.edges = {{"parse", "session", "session", 7}, {"write", "clients", "clients", 8}};
  figures.lanes[1].nodes.lane = 1;
  figures.lanes[1].nodes.edges = {{"parse", "session", "session", 9}};
  auto all = samples(figures);
  CHECK(all[R"(resflow_edge_messages_total{from="parse",port="session",to="session",lane="0"})"] == "7");
  CHECK(all[R"(resflow_edge_messages_total{from="write",port="clients",to="clients",lane="0"})"] == "8");
  CHECK(all[R"(resflow_edge_messages_total{from="parse",port="session",to="session",lane="1"})"] == "9");
}

TEST_CASE("Metrics: every family has a prefix, a help text and a type that its name tells, once", "[metrics_page]") {
  std::set<std::string> names;
  for (const prometheus::MetricFamily& f : metrics_page(lanes(1))) {
    INFO(f.name);
    CHECK_THAT(f.name, StartsWith("resgate_") || StartsWith("resflow_") || StartsWith("process_"));
    CHECK(f.name.ends_with("_total") == (f.type == prometheus::MetricType::Counter));
    CHECK(!f.help.empty());
    CHECK(f.help.back() == '.');
    CHECK(f.help.find('\n') == std::string::npos);
    CHECK(names.insert(f.name).second);
  }
  CHECK(names.size() > 40);
}

TEST_CASE("Metrics: every enumerator has a name of its own", "[metrics_page]") {
  GatewayFigures figures = lanes(1);
  LaneStatistics& nodes = figures.lanes[0].nodes;
  const auto mark = [](auto& by) {
    for (std::size_t i = 0; i < by.kSize; ++i)
      by[static_cast<std::remove_reference_t<decltype(by)>::Key>(i)] = 1'000 + i;
  };
  mark(nodes.encode.errors);
  mark(nodes.cache.lookups);
  mark(nodes.cache.dropped);
  for (std::size_t i = 0; i < decltype(nodes.ask.ended)::kSize; ++i)
    mark(nodes.ask.ended[static_cast<ServiceRequestKind>(i)]);
  std::map<std::string, std::size_t> marked;  // number of marked samples by metric name
  for (const auto& [name, value] : samples(figures)) {
    if (value.size() == 4 && value.starts_with("10")) ++marked[name.substr(0, name.find('{'))];
  }
  CHECK(marked["resflow_request_errors_total"] == By<RequestKind>::kSize);
  CHECK(marked["resflow_cache_lookups_total"] == By<CacheLookup>::kSize);
  CHECK(marked["resflow_events_dropped_total"] == By<EventDrop>::kSize);
  CHECK(marked["resflow_service_requests_total"] == By<ServiceRequestKind>::kSize * By<ServiceRequestEnd>::kSize);
}
