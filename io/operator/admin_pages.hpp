// The admin page: /graph and its data, on the metrics port. The page shows how many messages pass through the flow
// graph of the gateway, the connections and the cached resources, and starts and stops captures. The page shows no
// contents of messages, no tokens, no headers and no connection ids (cid) of clients.
//
//   /graph                    the page, with its parts /graph/*.js, .css and .svg
//   /graph/nodes.json         the counters of each lane's nodes and edges
//   /graph/connections.json   rows of the table of connections; read_admin_query() describes the query string
//   /graph/resources.json     rows of the table of cached resources; the same query string
//   /graph/capture.json       the capture (recording of traffic) that runs, or the latest one
//   /graph/capture/start      POST: starts a capture, and answers as capture.json does
//   /graph/capture/stop       POST: stops the capture, and answers as capture.json does
//
// OperatorServer owns the AdminPages and calls it on its own thread. Only Host::wake is called on any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/operator/admin_capture.hpp"
#include "io/operator/admin_table.hpp"
#include "io/operator/metrics_page.hpp"
#include "nodes/protocol/client_messages.hpp"

namespace resflow {

struct AdminOptions {
  AdminSource* source = nullptr;  // null: there is no admin page
  // Null: the admin page offers no captures. The owner calls captures->close() before it destroys the AdminPages.
  CaptureControl* captures = nullptr;
  std::vector<std::string> allow;  // IP addresses besides loopback that may see the page; only *: all addresses
};

// Returns the data of /graph/nodes.json. `seconds` is the time of a clock with any starting point. It becomes the
// member `time`, from which the page computes rates. `messages` of an edge has one number for each lane.
//
//   {"version":"...","time":1.5,"lanes":2,"websockets":3,...,"nodes":[{"name":"parse","lane":0,...}],
//    "edges":[{"from":"parse","port":"session","to":"session","messages":[7,9]},...]}
std::string admin_nodes_json(const GatewayFigures& figures, double seconds);

class AdminPages {
 public:
  struct Host {
    std::function<void(ConnId, WebResponse)> respond;
    std::function<void(ConnId)> ask_nodes;  // asks the lanes for their figures; the host later calls nodes() with them
    std::function<void()> wake;             // makes the host call turn() soon; called on any thread
  };

  // `patience_ms` is how long the lanes may take to collect the rows of a table. After that time, the answer to the
  // request is 503.
  AdminPages(AdminOptions options, Host host, std::int64_t patience_ms);

  static bool has(std::string_view path) { return path == "/graph" || path.starts_with("/graph/"); }

  void request(const WebRequest& request);
  void nodes(ConnId conn, const GatewayFigures& figures, std::int64_t now_ms);

  // Answers each request whose result has arrived or whose time limit has passed. Returns true while a request waits
  // for its result. Then the host (OperatorServer) must call turn() regularly, because only turn() checks the time
  // limit.
  bool turn(std::int64_t now_ms);

 private:
  struct Listing {
    ConnId conn;
    AdminQuery query;
  };

  void list(const WebRequest& request, AdminTable table, std::string_view query);
  void begin(std::int64_t now_ms);
  void answer_captures();
  void json(ConnId conn, std::string text);
  void text(ConnId conn, unsigned status, std::string_view text);
  void respond(ConnId conn, unsigned status, std::string_view type, std::string body);

  AdminOptions options_;
  Host host_;
  const std::int64_t patience_ms_;
  std::optional<AdminCapture> capture_;
  // Requests for table rows that have no answer yet. While give_up_at_ is not 0, the lanes work on the first of them.
  // There are at most as many requests as connections.
  std::deque<Listing> waiting_;
  std::uint64_t serial_ = 0;     // number of the latest request that was passed on to the lanes
  std::int64_t give_up_at_ = 0;  // time limit of the request that the lanes work on, in milliseconds; 0: none

  std::mutex mutex_;
  // The rows that the lanes have collected, with the number of the request for them.
  std::optional<std::pair<std::uint64_t, AdminRows>> result_;
};

}  // namespace resflow
