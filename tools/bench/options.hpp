// The command line of the load tool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/bench/errors.hpp"

namespace resflow::bench {

enum class Mode : std::uint8_t { fanout, spread, call, tree, idle, reset, mixed };

struct Options {
  Mode mode = Mode::fanout;
  std::string url = "ws://127.0.0.1:8080/";
  std::string nats_url = "nats://127.0.0.1:4222";
  bool allow_remote = false;

  std::size_t conns = 100;
  double rate = 0;         // events, calls or operations a second, all clients together; 0: as fast as they are taken
  double seconds = 5;      // of load; getting ready and the rest of what is under way come on top
  std::size_t window = 0;  // under way at once when there is no rate; 0: the mode's own
  std::size_t items = 100;
  std::size_t text_bytes = 64;  // in each model
  std::size_t event_bytes = 0;  // of text in each event; 0: none
  double patience = 60;         // seconds that one step may take before it is given up

  bool play_service = true;
  std::string rid;  // of somebody else's service; {i} stands for the number of the client
  std::string method = "ping";

  int gateway_pid = 0;  // 0: unknown
  std::string json_file;
  std::string plot_file;
  bool quiet = false;
};

enum class Action : std::uint8_t { run, compare, help, version };

struct CommandLine {
  Action action = Action::run;
  Options options;
  std::pair<std::string, std::string> compared;  // file names
};

// Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv);

std::string usage();

std::string name_of(Mode mode);

// What was chosen, as it stands in a report: name and value.
std::vector<std::pair<std::string, std::string>> settings_of(const Options& options);

}  // namespace resflow::bench
