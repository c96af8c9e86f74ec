// Checks the rules between several options, wherever they were set. Called once at start, when all settings have been
// applied. Pure.
#pragma once

#include "io/config/setting.hpp"

namespace resflow {

// Completes values that depend on other options, and warns of values that are outdated or have no effect. `settings`
// are all settings, in the order in which they were applied. Throws ConfigError for options that do not go together.
void check_config(const Settings& settings, Config& config);

}  // namespace resflow
