// The command line and the environment, by Boost.Program_options and the table of options.
#pragma once

#include "io/config/setting.hpp"

namespace resflow {

struct CommandLineSettings {
  Action action = Action::run;
  Settings settings;
  std::vector<std::string> ignored;  // the first argument that is no option, and what comes behind it
};

// Throws ConfigError.
CommandLineSettings read_command_line(int argc, const char* const* argv);

// What the environment of the process says by names that begin with RESFLOW_. Those that are none of the table's are
// warned of.
Settings read_environment(std::vector<std::string>& warnings);

}  // namespace resflow
