// Which part of the traffic is wanted: connections by number or connection id, resources by id. Without any, all of it.
// One lane; its thread.
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
  // `conns` as "<slot>.<generation>" or as connection ids.
  Selection(std::vector<std::string> conns, std::vector<std::string> rids, const WebOptions& web);

  bool is_all() const { return conns_.empty() && rids_.empty(); }

  // Whether a client's message is of it. Connections are told of in order: an id is known from its beginning on.
  bool wants(const ParseIn& message);
  // Whether a line of what came out is of it.
  bool wants_output(std::string_view line) const;

  // Of what was asked for and has not been met.
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
  std::set<std::string> met_;
  std::set<std::string> numbers_;  // of connections that are wanted
  NoLog log_;
  Parse parse_;
};

}  // namespace resflow::replay
