#include "tools/replay/selection.hpp"

#include <algorithm>

namespace resflow::replay {

namespace {

std::string number_of(ConnId conn) {
  return std::to_string(conn.slot) + '.' + std::to_string(conn.generation);
}

ConnId conn_of(const ParseIn& message) {
  return std::visit([](const auto& m) { return m.conn; }, message);
}

}  // namespace

Selection::Selection(std::vector<std::string> conns, std::vector<std::string> rids, const WebOptions& web)
    : conns_(conns.begin(), conns.end()), rids_(rids.begin(), rids.end()), parse_(web, log_) {}

// Remembers the connection `conn` if the user has chosen it by its number or by `cid`, its connection id.
void Selection::meet(ConnId conn, std::string_view cid) {
  for (const std::string& name : {number_of(conn), std::string(cid)}) {
    if (!conns_.contains(name)) continue;
    met_.insert(name);
    numbers_.insert(number_of(conn));
  }
}

bool Selection::wants_conn(ConnId conn) const {
  return conns_.empty() || numbers_.contains(number_of(conn));
}

bool Selection::wants(const ParseIn& message) {
  if (const auto* m = std::get_if<Connected>(&message)) meet(m->conn, m->info->cid());
  if (const auto* m = std::get_if<WebRequest>(&message)) meet(m->conn, m->info->cid());
  return wants_conn(conn_of(message)) && wants_rid(message);
}

// Returns false if the message names a resource that the user has not chosen. A message that names no resource, such as
// the end of a connection, is always part of the selection.
bool Selection::wants_rid(const ParseIn& message) {
  if (rids_.empty()) return true;
  ParseOut out;
  parse_.process(ParseIn(message), out);
  for (const AdmitIn& m : out.admit) {
    const auto* request = std::get_if<Boxed<Request>>(&m);
    const auto* task = std::get_if<Boxed<WebTask>>(&m);
    const RidPtr rid = request != nullptr ? (*request)->rid : task != nullptr ? (*task)->rid : nullptr;
    if (!rid) continue;
    if (!rids_.contains(rid->text())) return false;
    met_.insert(rid->text());
  }
  return true;
}

// Returns true if the output line is about a chosen connection and a chosen resource: it contains the number of the
// connection and the resource id. In the line, the resource id is a JSON string of its own, or the beginning of an
// event's name. If the user has chosen only connections, or only resources, the line needs to contain only these.
bool Selection::wants_output(std::string_view line) const {
  const auto has = [line](const std::string& text) { return line.find(text) != std::string_view::npos; };
  const auto any = [](const auto& names, auto&& f) {
    return names.empty() || std::any_of(names.begin(), names.end(), f);
  };
  if (!conns_.empty() && numbers_.empty()) return false;
  return any(numbers_, [&](const auto& n) { return has('"' + n + '"'); }) &&
         any(rids_, [&](const auto& rid) { return has('"' + rid + '"') || has('"' + rid + '.'); });
}

std::vector<std::string> Selection::unmet() const {
  std::vector<std::string> names;
  for (const auto* wanted : {&conns_, &rids_}) {
    for (const std::string& name : *wanted) {
      if (!met_.contains(name)) names.push_back(name);
    }
  }
  return names;
}

}  // namespace resflow::replay
