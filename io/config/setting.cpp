#include "io/config/setting.hpp"

#include <algorithm>

#include "io/mask_credentials.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

void refuse(const Setting& setting) {
  throw ConfigError(setting.place + "invalid " + setting.name + ' ' + setting.shown + ": must be " +
                    setting.option->value.allowed);
}

// Stores the value of the setting in `config`. Refuses texts with a NUL character: the system would read a file name or
// an address only up to this character. Also refuses texts that are not UTF-8, since they cannot be written to the
// configuration file.
void apply(const Setting& setting, Config& config) {
  const auto sound = [](const std::string& text) { return text.find('\0') == std::string::npos && valid_utf8(text); };
  if (!std::all_of(setting.texts.begin(), setting.texts.end(), sound)) refuse(setting);
  if (!setting.option->value.read(config, setting.texts)) refuse(setting);
}

std::string show(std::string_view value) {
  constexpr std::size_t enough = 200;
  std::string shown(value);
  if (shown.find("://") != std::string::npos) shown = mask_credentials(std::move(shown));
  if (shown.size() > enough) shown = shown.substr(0, enough) + "...";
  return shown;
}

std::string show_text(std::string_view text) {
  return '"' + show(text) + '"';
}

}  // namespace resflow
