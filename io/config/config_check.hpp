// Checks whether the values of different options fit together, no matter where the values come from.
// parse_command_line() calls this once at start, after it has applied all settings. No I/O and no shared state.
#pragma once

#include "io/config/setting.hpp"

namespace resflow {

// Replaces values that have a special meaning by what they stand for: for example, port 0 from the configuration file
// by 80 or 443. Adds warnings to `config` about settings that are outdated or have no effect. `settings` are all
// settings, in the order in which they were applied to `config`. Throws ConfigError if options contradict each other,
// or if an option is set without another option that it needs.
void check_config(const Settings& settings, Config& config);

}  // namespace resflow
