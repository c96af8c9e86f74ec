// Fuzzes the configuration: the text of the configuration file, and the command line (one argument in each line). What
// has been accepted must mean the same after it was written to a file and read again; an error is one line.
#include <string>
#include <vector>

#include "io/config/command_line.hpp"
#include "io/config/config_check.hpp"
#include "io/config/config_file.hpp"
#include "io/text_list.hpp"
#include "tests/fuzz/memory_file.hpp"

using namespace resflow;

namespace {

Settings settings_on_command_line(std::string_view text) {
  const std::vector<std::string> arguments = split(text, '\n');
  std::vector<const char*> argv{"resflow"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return read_command_line(static_cast<int>(argv.size()), argv.data()).settings;
}

Settings settings_in_file(std::string_view text) {
  const fuzz::MemoryFile file(text);
  std::vector<std::string> warnings;
  std::optional<Settings> settings = read_config_file(file.path(), warnings);
  fuzz::demand(settings.has_value());
  return std::move(*settings);
}

Config config_of(const Settings& settings) {
  Config config;
  for (const Setting& setting : settings) {
    if (setting.option->value.read) apply(setting, config);
  }
  check_config(settings, config);
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  Config config;
  try {
    config = config_of(input.variant % 2 == 0 ? settings_in_file(input.text) : settings_on_command_line(input.text));
  } catch (const ConfigError& e) {
    fuzz::demand(std::string_view(e.what()).find('\n') == std::string_view::npos);
    return 0;
  }
  if (config.port == 0) return 0;  // a file cannot say that the system chooses the port
  const std::string text = config_text(config);
  const Config again = config_of(settings_in_file(text));
  fuzz::demand(config_text(again) == text && effective_config(again) == effective_config(config));
  return 0;
}
