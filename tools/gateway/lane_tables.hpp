// Collects the rows of one lane for a table of the admin page (connections or resources). This scan of the table runs
// on the lane's thread. Each time after the lane has processed messages, the scan looks at only a few rows. So even a
// very long table does not delay the clients. A change that happens during the scan may or may not be in the result.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "graph/lane.hpp"
#include "io/operator/admin_table.hpp"
#include "io/web/web_server.hpp"
#include "tools/gateway/handover.hpp"

namespace resflow {

class LaneTables {
 public:
  // Any thread: starts to collect the rows that `query` asks for. When all rows are collected, the lane calls `take`
  // with them on its own thread. If an earlier query is not finished, it is dropped, and the `take` of that query is
  // never called.
  void collect(const AdminQuery& query, std::function<void(AdminRows)> take) {
    wanted_.put(Scan(query, std::move(take)));
  }

  // Goes on with the scan of the table: looks at the next rows (connections or resources), at most kStep. The lane's
  // loop calls this each time after the lane has processed messages. Returns true if more rows are left. Returns false
  // if none are left, or no scan is running.
  bool step(const Lane& lane, const WebServer& server);

 private:
  // The most rows that one call of step() looks at.
  static constexpr std::size_t kStep = 256;
  // The most resources that one query looks at; the result leaves out the others. The limit is needed because step()
  // copies the ids of all these resources at once, which delays the clients.
  static constexpr std::size_t kMaxResources = 250'000;

  struct Scan {
    Scan(const AdminQuery& q, std::function<void(AdminRows)> t) : table(q.table), rows(q), take(std::move(t)) {}

    AdminTable table;
    AdminRows rows;
    std::function<void(AdminRows)> take;
    std::vector<ResourceId> resources;  // ids of all resources to look at; empty for the table of connections
    // The next row to look at. Table of resources: an index in `resources`; table of connections: the number of a slot
    // of the WebServer (each connection has a slot).
    std::size_t next = 0;
  };

  void begin(const Lane& lane);
  void add_connection(const Lane& lane, const WebServer& server);
  void add_resource(const Lane& lane);

  std::optional<Scan> scan_;
  Handover<Scan> wanted_;
};

}  // namespace resflow
