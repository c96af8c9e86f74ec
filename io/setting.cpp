#include "io/setting.hpp"

#include <algorithm>

#include "io/mask_credentials.hpp"

namespace resflow {

void refuse(const Setting& setting) {
  throw ConfigError(setting.place + "invalid " + setting.name + ' ' + setting.shown + ": must be " +
                    setting.option->value.allowed);
}

// A NUL would end what the system is told of it: a file name, an address.
void apply(const Setting& setting, Config& config) {
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (std::any_of(setting.texts.begin(), setting.texts.end(), has_nul)) refuse(setting);
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
