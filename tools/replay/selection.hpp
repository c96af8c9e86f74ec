// The part of a capture's traffic that the user has chosen: connections by number or connection id (--conn), and
// resources by resource id (--rid). If the user has chosen nothing, the part is all traffic. Each lane has an instance,
// used on the lane's thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture/capture_record.hpp"
#include "nodes/parse/parse.hpp"

namespace resflow::replay {

class Selection {
 public:
  // `conns` names connections, each by its connection id or by its number in the capture ("<slot>.<generation>", for
  // example "3.1"). `rids` names resources by resource id.
  Selection(std::vector<std::string> conns, std::vector<std::string> rids, const WebOptions& web);

  bool is_all() const { return conns_.empty() && rids_.empty(); }

  // Returns true if a client's message is part of the selection. The caller must pass all messages of a connection in
  // order: the connection id comes with the first message, and is remembered for the later ones.
  bool wants(const ParseIn& message);
  // Returns true if a line of output is part of the selection.
  bool wants_output(std::string_view line) const;

  // Returns the connections and resources that the user has chosen and that have not occurred in the capture so far.
  std::vector<std::string> unmet() const;

 private:
  struct NoLog final : LogPort {
    bool enabled(LogLevel) const override { return false; }
    void log(LogLevel, std::string_view) override {}
  };

  void meet(ConnId conn, std::string_view cid);
  bool wants_conn(ConnId conn) const;
  bool wants_rid(const ParseIn& message);

  std::set<std::string> conns_;
  std::set<std::string> rids_;
  // Names of connections and resources that the user has chosen and that have occurred in the capture so far.
  std::set<std::string> met_;
  std::set<std::string> numbers_;  // numbers of the chosen connections that have occurred so far
  NoLog log_;
  Parse parse_;
};

}  // namespace resflow::replay
