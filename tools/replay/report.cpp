#include "tools/replay/report.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <map>

namespace resflow::replay {

namespace {

constexpr std::size_t kShown = 2'000;  // how many bytes of a line are printed at most

__attribute__((format(printf, 1, 2))) std::string format(const char* text, ...) {
  std::va_list args;
  va_start(args, text);
  char buffer[512];
  const int n = std::vsnprintf(buffer, sizeof buffer, text, args);
  va_end(args);
  return {buffer, std::min(static_cast<std::size_t>(std::max(n, 0)), sizeof buffer - 1)};
}

std::string shortened(std::string_view text) {
  if (text.empty()) return "(nothing)";
  if (text.size() <= kShown) return std::string(text);
  return std::string(text.substr(0, kShown)) + "... (" + std::to_string(text.size()) + " bytes)";
}

// Returns a line with a mark under the first character at which the two texts differ. Returns an empty text if one of
// them is empty, or if they differ only after the first 200 characters.
std::string mark(std::string_view a, std::string_view b) {
  const auto at = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  if (a.empty() || b.empty() || at > 200) return {};
  return "            " + std::string(at, ' ') + "^\n";
}

std::string value_of(std::string_view line, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":\"";
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  return std::string(line.substr(begin, line.find('"', begin) - begin));
}

// Returns the id of the connection that a line of the capture is about. If the line is about a message to several
// connections, returns the first of them.
std::string conn_of(std::string_view line) {
  const std::string conn = value_of(line, "conn");
  if (!conn.empty()) return conn;
  constexpr std::string_view to = R"("to":[")";
  const std::size_t at = line.rfind(to);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + to.size();
  return std::string(line.substr(begin, line.find('"', begin) - begin));
}

// Returns the name of the node (processing step) from which the differing output leaves the gateway: the ask node for
// outputs to services, the write node for outputs to clients.
std::string exit_of(const Difference& d) {
  const std::string what = value_of(d.recorded.empty() ? d.got : d.recorded, "out");
  return what == "request" || what == "subscribe" || what == "unsubscribe" ? "ask" : "write";
}

// Returns the input that most likely caused the differing output: the last input of the same connection or, if there is
// none, the last input of all. The input "writable" says that a client's socket accepts data again. It cannot cause an
// output to a service, so it is ignored for such outputs.
std::string cause_of(const Difference& d) {
  const std::string conn = conn_of(d.recorded.empty() ? d.got : d.recorded);
  const bool asks = exit_of(d) == "ask";
  std::string last;
  for (auto it = d.inputs.rbegin(); it != d.inputs.rend(); ++it) {
    if (asks && value_of(*it, "in") == "writable") continue;
    if (!conn.empty() && conn_of(*it) == conn) return *it;
    if (last.empty()) last = *it;
  }
  return last;
}

// Returns the name of the node (processing step) at which an input enters the gateway.
std::string entry_of(const std::string& input) {
  const std::string what = value_of(input, "in");
  if (what == "reply") return "ask";
  if (what == "message") return "decode";
  if (what == "writable") return "write";
  return what.empty() ? "ask" : "parse";  // no input: only time has passed, and the ask node checks timeouts
}

std::string milliseconds(std::int64_t ns) {
  return format("%.3f ms", static_cast<double>(ns) / 1e6);
}

std::string node_table(const Outcome& o) {
  double all = 0;
  for (const NodeStatistics& n : o.nodes) all += n.seconds;
  std::string out = "  node           messages    us each   share\n";
  for (const NodeStatistics& n : o.nodes) {
    const double each = n.messages == 0 ? 0 : n.seconds * 1e6 / static_cast<double>(n.messages);
    out += format("  %-12s %10llu %10.2f  %5.1f %%\n", n.name.c_str(), static_cast<unsigned long long>(n.messages),
                  each, all > 0 ? n.seconds / all * 100 : 0);
  }
  return out;
}

}  // namespace

std::vector<std::string> way(const Registry& registry, const std::string& from, const std::string& to) {
  std::map<std::string, std::string> before{{from, ""}};
  std::deque<std::string> todo{from};
  while (!todo.empty() && !before.contains(to)) {
    const std::string node = todo.front();
    todo.pop_front();
    for (const EdgeInfo& e : registry.edges()) {
      if (e.from != node || e.kind == EdgeKind::outside || before.contains(e.to)) continue;
      before[e.to] = node;
      todo.push_back(e.to);
    }
  }
  std::vector<std::string> nodes;
  if (!before.contains(to)) return nodes;
  for (std::string node = to; !node.empty(); node = before[node]) nodes.insert(nodes.begin(), node);
  return nodes;
}

std::string to_text(const Difference& d, const Registry& registry) {
  const std::string cause = cause_of(d);
  std::string out = format("line %zu, %.6f s:\n", d.line, static_cast<double>(d.us) / 1e6);
  out += "  recorded: " + shortened(d.recorded) + "\n  got:      " + shortened(d.got) + '\n' + mark(d.recorded, d.got);
  out += "  follows from: " + (cause.empty() ? "time that has passed" : shortened(cause)) + '\n';
  std::string path;
  for (const std::string& node : way(registry, entry_of(cause), exit_of(d)))
    path += (path.empty() ? "" : " -> ") + node;
  if (!path.empty()) out += "  by way of: " + path + '\n';
  return out;
}

std::string to_text(const Outcome& o) {
  std::string out = format("%zu inputs in %zu turns, %.1f s of traffic, played in %.3f s", o.tally.inputs,
                           o.tally.turns, o.recorded_seconds, o.seconds);
  if (o.seconds > 0) {
    out += format(" (%.1f times as fast; %.0f inputs/s)", o.recorded_seconds / o.seconds,
                  static_cast<double>(o.tally.inputs) / o.seconds);
  }
  out += "\na turn took " + milliseconds(o.tally.times.quantile(0.5)) + " (half of them), " +
         milliseconds(o.tally.times.quantile(0.99)) + " (99 %), " + milliseconds(o.tally.times.max()) +
         " (the longest)\n";
  out += node_table(o);
  if (o.tally.dropped > 0) {
    out += format("%zu messages of services were for requests that were not made again\n", o.tally.dropped);
  }
  out += format("%zu outputs equal, %zu different\n", o.equal, o.different);
  return out;
}

}  // namespace resflow::replay
