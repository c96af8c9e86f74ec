// The tables of the admin page: connections and cached resources. The server searches and sorts a table, and sends the
// browser only the requested part of the rows. So an answer is small, however many rows there are. No I/O and no shared
// state; any thread may use it.
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
  static constexpr std::size_t kMaxLimit = 200;      // how many rows one answer may have at most
  static constexpr std::size_t kMaxOffset = 10'000;  // the largest `offset`; a user finds later rows only with a search

  AdminTable table = AdminTable::connections;
  // Text to search for, in lower case; empty: all rows match. A row matches if one of its cells contains the text, in
  // upper or lower case.
  std::string search;
  std::size_t sort = 0;  // index of the column to sort by
  bool descending = false;
  std::size_t offset = 0;
  std::size_t limit = 50;
};

// Reads the query string of a URL, such as `search=a&sort=name&order=desc&offset=0&limit=50`. Each part may be missing.
// Returns nullopt, with the reason in `error`, if the text is not valid.
std::optional<AdminQuery> read_admin_query(AdminTable table, std::string_view text, std::string& error);

// Collects the rows for one query. Counts all rows that match the search, but keeps only the first `offset + limit`
// rows in the requested order, because the answer needs no others.
class AdminRows {
 public:
  explicit AdminRows(const AdminQuery& query);

  // Adds a row if it matches the search.
  void add(AdminRow row);
  // Adds the rows that another lane (thread of the gateway) has collected for the same query.
  void merge(AdminRows&& other);
  // Notes that some rows of the table were not looked at. In the answer, `complete` is then false.
  void cut_short() { complete_ = false; }

  // Returns the answer as JSON. `total` is the number of all rows that match the search, `rows` contains only those
  // from `offset` on, at most `limit` of them:
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
  std::vector<AdminRow> rows_;  // a heap: its front is the row that comes last in the requested order
};

// Provides the rows of the tables. AdminPages calls this interface on the thread of the OperatorServer.
class AdminSource {
 public:
  virtual ~AdminSource() = default;
  // Makes every lane (thread of the gateway) collect its rows, a few at a time. Calls `done` once with all rows, on any
  // thread, when all lanes have finished. If a lane hangs, `done` is never called. The caller must not call list()
  // again before `done`, except if it has given up waiting.
  virtual void list(AdminQuery query, std::function<void(AdminRows)> done) = 0;
};

}  // namespace resflow
