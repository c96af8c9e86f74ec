// The admin page: /graph and its data, on the metrics port. The page shows how many messages pass through each node and
// edge of the gateway's flow graph. It also has tables of the connections and of the cached resources, and can start
// and stop captures (recordings of traffic). The page never shows contents of messages, tokens, headers or the
// connection ids (cid) of clients.
//
//   /graph                    the page, with its parts /graph/*.js, .css and .svg
//   /graph/nodes.json         the counters of nodes and edges, for each lane (thread of the gateway)
//   /graph/connections.json   rows of the table of connections; read_admin_query() describes the query string
//   /graph/resources.json     rows of the table of cached resources; the same query string
//   /graph/capture.json       the capture that runs, or the latest one
//   /graph/capture/start      POST: starts a capture; the answer is like capture.json
//   /graph/capture/stop       POST: stops the capture; the answer is like capture.json
//
// OperatorServer owns the AdminPages and calls it on one thread. AdminPages may call Host::wake on any thread.
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
  // Makes the captures (recordings of traffic); null: the admin page offers no captures. The owner of the AdminPages
  // must call captures->close() before it destroys the AdminPages.
  CaptureControl* captures = nullptr;
  std::vector<std::string> allow;  // IP addresses that may see the page, besides loopback; "*": all addresses may
};

// Returns the data of /graph/nodes.json, which looks like the example below. `seconds` is the present time on any
// steady clock. It becomes the member `time`, and the page computes rates from it. `messages` of an edge has one number
// for each lane (thread of the gateway).
//
//   {"version":"...","time":1.5,"lanes":2,"websockets":3,...,"nodes":[{"name":"parse","lane":0,...}],
//    "edges":[{"from":"parse","port":"session","to":"session","messages":[7,9]},...]}
std::string admin_nodes_json(const GatewayFigures& figures, double seconds);

class AdminPages {
 public:
  struct Host {
    std::function<void(ConnId, WebResponse)> respond;
    std::function<void(ConnId)> ask_nodes;  // gets the counters of all lanes (threads), then passes them to nodes()
    std::function<void()> wake;             // makes the host call turn() soon; called on any thread
  };

  // `patience_ms` is how long the lanes (threads of the gateway) may take to collect the rows of a table. After that
  // time, the answer to the request is 503.
  AdminPages(AdminOptions options, Host host, std::int64_t patience_ms);

  static bool has(std::string_view path) { return path == "/graph" || path.starts_with("/graph/"); }

  void request(const WebRequest& request);
  void nodes(ConnId conn, const GatewayFigures& figures, std::int64_t now_ms);

  // Answers the requests that wait for a result: with the result if it has arrived, or with 503 if the time limit has
  // passed. Returns true if a request still waits. Then the host (OperatorServer) must call turn() again regularly,
  // because only turn() checks the time limit.
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
  // The requests for table rows that are not answered yet, the oldest first. While give_up_at_ is not 0, the lanes
  // (threads of the gateway) collect the rows for the first one. Bound: each connection has at most one request here.
  std::deque<Listing> waiting_;
  std::uint64_t serial_ = 0;     // number of the latest request that was passed on to the lanes
  std::int64_t give_up_at_ = 0;  // time limit (ms) for the first request in waiting_; 0: no rows are being collected

  std::mutex mutex_;
  // The rows that the lanes have collected, with the number (serial_) of the request that asked for them.
  std::optional<std::pair<std::uint64_t, AdminRows>> result_;
};

}  // namespace resflow
