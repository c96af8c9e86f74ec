// The command line of resflow-bench: its options and their defaults. main.cpp parses it once.
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
  // How many events, calls or operations the load tool makes a second, for all clients together. 0: as many as the
  // gateway can take.
  double rate = 0;
  // How long the load lasts, in seconds. Connecting and subscribing before it, and waiting for answers after it, take
  // additional time.
  double seconds = 5;
  // The most events, calls or requests that may be sent but not yet received or answered. At this limit, the load tool
  // waits before it sends more. The limit is for each client in mode "call", and for all clients together in the other
  // modes. In the modes "fanout", "spread" and "mixed", it has no effect together with --rate. Each mode has its own
  // default.
  std::size_t window = 0;
  std::size_t items = 100;
  std::size_t text_bytes = 64;  // bytes of text in each model
  std::size_t event_bytes = 0;  // bytes of text in each event; 0: no text
  double patience = 60;         // how many seconds one step, such as connecting, may take before the run fails

  bool play_service = true;
  // The resource that the clients use if play_service is false. A service other than the load tool must provide it. {i}
  // in the name stands for the number of the client.
  std::string rid;
  std::string method = "ping";

  int gateway_pid = 0;  // process id of the gateway; 0: its CPU time and memory are not measured
  std::string json_file;
  std::string plot_file;
  bool quiet = false;
};

enum class Action : std::uint8_t { run, compare, help, version };

struct CommandLine {
  Action action = Action::run;
  Options options;
  std::pair<std::string, std::string> compared;  // names of the two report files
};

// Parses the command line. Throws UsageError if it is wrong.
CommandLine parse_command_line(int argc, const char* const* argv);

std::string usage();

std::string name_of(Mode mode);

// Returns the options that a report shows: name and value of each.
std::vector<std::pair<std::string, std::string>> settings_of(const Options& options);

}  // namespace resflow::bench
