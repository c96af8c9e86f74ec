// The table of all options: from it come the command line, the names in the environment, the properties of the
// configuration file, the file that is written when there is none, --help and --checkconfig.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/config/config.hpp"
#include "io/config/option_value.hpp"

namespace resflow {

struct Option {
  std::string_view group;           // in --help
  char letter = 0;                  // of the command line; 0: none
  std::string_view name;            // of the command line; empty: not there
  std::string_view placeholder;     // of its value in --help
  std::string_view property;        // of the file, as it is written; empty: not there
  std::string_view other_property;  // that it is also read by
  std::string_view help;
  OptionValue value;
  std::optional<Action> action;

  // The name in the environment; empty: not there.
  std::string environment() const;
};

const std::vector<Option>& config_options();

// By the name of the command line, which must be one.
const Option& config_option(std::string_view name);

// The name of the configuration file itself.
inline constexpr std::string_view kConfigOption = "config";

}  // namespace resflow
