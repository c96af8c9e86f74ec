// The command line of resflow-replay.
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
  double speed = 0;  // times as fast as it was; 0: as fast as it goes
  bool speed_given = false;
  std::size_t differences = 1;  // that are shown
  double from = 0;              // seconds since the capture began
  double to = -1;               // less than 0: to the end
  std::vector<std::string> conns;
  std::vector<std::string> rids;
  std::string export_file;
  std::string address;   // of a gateway that the clients are played to; empty: none
  std::string har_file;  // of a browser, to be made a capture; empty: none
  bool allow_remote = false;
  bool quiet = false;
};

enum class Action : std::uint8_t { play, play_to_gateway, import_har, help, version };

struct CommandLine {
  Action action = Action::play;
  Options options;
};

// Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv);

std::string usage();

}  // namespace resflow::replay
