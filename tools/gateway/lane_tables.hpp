// The rows of the admin page's tables that one lane has. Collected on the lane's thread, a few in each turn, so that
// clients do not wait however many rows there are; what changes meanwhile is seen or not.
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
  // Any thread: `take` gets the rows, on the lane's thread. Another call before that replaces this one.
  void collect(const AdminQuery& query, std::function<void(AdminRows)> take) {
    wanted_.put(Scan(query, std::move(take)));
  }

  // Once in a turn of the lane. True when there is more to do.
  bool step(const Lane& lane, const WebServer& server);

 private:
  // Rows that are looked at in one turn, and resources that are looked at at all: their ids are copied at once.
  static constexpr std::size_t kStep = 256;
  static constexpr std::size_t kMaxResources = 250'000;

  struct Scan {
    Scan(const AdminQuery& q, std::function<void(AdminRows)> t) : table(q.table), rows(q), take(std::move(t)) {}

    AdminTable table;
    AdminRows rows;
    std::function<void(AdminRows)> take;
    std::vector<ResourceId> resources;  // to be looked at
    std::size_t next = 0;               // of them, or of the slots of connections
  };

  void begin(const Lane& lane);
  void add_connection(const Lane& lane, const WebServer& server);
  void add_resource(const Lane& lane);

  std::optional<Scan> scan_;
  Handover<Scan> wanted_;
};

}  // namespace resflow
