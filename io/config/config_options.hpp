// The table of all options. This table defines the command line, the names in the environment, the properties of the
// configuration file, the file that the gateway writes when there is none, and the output of --help and --checkconfig.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/config/config.hpp"
#include "io/config/option_value.hpp"

namespace resflow {

struct Option {
  std::string_view group;           // heading in --help
  char letter = 0;                  // short name on the command line; 0: none
  std::string_view name;            // long name on the command line; empty: not available there
  std::string_view placeholder;     // stands for the value in --help
  std::string_view property;        // name in the configuration file; empty: not available there
  std::string_view other_property;  // second name of the option in the configuration file
  std::string_view help;
  OptionValue value;
  std::optional<Action> action;  // what the program does instead of running; most options have none

  // Returns the name of the environment variable; empty if there is none.
  std::string environment() const;
};

const std::vector<Option>& config_options();

// Returns the option with this long name. There must be such an option.
const Option& config_option(std::string_view name);

// The option that names the configuration file.
inline constexpr std::string_view kConfigOption = "config";

}  // namespace resflow
