// What must hold between options, whoever said what. Pure.
#pragma once

#include "io/config/setting.hpp"

namespace resflow {

// Completes what depends on other options, warns of what is outdated or without effect, and refuses what does not go
// together. `settings` are all there were, those that count last. Throws ConfigError.
void check_config(const Settings& settings, Config& config);

}  // namespace resflow
