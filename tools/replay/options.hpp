// The command line of resflow-replay. main.cpp parses it once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace resflow::replay {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Options {
  std::vector<std::string> files;
  double speed = 0;  // 1: as fast as recorded; 2: twice as fast; 0: without waiting
  bool speed_given = false;
  std::size_t differences = 1;  // how many differences are shown; all are counted
  double from = 0;              // where the comparison begins, in seconds since the capture began
  double to = -1;               // where the replay ends, in seconds since the capture began; negative: play everything
  std::vector<std::string> conns;
  std::vector<std::string> rids;
  // Capture file to write; empty: none.
  std::string export_file;
  std::string address;   // URL of the gateway to which the clients are played; empty: none
  std::string har_file;  // HAR file to convert to a capture; empty: none
  bool allow_remote = false;
  bool quiet = false;
};

enum class Action : std::uint8_t { play, play_to_gateway, import_har, help, version };

struct CommandLine {
  Action action = Action::play;
  Options options;
};

// Parses the command line. Throws UsageError if it is wrong.
CommandLine parse_command_line(int argc, const char* const* argv);

std::string usage();

}  // namespace resflow::replay
