// The table of all options. The command line, the names in the environment, the properties of the configuration file,
// the file that is written when there is none, --help and --checkconfig are all made from it.
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
  std::string_view name;            // on the command line; empty: not available there
  std::string_view placeholder;     // for the value in --help
  std::string_view property;        // name in the configuration file; empty: not available there
  std::string_view other_property;  // second name under which the file may have it
  std::string_view help;
  OptionValue value;
  std::optional<Action> action;  // what the program does instead of running; most options have none

  // Returns the name of the environment variable; empty if there is none.
  std::string environment() const;
};

const std::vector<Option>& config_options();

// Finds an option by its name on the command line, which must exist.
const Option& config_option(std::string_view name);

// The option that names the configuration file.
inline constexpr std::string_view kConfigOption = "config";

}  // namespace resflow
