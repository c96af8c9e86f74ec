#include "io/config/config.hpp"

#include <algorithm>

#include "io/config/command_line.hpp"
#include "io/config/config_check.hpp"
#include "io/config/config_file.hpp"
#include "io/one_line.hpp"

namespace resflow {

namespace {

// Returns the path of the configuration file: the value of the option `config`. If the option is set more than once,
// the last value counts. Returns an empty path if the option is not set.
std::string config_path(const Settings& settings) {
  std::string path;
  for (const Setting& s : settings) {
    if (s.option->name == kConfigOption) path = s.texts.front();
  }
  return path;
}

void append(Settings& all, Settings&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Tells the user which command-line arguments the gateway ignores. This is a warning, but only an info line if all of
// these arguments are empty: container images often pass an empty argument, and it does no harm.
void note_ignored(const std::vector<std::string>& arguments, Config& config) {
  if (arguments.empty()) return;
  if (std::all_of(arguments.begin(), arguments.end(), [](const std::string& text) { return text.empty(); })) {
    config.notes.emplace_back("Command line: an empty argument is ignored");
    return;
  }
  config.warnings.push_back("Command line: " + show_text(arguments.front()) +
                            " is no option; it is ignored, and so is what comes behind it");
}

}  // namespace

ConfigError::ConfigError(std::string_view text) : std::runtime_error(one_line(text)) {}

// Applies the settings of the configuration file first, then those of the environment, then those of the command line,
// so that later ones override earlier ones. Even an overridden setting must be valid, else this function throws
// ConfigError.
CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLineSettings said = read_command_line(argc, argv);
  CommandLine line;
  line.action = said.action;
  note_ignored(said.ignored, line.config);
  if (line.action != Action::run && line.action != Action::check_config) return line;
  Config& config = line.config;
  Settings settings = read_environment(config.warnings);
  append(settings, std::move(said.settings));
  const std::string path = config_path(settings);
  bool missing = false;
  if (!path.empty()) {
    std::optional<Settings> file = read_config_file(path, config.warnings);
    missing = !file;
    if (file) settings.insert(settings.begin(), file->begin(), file->end());
  }
  for (const Setting& setting : settings) {
    if (setting.option->value.read) apply(setting, config);
  }
  check_config(settings, config);
  if (line.action == Action::check_config) {
    if (missing) config.warnings.push_back("Configuration file " + path + " does not exist; a start writes it");
    if (config.port == 0) config.warnings.push_back("A port of the system's choice cannot be written down");
  } else if (missing) {
    const std::string failure = write_config_file(path, config);
    if (!failure.empty()) config.warnings.push_back(failure);
  }
  return line;
}

}  // namespace resflow
