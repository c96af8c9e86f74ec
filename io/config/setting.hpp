// A setting: the value that the command line, the environment or the configuration file gives to an option.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/config/config.hpp"
#include "io/config/config_options.hpp"

namespace resflow {

struct Setting {
  const Option* option = nullptr;
  std::string place;  // for error messages: `configuration file x.json: `; empty if the setting is not from the file
  std::string name;   // for error messages: the option's name, as it was written
  std::string shown;  // for error messages: the value, shortened and without credentials; a text is in quotes
  Texts texts;
};
using Settings = std::vector<Setting>;

// Stores the value of the setting in `config`. Throws ConfigError if the value is not allowed.
void apply(const Setting& setting, Config& config);

// Throws ConfigError with the text `invalid <name> <value>: must be <allowed>`.
[[noreturn]] void refuse(const Setting& setting);

// Returns a value in the form in which error messages show it: shortened, and without credentials.
std::string show(std::string_view value);

// Returns show(text) in quotes.
std::string show_text(std::string_view text);

}  // namespace resflow
