// What was said of an option, somewhere: on the command line, in the environment or in the configuration file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/config/config.hpp"
#include "io/config/config_options.hpp"

namespace resflow {

struct Setting {
  const Option* option = nullptr;
  std::string place;  // for errors: `configuration file x.json: `, or nothing
  std::string name;   // for errors: as the option is called there
  std::string shown;  // for errors: the value
  Texts texts;
};
using Settings = std::vector<Setting>;

// Throws ConfigError when the value is not one that is allowed.
void apply(const Setting& setting, Config& config);

// `invalid <name> <value>: must be <allowed>`
[[noreturn]] void refuse(const Setting& setting);

// A value as errors show it: shortened, and without credentials.
std::string show(std::string_view value);

// The same in quotes.
std::string show_text(std::string_view text);

}  // namespace resflow
