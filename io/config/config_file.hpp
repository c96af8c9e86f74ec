// Reads and writes the configuration file. The file is a JSON object with the property names of Resgate and some names
// of resflow's own. Used at start only, on the main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/config/setting.hpp"

namespace resflow {

// Reads the settings in the file. Returns nullopt if the file does not exist. Names may be in upper or lower case, as
// in Resgate. Adds a warning for each unknown name. Throws ConfigError when the file cannot be read, when it contains
// neither a JSON object nor null, or when a value has the wrong JSON type.
std::optional<Settings> read_config_file(const std::string& path, std::vector<std::string>& warnings);

// Returns the text of a configuration file with this configuration.
std::string config_text(const Config& config);

// Writes the file completely or not at all. The mode of the file is 0664, less the umask of the process. If a URL in
// the file has credentials, the mode is 0600, so only the owner can read them. Returns the reason if writing fails, and
// otherwise an empty text. After a failure the gateway runs without the file, as Resgate does.
std::string write_config_file(const std::string& path, const Config& config);

}  // namespace resflow
