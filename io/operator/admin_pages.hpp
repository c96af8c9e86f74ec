// The admin page: /graph and what it is made of, on the metrics port. It shows the wiring at work, the connections and
// the cached resources, and starts and stops captures; nothing of what is in messages, no tokens, no headers, no
// connection ids of clients.
//
//   /graph                    the page, with its parts /graph/*.js, .css and .svg
//   /graph/nodes.json         what the nodes of each lane have counted, and what their edges have carried
//   /graph/connections.json   rows, as read_admin_query() says
//   /graph/resources.json     the same
//   /graph/capture.json       the capture that runs, or the last one
//   /graph/capture/start      POST, as /graph/capture/stop; the answer is as that of capture.json
//
// Part of the metrics server, on its thread, except what is marked "any thread".
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
  AdminSource* source = nullptr;       // null: there is no admin page
  CaptureControl* captures = nullptr;  // null: there are none; closed before the pages end
  std::vector<std::string> allow;      // as refuse_admin() has it
};

// {"lanes":2,"time":1.5,"version":"...","connections":3,"nodes":[{"name":"parse","lane":0,...}],
// "edges":[{"from":"parse","port":"session","to":"session","messages":[7,9]},...]}, messages lane by lane; `seconds` is
// of any clock, for rates.
std::string admin_nodes_json(const GatewayFigures& figures, double seconds);

class AdminPages {
 public:
  struct Host {
    std::function<void(ConnId, WebResponse)> respond;
    std::function<void(ConnId)> ask_nodes;  // has nodes() called when the lanes have told their figures
    std::function<void()> wake;             // any thread: has turn() called
  };

  AdminPages(AdminOptions options, Host host, std::int64_t patience_ms);

  static bool has(std::string_view path) { return path == "/graph" || path.starts_with("/graph/"); }

  void request(const WebRequest& request);
  void nodes(ConnId conn, const GatewayFigures& figures, std::int64_t now_ms);

  // Answers what has come. True while something is awaited: then it is to be called now and then.
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
  std::deque<Listing> waiting_;  // the first one is under way when give_up_at_ says so; bounded by the connections
  std::uint64_t serial_ = 0;     // of what is under way
  std::int64_t give_up_at_ = 0;  // 0: nothing is

  std::mutex mutex_;
  std::optional<std::pair<std::uint64_t, AdminRows>> result_;
};

}  // namespace resflow
