#include "io/operator/admin_table.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "io/config/option_text.hpp"
#include "nodes/protocol/web_target.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

constexpr std::array<std::string_view, 10> kConnections{
    "id", "kind", "address", "lane", "ageMs", "subscriptions", "outboxFrames", "outboxBytes", "bytesIn", "bytesOut"};
constexpr std::array<std::string_view, 5> kResources{"name", "kind", "size", "subscribers", "lane"};
constexpr std::size_t kMaxSearch = 4'096;

// Decodes a value of a query string: percent-encoding, and a plus for each space. Returns nullopt if the
// percent-encoding is malformed.
std::optional<std::string> form_decode(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '+', ' ');
  return percent_decode(plain);
}

// Sets one parameter of the query, such as sort. Returns false if the name or the value of the parameter is not valid.
bool set(AdminQuery& q, std::string_view name, const std::string& value) {
  if (name == "search") {
    q.search = lower_case(value);
    return value.size() <= kMaxSearch;
  }
  if (name == "sort") {
    const auto columns = admin_columns(q.table);
    q.sort = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), value) - columns.begin());
    return q.sort < columns.size();
  }
  if (name == "order") {
    q.descending = value == "desc";
    return value == "asc" || value == "desc";
  }
  const bool offset = name == "offset";
  if (!offset && name != "limit") return false;
  const auto number = to_number(value, offset ? 0 : 1, offset ? AdminQuery::kMaxOffset : AdminQuery::kMaxLimit);
  if (!number) return false;
  (offset ? q.offset : q.limit) = static_cast<std::size_t>(*number);
  return true;
}

}  // namespace

std::span<const std::string_view> admin_columns(AdminTable table) {
  if (table == AdminTable::connections) return kConnections;
  return kResources;
}

std::optional<AdminQuery> read_admin_query(AdminTable table, std::string_view text, std::string& error) {
  AdminQuery query;
  query.table = table;
  for (const std::string& part : split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string name = part.substr(0, equals);
    const auto value = form_decode(std::string_view(part).substr(std::min(equals + 1, part.size())));
    if (value && set(query, name, *value)) continue;
    error =
        "what is said of the rows cannot be understood: search, sort, order, offset (at most 10000) or limit (at "
        "most 200)";
    return std::nullopt;
  }
  return query;
}

AdminRows::AdminRows(const AdminQuery& query) : query_(query), room_(query.offset + query.limit) {}

void AdminRows::add(AdminRow row) {
  if (!found(row)) return;
  ++total_;
  keep(std::move(row));
}

void AdminRows::merge(AdminRows&& other) {
  total_ += other.total_;
  complete_ = complete_ && other.complete_;
  for (AdminRow& row : other.rows_) keep(std::move(row));
}

bool AdminRows::found(const AdminRow& row) const {
  if (query_.search.empty()) return true;
  return std::any_of(row.begin(), row.end(), [&](const AdminCell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    return text != nullptr && lower_case(*text).find(query_.search) != std::string::npos;
  });
}

// Returns true if row `a` comes before row `b` in the requested order. If two rows have the same value in the sort
// column, all their columns are compared, from left to right. So the order is always the same, and a row of an
// unchanged table never appears on two pages.
bool AdminRows::before(const AdminRow& a, const AdminRow& b) const {
  const AdminCell& left = a[query_.sort];
  const AdminCell& right = b[query_.sort];
  if (left != right) return query_.descending ? right < left : left < right;
  return a < b;
}

void AdminRows::keep(AdminRow&& row) {
  const auto order = [this](const AdminRow& a, const AdminRow& b) { return before(a, b); };
  if (rows_.size() == room_) {
    if (!before(row, rows_.front())) return;
    std::pop_heap(rows_.begin(), rows_.end(), order);
    rows_.pop_back();
  }
  rows_.push_back(std::move(row));
  std::push_heap(rows_.begin(), rows_.end(), order);
}

std::string AdminRows::json() && {
  std::sort_heap(rows_.begin(), rows_.end(), [this](const AdminRow& a, const AdminRow& b) { return before(a, b); });
  js::object out;
  js::array& columns = (out["columns"] = js::array()).get_array();
  for (const std::string_view column : admin_columns(query_.table)) columns.emplace_back(js::string_view(column));
  out["total"] = total_;
  out["offset"] = query_.offset;
  out["complete"] = complete_;
  js::array rows;
  for (std::size_t i = query_.offset; i < rows_.size(); ++i) {
    js::array row;
    for (AdminCell& cell : rows_[i]) std::visit([&](auto& value) { row.emplace_back(js::value_from(value)); }, cell);
    rows.push_back(std::move(row));
  }
  out["rows"] = std::move(rows);
  return js::serialize(out);
}

}  // namespace resflow
