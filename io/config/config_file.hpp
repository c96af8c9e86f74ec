// Reads and writes the configuration file. The file is a JSON object that maps names of options to values. For options
// that Resgate (the gateway that resflow replaces) has, the names are those of Resgate. Used at start only, on the main
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/config/setting.hpp"

namespace resflow {

// Reads the settings in the file. Returns nullopt if the file does not exist. The names of options may be in upper or
// lower case. Adds a warning for each unknown name. Throws ConfigError if the file cannot be read, if it contains
// neither a JSON object nor null, or if a value has the wrong JSON type.
std::optional<Settings> read_config_file(const std::string& path, std::vector<std::string>& warnings);

// Returns this configuration in the format of the configuration file.
std::string config_text(const Config& config);

// Writes this configuration to the file, completely or not at all. Returns an empty text on success, else why writing
// failed. The mode of the file is 0664, less the umask of the process. If the NATS URL contains credentials, the mode
// is 0600, so that only the owner can read them.
std::string write_config_file(const std::string& path, const Config& config);

}  // namespace resflow
