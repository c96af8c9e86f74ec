// The tables of the admin page: connections and cached resources, searched, sorted and cut by the server, so that a
// page is small however many rows there are. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace resflow {

enum class AdminTable : std::uint8_t { connections, resources };

using AdminCell = std::variant<std::int64_t, std::string>;
using AdminRow = std::vector<AdminCell>;  // a cell a column

std::span<const std::string_view> admin_columns(AdminTable table);

struct AdminQuery {
  static constexpr std::size_t kMaxLimit = 200;      // rows of an answer
  static constexpr std::size_t kMaxOffset = 10'000;  // what is further down is to be found by a search

  AdminTable table = AdminTable::connections;
  std::string search;    // in any case, in any column that is a text; empty: all rows
  std::size_t sort = 0;  // column
  bool descending = false;
  std::size_t offset = 0;
  std::size_t limit = 50;
};

// Reads `search=a&sort=name&order=desc&offset=0&limit=50`, each of which may be missing. Nullopt, with the reason in
// `error`, when it cannot be understood.
std::optional<AdminQuery> read_admin_query(AdminTable table, std::string_view text, std::string& error);

// The first rows in the order of a query, no more than it needs; and how many there are.
class AdminRows {
 public:
  explicit AdminRows(const AdminQuery& query);

  // A row that has not been searched yet.
  void add(AdminRow row);
  // Those that another collected for the same query.
  void merge(AdminRows&& other);
  // Not all rows have been looked at.
  void cut_short() { complete_ = false; }

  // {"columns":[...],"total":n,"offset":n,"complete":true,"rows":[[...]]}
  std::string json() &&;

 private:
  bool before(const AdminRow& a, const AdminRow& b) const;
  bool found(const AdminRow& row) const;
  void keep(AdminRow&& row);

  AdminQuery query_;
  std::size_t room_;
  std::size_t total_ = 0;
  bool complete_ = true;
  std::vector<AdminRow> rows_;  // a heap, the last one on top
};

// Who has the rows. Called on the admin page's thread.
class AdminSource {
 public:
  virtual ~AdminSource() = default;
  // Has every lane collect its rows, some in each of its turns, and calls `done` when all have: once, on any thread, or
  // never when a lane takes no turn. The next call is made when that is settled or given up.
  virtual void list(AdminQuery query, std::function<void(AdminRows)> done) = 0;
};

}  // namespace resflow
