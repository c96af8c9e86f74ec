// The table of all options. It determines what the command line accepts, the names of environment variables, the
// properties of the configuration file that the gateway reads or writes, and the output of --help and --checkconfig.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/config/config.hpp"
#include "io/config/option_value.hpp"

namespace resflow {

struct Option {
  std::string_view group;           // the heading under which --help lists the option
  char letter = 0;                  // short name on the command line; 0: none
  std::string_view name;            // long name on the command line; empty: cannot be set there
  std::string_view placeholder;     // what --help shows in the place of the value, such as <file>
  std::string_view property;        // name in the configuration file; empty: cannot be set there
  std::string_view other_property;  // second name of the option in the configuration file; empty: none
  std::string_view help;
  OptionValue value;
  std::optional<Action> action;  // only for an option such as --help: what the program does instead of running

  // Returns the name of the environment variable that sets this option. Empty: no environment variable sets it.
  std::string environment() const;
};

const std::vector<Option>& config_options();

// Returns the option with this long name. There must be such an option.
const Option& config_option(std::string_view name);

// The name of the option whose value is the path of the configuration file.
inline constexpr std::string_view kConfigOption = "config";

}  // namespace resflow
