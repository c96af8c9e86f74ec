#include "io/config/command_line.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "io/config/option_text.hpp"

namespace resflow {

namespace {

namespace po = boost::program_options;

// ---- the table of options, converted for Boost.Program_options ----------------------------------------------------

// Returns what --help prints about the default value of the option, such as ` (default: 8080)`. Returns an empty text
// if the default is empty, or if the value is neither a number nor a text.
std::string default_note(const Option& option) {
  if (!option.value.write) return {};
  const boost::json::value value = option.value.write(Config());
  if (const auto* text = value.if_string()) {
    return text->empty() ? "" : " (default: " + std::string(text->begin(), text->end()) + ')';
  }
  return option.value.shape == Shape::number ? " (default: " + boost::json::serialize(value) + ')' : "";
}

void add(const Option& option, po::options_description& group) {
  std::string names(option.name);
  if (option.letter != 0) names.append(1, ',').append(1, option.letter);
  const std::string help = std::string(option.help) + default_note(option);
  if (option.value.shape == Shape::action) {
    group.add_options()(names.c_str(), help.c_str());
    return;
  }
  const bool flag = option.value.shape == Shape::flag;
  auto* value = po::value<std::string>()->value_name(flag ? "[=<bool>]" : std::string(option.placeholder));
  group.add_options()(names.c_str(), flag ? value->implicit_value("true", "") : value, help.c_str());
}

po::options_description describe() {
  constexpr unsigned width = 120;
  po::options_description all(width);
  std::string_view caption;
  std::unique_ptr<po::options_description> group;
  for (const Option& option : config_options()) {
    if (option.name.empty()) continue;
    if (option.group != caption) {
      if (group) all.add(*group);
      caption = option.group;
      group = std::make_unique<po::options_description>(std::string(caption), width);
    }
    add(option, *group);
  }
  return all.add(*group);
}

// Returns the description of all options for Boost.Program_options. It is static, because Boost keeps pointers into it.
const po::options_description& description() {
  static const po::options_description all = describe();
  return all;
}

// Finds an option by its long name or its one-letter name. Returns null if there is no such option.
const Option* find_option(std::string_view name) {
  for (const Option& o : config_options()) {
    if (!name.empty() && (o.name == name || name == std::string_view(&o.letter, o.letter != 0))) return &o;
  }
  return nullptr;
}

// ---- the command line ---------------------------------------------------------------------------------------------

// Handles an option that takes no value, such as --help: returns a list with only this option. As in Go, `--help=true`
// means the same as --help, and `--help=false` is ignored (the returned list is empty). Any other value stays in the
// option, and Boost then reports an error.
std::vector<po::option> take_action(po::option taken) {
  const auto wanted = taken.value.empty() ? std::optional(true) : to_flag(taken.value.front());
  if (wanted) taken.value.clear();
  return wanted.value_or(true) ? std::vector{taken} : std::vector<po::option>();
}

// Removes the first option and its value from `args`, and returns both. Follows the rules of Go's package flag, since
// Resgate (the gateway that resflow replaces) uses that package:
// - -name and --name are the same. So -DV is the option DV, never -D and -V together.
// - A boolean option takes a value only after an equals sign, as in --tls=false.
// - Any other option takes the next argument as its value, even if that argument begins with a dash.
// - Options end at `--`, or at the first argument that is not an option. The remaining arguments go to `ignored`.
// Boost calls this function, since it cannot parse by these rules itself. Afterwards Boost reports missing values.
std::vector<po::option> take_as_go_does(std::vector<std::string>& args, std::vector<std::string>& ignored) {
  const std::string token = args.front();
  if (token.size() < 2 || token.front() != '-' || token == "--") {
    ignored.assign(args.begin() + (token == "--" ? 1 : 0), args.end());
    args.clear();
    return {};
  }
  po::option taken;
  taken.original_tokens = {token};
  std::string name = token.substr(token[1] == '-' ? 2 : 1);
  const std::size_t equals = name.find('=');
  if (equals != std::string::npos) {
    taken.value = {name.substr(equals + 1)};
    name.resize(equals);
  }
  args.erase(args.begin());
  const Option* option = find_option(name);
  if (option == nullptr) throw ConfigError("unknown option " + show(token.substr(0, token.find('='))) + "; see --help");
  taken.string_key = option->name;
  const Shape shape = option->value.shape;
  if (shape == Shape::action) return take_action(std::move(taken));
  if (!taken.value.empty()) return {taken};
  if (shape == Shape::flag) {
    taken.value = {"true"};
  } else if (!args.empty()) {
    taken.value = {args.front()};
    args.erase(args.begin());
  }
  return {taken};
}

std::vector<po::option> parse(int argc, const char* const* argv, std::vector<std::string>& ignored) {
  try {
    using namespace po::command_line_style;
    return po::command_line_parser(argc, argv)
        .options(description())
        .extra_style_parser([&](std::vector<std::string>& args) { return take_as_go_does(args, ignored); })
        .style(unix_style ^ allow_guessing)
        .run()
        .options;
  } catch (const po::error& e) {
    throw ConfigError(std::string(e.what()) + "; see --help");
  }
}

// Returns the element of `settings` that belongs to this option. Adds one if there is none.
Setting& setting_of(const Option& option, Settings& settings) {
  for (Setting& setting : settings) {
    if (setting.option == &option) return setting;
  }
  Setting& setting = settings.emplace_back();
  setting.option = &option;
  setting.name = "--" + std::string(option.name);
  return setting;
}

}  // namespace

CommandLineSettings read_command_line(int argc, const char* const* argv) {
  CommandLineSettings line;
  for (const po::option& said : parse(argc, argv, line.ignored)) {
    const Option& option = config_option(said.string_key);
    if (option.action) {
      // If the command line has several actions, such as --help and --version, the first one in enum Action is done.
      line.action = line.action == Action::run ? *option.action : std::min(line.action, *option.action);
      continue;
    }
    Setting& setting = setting_of(option, line.settings);
    if (!option.value.repeats) setting.texts.clear();
    setting.texts.push_back(said.value.front());
  }
  for (Setting& setting : line.settings) setting.shown = show_text(join(setting.texts, ';'));
  return line;
}

Settings read_environment(std::vector<std::string>& warnings) {
  constexpr std::string_view prefix = "RESFLOW_";
  std::string unknown;
  const auto option_named = [&](const std::string& variable) -> std::string {
    if (variable.compare(0, prefix.size(), prefix) != 0) return {};
    for (const Option& option : config_options()) {
      if (option.environment() == variable) return std::string(option.name);
    }
    unknown += (unknown.empty() ? "" : ", ") + variable;
    return {};
  };
  Settings settings;
  for (const po::option& said : po::parse_environment(description(), option_named).options) {
    Setting setting;
    setting.option = &config_option(said.string_key);
    setting.name = setting.option->environment();
    setting.shown = show_text(said.value.front());
    setting.texts = said.value;
    if (setting.option->value.shape == Shape::list) setting.texts = split(said.value.front(), ';');
    settings.push_back(std::move(setting));
  }
  if (!unknown.empty()) warnings.push_back("Environment: nothing is known of " + unknown);
  return settings;
}

std::string usage() {
  std::ostringstream out;
  out << "Usage: resflow [options]\n"
      << description() << R"(
Names may have one dash or two. Options can be set in the environment as well, as RESFLOW_ and the name in capitals
(RESFLOW_NATS=nats://127.0.0.1:4222, RESFLOW_TLS=true), and in the configuration file. The command line goes over the
environment, and that over the file.
)";
  return out.str();
}

}  // namespace resflow
