// The configuration file: a JSON object with Resgate's property names, and resflow's own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/config/setting.hpp"

namespace resflow {

// What the file says; nullopt when there is none. Names are taken in any case, as Go does; unknown ones are warned of.
// Throws ConfigError when it cannot be read, is no JSON object (or null), or a value is not of the kind it must be.
std::optional<Settings> read_config_file(const std::string& path, std::vector<std::string>& warnings);

// The text of a file that says what holds.
std::string config_text(const Config& config);

// Writes it whole or not at all, for all to read as the process's umask allows; where a URL holds credentials, for the
// owner alone. Returns why it could not, or nothing: the gateway runs without the file, as Resgate does.
std::string write_config_file(const std::string& path, const Config& config);

}  // namespace resflow
