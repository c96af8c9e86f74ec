// Reads the options that are given on the command line and in environment variables. Uses Boost.Program_options and the
// table of all options (config_options.hpp). parse_command_line() calls these functions once at start, on the main
// thread.
#pragma once

#include "io/config/setting.hpp"

namespace resflow {

struct CommandLineSettings {
  Action action = Action::run;
  Settings settings;
  std::vector<std::string> ignored;  // the first argument that is not an option, and all arguments after it
};

// Reads the command line. Throws ConfigError if an option is unknown or needs a value and has none.
CommandLineSettings read_command_line(int argc, const char* const* argv);

// Reads the environment variables whose names begin with RESFLOW_. If some of them belong to no option, adds a warning
// that lists them.
Settings read_environment(std::vector<std::string>& warnings);

}  // namespace resflow
