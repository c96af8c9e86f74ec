#include "io/operator/metrics_page.hpp"

#include <map>
#include <string>

#include "io/operator/metric_families.hpp"
#include "io/operator/metrics_totals.hpp"

namespace resflow {

namespace {

template <typename E>
struct Name {
  E value;
  std::string_view text;
};

constexpr Name<RequestKind> kRequestKinds[] = {
    {RequestKind::version, "version"},
    {RequestKind::subscribe, "subscribe"},
    {RequestKind::unsubscribe, "unsubscribe"},
    {RequestKind::get, "get"},
    {RequestKind::call, "call"},
    {RequestKind::auth, "auth"},
    {RequestKind::create, "new"},
    {RequestKind::web, "http"},
    {RequestKind::invalid, "invalid"},
};
constexpr Name<ServiceRequestKind> kServiceRequestKinds[] = {
    {ServiceRequestKind::get, "get"},   {ServiceRequestKind::access, "access"}, {ServiceRequestKind::call, "call"},
    {ServiceRequestKind::auth, "auth"}, {ServiceRequestKind::query, "query"},
};
constexpr Name<ServiceRequestEnd> kServiceRequestEnds[] = {
    {ServiceRequestEnd::reply, "reply"},
    {ServiceRequestEnd::no_responders, "no_responders"},
    {ServiceRequestEnd::timeout, "timeout"},
    {ServiceRequestEnd::failure, "failure"},
};
constexpr Name<SubscriptionRefusal> kSubscriptionRefusals[] = {
    {SubscriptionRefusal::limit, refusal_name(SubscriptionRefusal::limit)},
    {SubscriptionRefusal::permission, refusal_name(SubscriptionRefusal::permission)},
    {SubscriptionRefusal::length, refusal_name(SubscriptionRefusal::length)},
};
constexpr Name<CacheLookup> kCacheLookups[] = {
    {CacheLookup::hit, "hit"}, {CacheLookup::joined, "joined"}, {CacheLookup::miss, "miss"}};
constexpr Name<EventDrop> kEventDrops[] = {
    {EventDrop::unchanged, "unchanged"}, {EventDrop::unknown, "unknown"}, {EventDrop::early, "early"},
    {EventDrop::outdated, "outdated"},   {EventDrop::misfit, "misfit"},
};
constexpr Name<WebMethod> kWebMethods[] = {
    {WebMethod::get, "GET"},       {WebMethod::post, "POST"},   {WebMethod::put, "PUT"},
    {WebMethod::remove, "DELETE"}, {WebMethod::patch, "PATCH"},
};
constexpr Name<Limit> kLimits[] = {{Limit::request_rate, "requestrate"}, {Limit::subscriptions, "maxsubscriptions"}};
constexpr std::string_view kLogLevels[] = {"error", "info", "debug", "trace"};  // in the order of LogLevel

template <typename E, std::size_t N, typename Number>
void add_by(MetricFamilies& f, const char* label, const Name<E> (&names)[N], const By<E, Number>& numbers) {
  for (const Name<E>& name : names) f.add({{label, name.text}}, numbers[name.value]);
}

// Adds the metrics of Resgate 1.8.0, the gateway that resflow replaces. Resgate defines them in its source file
// server/metrics/metrics.go.
void add_resgate(MetricFamilies& f, const GatewayFigures& figures, const LaneFigures& all) {
  f.gauge("resgate_info", "Information about resgate.");
  f.add({{"version", figures.version}, {"protocol", figures.protocol}}, 1);
  f.gauge("resgate_ws_current_connections", "Current established WebSocket connections.", open_websockets(all.clients));
  f.counter("resgate_ws_connections_total", "Total established WebSocket connections.", all.clients.opened);
  f.counter("resgate_ws_requests_total", "Total WebSocket client requests.");
  f.add({{"method", "get"}}, all.nodes.parse.requests[RequestKind::get]);
  f.add({{"method", "subscribe"}}, all.nodes.parse.requests[RequestKind::subscribe]);
  f.add({{"method", "unsubscribe"}}, all.nodes.parse.requests[RequestKind::unsubscribe]);
  f.add({{"method", "call"}},
        all.nodes.parse.requests[RequestKind::call] + all.nodes.parse.requests[RequestKind::create]);
  f.add({{"method", "auth"}}, all.nodes.parse.requests[RequestKind::auth]);
  f.counter("resgate_http_requests_total", "Total HTTP client requests.");
  add_by(f, "method", kWebMethods, all.nodes.parse.web_requests);
  f.gauge("resgate_cache_resources", "Current number of resources stored in the cache.", all.nodes.cached_names);
  f.gauge("resgate_cache_subscriptions", "Current number of subscriptions on cached resources.",
          all.nodes.cache.subscriptions);
}

template <typename Get>
void add_by_node(MetricFamilies& f, const GatewayFigures& figures, Get&& get) {
  for (const LaneFigures& lane : figures.lanes) {
    const std::string id = std::to_string(lane.nodes.lane);
    for (const NodeStatistics& node : lane.nodes.nodes) f.add({{"node", node.name}, {"lane", id}}, get(node));
  }
}

void add_nodes(MetricFamilies& f, const GatewayFigures& figures) {
  f.counter("resflow_node_messages_total", "Messages taken by a node of the flow graph.");
  add_by_node(f, figures, [](const NodeStatistics& n) { return n.messages; });
  f.counter("resflow_node_failures_total", "Messages that a node failed on and lost.");
  add_by_node(f, figures, [](const NodeStatistics& n) { return n.failures; });
  f.counter("resflow_node_seconds_total", "Time spent in a node, estimated from a sample of its messages.");
  add_by_node(f, figures, [](const NodeStatistics& n) { return n.seconds; });
  f.gauge("resflow_node_queue_messages", "Messages that have come for a node and are not taken yet.");
  add_by_node(f, figures, [](const NodeStatistics& n) { return n.waiting; });
  f.gauge("resflow_node_records", "Records that a node keeps of clients, resources and requests.");
  add_by_node(f, figures, [](const NodeStatistics& n) { return n.records; });
}

// Adds the message counts of all edges of the flow graph, including the edges that lead into the graph or out of it.
void add_edges(MetricFamilies& f, const GatewayFigures& figures) {
  f.counter("resflow_edge_messages_total", "Messages that an edge of the flow graph has carried.");
  for (const LaneFigures& lane : figures.lanes) {
    const std::string id = std::to_string(lane.nodes.lane);
    for (const EdgeStatistics& e : lane.nodes.edges) {
      f.add({{"from", e.from}, {"port", e.output}, {"to", e.to}, {"lane", id}}, e.messages);
    }
  }
}

void add_requests(MetricFamilies& f, const LaneFigures& all) {
  f.histogram("resflow_request_duration_seconds", "Client requests, from arrival until the answer is written.");
  add_by(f, "kind", kRequestKinds, all.nodes.requests);
  f.counter("resflow_request_errors_total", "Client requests answered with an error.");
  add_by(f, "kind", kRequestKinds, all.nodes.encode.errors);
  f.counter("resflow_client_messages_dropped_total", "Client messages that are no request with an id.",
            all.nodes.parse.dropped);
  f.counter("resflow_client_limits_exceeded_total",
            "Client requests over a limit of the operator's, also where they are only counted.");
  By<Limit> exceeded = all.nodes.admit.exceeded;
  exceeded += all.nodes.session.exceeded;
  add_by(f, "limit", kLimits, exceeded);
  f.counter("resflow_client_requests_held_total", "Client requests that had to wait for their turn.",
            all.nodes.admit.held);
  f.gauge("resflow_client_requests_waiting", "Client requests that wait for their turn.", all.nodes.admit.waiting);
  f.counter("resflow_client_pauses_total", "Times that a client was not read for a while, since much of it waited.",
            all.nodes.admit.pauses);
  f.gauge("resflow_clients_waiting", "Clients with work left over for the next turn.", all.nodes.session.waiting);
}

void add_nats(MetricFamilies& f, const NatsTraffic& nats, const LaneFigures& all) {
  f.counter("resflow_nats_messages_received_total", "Messages from the NATS server.", nats.messages_in);
  f.counter("resflow_nats_messages_sent_total", "Messages to the NATS server.", nats.messages_out);
  f.counter("resflow_nats_received_bytes_total", "Payload from the NATS server.", nats.bytes_in);
  f.counter("resflow_nats_sent_bytes_total", "Payload to the NATS server.", nats.bytes_out);
  f.counter("resflow_nats_reconnects_total", "NATS connections that took the place of one that had ended.",
            nats.reconnects);
  f.counter("resflow_nats_permission_violations_total", "Requests and subscriptions that NATS does not permit.",
            nats.not_permitted);
  f.gauge("resflow_nats_subscriptions", "Subscriptions at the NATS server.", nats.subscriptions);
  f.gauge("resflow_nats_subscription_limit", "Subscriptions that the NATS server allows; 0: not known.",
          nats.subscription_limit);
  f.counter("resflow_nats_subscriptions_refused_total",
            "Times that a subscription could not be had, by why; another try may have succeeded.");
  add_by(f, "reason", kSubscriptionRefusals, all.nodes.ask.refused_subscriptions);
}

void add_services(MetricFamilies& f, const GatewayFigures& figures, const LaneFigures& all) {
  f.counter("resflow_service_requests_total", "Requests to services that have ended, by what became of them.");
  for (const auto& kind : kServiceRequestKinds) {
    for (const auto& end : kServiceRequestEnds) {
      f.add({{"kind", kind.text}, {"outcome", end.text}}, all.nodes.ask.ended[kind.value][end.value]);
    }
  }
  f.histogram("resflow_service_request_duration_seconds", "Requests to services, until they ended.");
  add_by(f, "kind", kServiceRequestKinds, all.nodes.ask.durations);
  f.gauge("resflow_service_requests_pending", "Requests to services under way.", all.nodes.pending_requests);
  f.gauge("resflow_service_requests_throttled", "Requests to services that a throttle holds back.",
          all.nodes.throttled_requests);
  f.counter("resflow_service_replies_late_total", "Replies that came when nobody waited for them any more.",
            all.nodes.ask.late_replies);
  f.counter("resflow_service_messages_malformed_total", "Events and replies that are not as the protocol says.",
            all.nodes.malformed_messages);
  add_nats(f, figures.nats, all);
}

void add_cache(MetricFamilies& f, const LaneFigures& all) {
  f.gauge("resflow_cache_names", "Resource names in the cache.", all.nodes.cached_names);
  f.gauge("resflow_cache_resources", "Resources in the cache; each query of a name is one.",
          all.nodes.cached_resources);
  f.gauge("resflow_cache_bytes", "Bytes that the cache takes, about.", all.nodes.cache.bytes);
  f.counter("resflow_cache_refused_total", "Subscriptions and gets that the full cache had no room for.",
            all.nodes.cache.refused);
  f.counter("resflow_cache_overflows_total",
            "Times that too many messages waited on a resource name, so that the oldest went on before their time.",
            all.nodes.cache.overflows);
  f.counter("resflow_cache_lookups_total",
            "Subscriptions that found the state in the cache, joined others that waited for it, or had it fetched.");
  add_by(f, "result", kCacheLookups, all.nodes.cache.lookups);
  f.counter("resflow_cache_resets_total", "Full states fetched because the cached one may have been out of date.",
            all.nodes.cache.resets);
  f.counter("resflow_events_received_total", "Resource events of services.", all.nodes.cache.events);
  f.counter("resflow_events_dropped_total", "Resource events that changed nothing, by why.");
  add_by(f, "reason", kEventDrops, all.nodes.cache.dropped);
  f.counter("resflow_events_delivered_total", "Events sent to clients, counted for each client.",
            all.nodes.encode.events_delivered);
}

// Returns the label for the close code of a WebSocket. A client may use any code from 3000 to 4999. One label for each
// of these codes would be too many labels, so each thousand of them shares one label.
std::string close_label(std::uint16_t code) {
  if (code >= 4000) return "4000-4999";
  if (code >= 3000) return "3000-3999";
  return code >= 1000 && code <= 1015 ? std::to_string(code) : "other";
}

std::map<std::string, std::uint64_t> closes_by_label(const WebServerCounters& counters) {
  std::map<std::string, std::uint64_t> closes;
  for (const auto& [code, count] : counters.closes) closes[close_label(code)] += count;
  return closes;
}

void add_clients(MetricFamilies& f, const LaneFigures& all) {
  const WebServerCounters& c = all.clients;
  f.counter("resflow_client_connections_accepted_total", "TCP connections of clients.", c.accepted);
  f.counter("resflow_client_connections_rejected_total", "TCP connections closed at once: too many.", c.rejected);
  f.counter("resflow_client_connections_refused_total",
            "Connections over the limits of their address, in a dry run counted only (connections, rate), and those of "
            "trusted proxies without a PROXY header (proxy).");
  f.add({{"reason", "connections"}}, c.too_many_of_address);
  f.add({{"reason", "rate"}}, c.too_fast_of_address);
  f.add({{"reason", "proxy"}}, c.without_proxy_header);
  f.counter("resflow_client_tls_failures_total", "TCP connections on which TLS was not agreed on.", c.tls_failed);
  f.counter(
      "resflow_client_connections_cut_total",
      "Connections ended because the client did not get on: with reading (slow), or with sending what it had begun "
      "(late).");
  f.add({{"reason", "slow"}}, c.slow);
  f.add({{"reason", "late"}}, c.late);
  f.counter("resflow_client_websockets_closed_total", "WebSocket connections that have ended, by close code.");
  for (const auto& [code, count] : closes_by_label(c)) f.add({{"code", code}}, count);
  f.counter("resflow_clients_dismissed_total", "WebSocket connections closed by the gateway, by why.");
  for (const auto& [reason, count] : all.nodes.write.closes) f.add({{"reason", reason}}, count);
  f.counter("resflow_slow_clients_total", "Clients closed because they did not read.", all.nodes.write.slow_clients);
  f.counter("resflow_client_web_requests_total", "Web requests, whatever became of them.", c.requests);
  f.counter("resflow_client_frames_received_total", "Messages of WebSocket clients.", c.frames_in);
  f.counter("resflow_client_frames_sent_total", "Messages to WebSocket clients.", c.frames_out);
  f.counter("resflow_client_frames_compressed_total", "Messages compressed, each once for all clients it is sent to.",
            c.compressions);
  f.counter("resflow_client_received_bytes_total", "Bytes from clients.", c.bytes_in);
  f.counter("resflow_client_sent_bytes_total", "Bytes to clients.", c.bytes_out);
  f.counter("resflow_client_exceptions_total", "Connections ended by an exception in the gateway.", c.exceptions);
}

void add_process(MetricFamilies& f, const GatewayFigures& figures) {
  f.counter("resflow_log_lines_total", "Lines given to the log, by level, written or not.");
  for (std::size_t i = 0; i < figures.log_lines.size(); ++i) f.add({{"level", kLogLevels[i]}}, figures.log_lines[i]);
  const ProcessUsage& p = figures.process;
  f.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", p.cpu_seconds);
  f.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", p.resident_bytes);
  f.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", p.virtual_bytes);
  f.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", p.start_time_seconds);
  f.gauge("process_open_fds", "Number of open file descriptors.", p.open_files);
  f.gauge("process_max_fds", "Maximum number of open file descriptors.", p.max_files);
}

}  // namespace

std::vector<prometheus::MetricFamily> metrics_page(const GatewayFigures& figures) {
  const LaneFigures all = total(figures.lanes);
  MetricFamilies f;
  add_resgate(f, figures, all);
  add_nodes(f, figures);
  add_edges(f, figures);
  add_requests(f, all);
  add_services(f, figures, all);
  add_cache(f, all);
  add_clients(f, all);
  add_process(f, figures);
  return f.take();
}

}  // namespace resflow
