#include "io/operator/admin_pages.hpp"

#include <boost/json.hpp>

#include "io/operator/admin_access.hpp"
#include "io/operator/admin_assets.hpp"
#include "io/operator/metrics_totals.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

// Security headers that every answer of the admin page has, except refusals (refuse_admin()). They tell the browser to
// load nothing from other servers, not to show the page in a frame, and not to store the page.
const Headers kGuards{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
     "'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

// Returns how many messages each edge of the flow graph has carried. Each lane (thread of the gateway) has a copy of
// the graph, so each edge has one number for each lane.
js::array edges_of(const std::vector<LaneFigures>& lanes) {
  js::array edges;
  if (lanes.empty()) return edges;
  const auto& first = lanes.front().nodes.edges;
  for (std::size_t i = 0; i < first.size(); ++i) {
    js::array messages;
    for (const LaneFigures& lane : lanes) messages.push_back(lane.nodes.edges.at(i).messages);
    edges.push_back(js::object{
        {"from", first[i].from}, {"port", first[i].output}, {"to", first[i].to}, {"messages", std::move(messages)}});
  }
  return edges;
}

}  // namespace

std::string admin_nodes_json(const GatewayFigures& figures, double seconds) {
  const LaneFigures all = total(figures.lanes);
  js::object out{{"version", figures.version},
                 {"time", seconds},
                 {"lanes", figures.lanes.size()},
                 {"cpuSeconds", figures.process.cpu_seconds},
                 {"memoryBytes", figures.process.resident_bytes},
                 {"startTime", figures.process.start_time_seconds},
                 {"websockets", open_websockets(all.clients)},
                 {"subscriptions", all.nodes.cache.subscriptions},
                 {"cachedNames", all.nodes.cached_names},
                 {"cachedBytes", all.nodes.cache.bytes},
                 {"pendingRequests", all.nodes.pending_requests},
                 {"eventsDelivered", all.nodes.encode.events_delivered}};
  js::array nodes;
  for (const LaneFigures& lane : figures.lanes) {
    for (const NodeStatistics& n : lane.nodes.nodes) {
      nodes.push_back(js::object{{"name", n.name},
                                 {"lane", lane.nodes.lane},
                                 {"messages", n.messages},
                                 {"failures", n.failures},
                                 {"seconds", n.seconds},
                                 {"waiting", n.waiting}});
    }
  }
  out["nodes"] = std::move(nodes);
  out["edges"] = edges_of(figures.lanes);
  return js::serialize(out);
}

AdminPages::AdminPages(AdminOptions options, Host host, std::int64_t patience_ms)
    : options_(std::move(options)), host_(std::move(host)), patience_ms_(patience_ms) {
  if (options_.captures != nullptr) capture_.emplace(*options_.captures, host_.wake);
}

void AdminPages::request(const WebRequest& request) {
  const std::string_view target = request.info->uri();
  const std::string_view path = target.substr(0, target.find('?'));
  const AdminAccess access = AdminCapture::is_action(path) ? AdminAccess::act : AdminAccess::look;
  if (auto refused = refuse_admin(request, access, options_.allow)) return host_.respond(request.conn, *refused);
  const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
  if (path == "/graph/nodes.json") return host_.ask_nodes(request.conn);
  if (path == "/graph/connections.json") return list(request, AdminTable::connections, query);
  if (path == "/graph/resources.json") return list(request, AdminTable::resources, query);
  if (capture_ && path == AdminCapture::kStatus) return json(request.conn, capture_->json());
  if (capture_ && AdminCapture::is_action(path)) return capture_->act(request.conn, path);
  if (const AdminAsset* asset = find_admin_asset(path)) {
    return respond(request.conn, 200, asset->type, std::string(asset->text));
  }
  text(request.conn, 404, "not found");
}

void AdminPages::nodes(ConnId conn, const GatewayFigures& figures, std::int64_t now_ms) {
  json(conn, admin_nodes_json(figures, static_cast<double>(now_ms) / 1'000));
}

void AdminPages::list(const WebRequest& request, AdminTable table, std::string_view query) {
  std::string error;
  auto read = read_admin_query(table, query, error);
  if (!read) return text(request.conn, 400, error);
  waiting_.push_back({request.conn, std::move(*read)});
  host_.wake();
}

// Makes the lanes (the threads of the gateway) collect the table rows for the oldest waiting request. The lanes work on
// only one such request at a time: the same threads serve the clients, and several requests at once would delay the
// clients.
void AdminPages::begin(std::int64_t now_ms) {
  give_up_at_ = now_ms + patience_ms_;
  options_.source->list(waiting_.front().query, [this, serial = ++serial_](AdminRows rows) {
    {
      const std::lock_guard lock(mutex_);
      result_.emplace(serial, std::move(rows));
    }
    host_.wake();
  });
}

// The lanes (threads of the gateway) collect table rows for one request of the admin page at a time. If the rows have
// come, turn() answers this request with them. If the time limit has passed, it answers with 503, and ignores rows that
// come later. After the answer, it gives the lanes the next request. Returns true if a request for rows is still
// unanswered.
bool AdminPages::turn(std::int64_t now_ms) {
  if (capture_) answer_captures();
  std::optional<std::pair<std::uint64_t, AdminRows>> result;
  {
    const std::lock_guard lock(mutex_);
    result.swap(result_);
  }
  if (give_up_at_ != 0) {
    const bool here = result && result->first == serial_;
    if (!here && now_ms < give_up_at_) return true;
    const ConnId conn = waiting_.front().conn;
    waiting_.pop_front();
    give_up_at_ = 0;
    here ? json(conn, std::move(result->second).json()) : text(conn, 503, "a lane takes no turn");
  }
  if (waiting_.empty()) return false;
  begin(now_ms);
  return true;
}

void AdminPages::answer_captures() {
  for (const AdminCapture::Outcome& o : capture_->take()) {
    o.error.empty() ? json(o.conn, capture_->json()) : text(o.conn, 409, o.error);
  }
}

void AdminPages::json(ConnId conn, std::string text) {
  respond(conn, 200, "application/json", std::move(text));
}

void AdminPages::text(ConnId conn, unsigned status, std::string_view text) {
  respond(conn, status, "text/plain; charset=utf-8", std::string(text) + '\n');
}

void AdminPages::respond(ConnId conn, unsigned status, std::string_view type, std::string body) {
  WebResponse response{status, kGuards, std::move(body)};
  response.headers.emplace_back("Content-Type", type);
  host_.respond(conn, std::move(response));
}

}  // namespace resflow
