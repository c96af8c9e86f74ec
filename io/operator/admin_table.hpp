// The tables of the admin page: connections and cached resources. The server searches, sorts and cuts the tables, so an
// answer is small however many rows there are. Pure; any thread.
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
using AdminRow = std::vector<AdminCell>;  // one cell for each column

// Returns the names of the columns of a table.
std::span<const std::string_view> admin_columns(AdminTable table);

struct AdminQuery {
  static constexpr std::size_t kMaxLimit = 200;      // most rows of an answer
  static constexpr std::size_t kMaxOffset = 10'000;  // rows further down can only be found by a search

  AdminTable table = AdminTable::connections;
  std::string search;    // in lower case; a row matches if one of its texts contains this, ignoring case; empty: all
  std::size_t sort = 0;  // index of the column to sort by
  bool descending = false;
  std::size_t offset = 0;
  std::size_t limit = 50;
};

// Reads a query string such as `search=a&sort=name&order=desc&offset=0&limit=50`. Each part may be missing. Returns
// nullopt, with the reason in `error`, if the text is not valid.
std::optional<AdminQuery> read_admin_query(AdminTable table, std::string_view text, std::string& error);

// Collects the rows for one query. Keeps only as many rows as the answer needs, the first in the order of the query,
// and counts all rows that match.
class AdminRows {
 public:
  explicit AdminRows(const AdminQuery& query);

  // Adds a row if it matches the search.
  void add(AdminRow row);
  // Adds the rows that another lane has collected for the same query.
  void merge(AdminRows&& other);
  // Notes that the lane has not looked at all rows.
  void cut_short() { complete_ = false; }

  // Returns the answer: {"columns":[...],"total":n,"offset":n,"complete":true,"rows":[[...]]}
  std::string json() &&;

 private:
  bool before(const AdminRow& a, const AdminRow& b) const;
  bool found(const AdminRow& row) const;
  void keep(AdminRow&& row);

  AdminQuery query_;
  std::size_t room_;
  std::size_t total_ = 0;
  bool complete_ = true;
  std::vector<AdminRow> rows_;  // a heap; the last row in the order of the query is on top
};

// Provides the rows of the tables. AdminPages calls it on its own thread.
class AdminSource {
 public:
  virtual ~AdminSource() = default;
  // Makes every lane collect its rows, a few in each of its turns. Calls `done` when all lanes have finished: once, on
  // any thread; never if a lane takes no turn. The caller calls list() again only after `done`, or after it has given
  // up waiting.
  virtual void list(AdminQuery query, std::function<void(AdminRows)> done) = 0;
};

}  // namespace resflow
