#include "tools/replay/options.hpp"

#include <boost/program_options.hpp>
#include <initializer_list>
#include <sstream>

#include "tools/bench/number_option.hpp"

namespace resflow::replay {

namespace {

namespace po = boost::program_options;

// Returns the descriptions of the options. They are static because the parsed values refer to them.
const po::options_description& describe() {
  static const po::options_description options = [] {
    po::options_description all("Options");
    const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
    const auto list = [](const char* name) { return po::value<std::vector<std::string>>()->value_name(name); };
    all.add_options()                                                                                                //
        ("speed", text("factor"), "1: as fast as it was; 10: ten times as fast; max: without a wait (default)")      //
        ("diff", text("n"), "Show the first n differences (default: 1)")                                             //
        ("from", text("s"), "Compare from this second of the capture on; what was before is played as well")         //
        ("to", text("s | url"), "End at this second; or, as ws://127.0.0.1:8080/, play the clients to a gateway")    //
        ("conn", list("id"), "Compare this connection alone; with --export nobody else is played")                   //
        ("rid", list("rid"), "The same for a resource")                                                              //
        ("import-har", text("file"), "Make a capture (--export) of the WebSocket messages in a browser's HAR file")  //
        ("export", text("file"), "Record what is played as a new capture")                                           //
        ("allow-remote", po::bool_switch(), "Lets the gateway of --to be on another machine than this one")          //
        ("quiet", po::bool_switch(), "No progress on standard error")                                                //
        ("help,h", po::bool_switch(), "Shows this message")                                                          //
        ("version,v", po::bool_switch(), "Shows the version");
    return all;
  }();
  return options;
}

po::variables_map parse(int argc, const char* const* argv) {
  po::variables_map values;
  po::options_description all;
  all.add(describe());
  all.add_options()("files", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("files", -1);
  try {
    po::store(po::command_line_parser(argc, argv).options(all).positional(positional).run(), values);
  } catch (const po::error& e) {
    throw UsageError(e.what());
  }
  return values;
}

constexpr double kMostSeconds = 1e9;
constexpr double kMostDifferences = 1e6;

double to_number(const po::variables_map& values, const char* name, double min, double max) {
  const std::string& text = values[name].as<std::string>();
  if (const auto n = bench::parse_number_option(text, min, max)) return *n;
  throw UsageError("--" + std::string(name) + ": '" + text + "' is no number " + bench::range_text(min, max));
}

// Throws if the user gave one of the options `names`, which have no effect together with the option `with`.
void refuse(const po::variables_map& values, std::initializer_list<const char*> names, const char* with) {
  for (const char* name : names) {
    if (values.contains(name)) throw UsageError("--" + std::string(name) + " does not go with " + with);
  }
}

void check_together(const po::variables_map& values, const CommandLine& line) {
  const Options& o = line.options;
  if (line.action == Action::play_to_gateway) {
    refuse(values, {"diff", "from", "conn", "rid", "export"}, "playing to a gateway");
  }
  if (line.action == Action::import_har) {
    refuse(values, {"files", "speed", "diff", "from", "to", "conn", "rid"}, "--import-har");
    if (o.export_file.empty()) throw UsageError("--import-har: name the capture to be made with --export");
  }
  if (o.to >= 0 && o.from > o.to) throw UsageError("--from: there is nothing between it and --to");
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  const po::variables_map values = parse(argc, argv);
  CommandLine line;
  if (values["help"].as<bool>()) line.action = Action::help;
  if (values["version"].as<bool>()) line.action = Action::version;
  if (line.action != Action::play) return line;
  if (values.contains("import-har")) line.action = Action::import_har;
  Options& o = line.options;
  if (values.contains("files")) o.files = values["files"].as<std::vector<std::string>>();
  if (o.files.empty() && !values.contains("import-har")) {
    throw UsageError("which capture? Name its file (see --help)");
  }
  o.speed_given = values.contains("speed");
  if (o.speed_given && values["speed"].as<std::string>() != "max") {
    constexpr double slowest = 0.001;
    constexpr double fastest = 1e6;
    o.speed = to_number(values, "speed", slowest, fastest);
  }
  if (values.contains("diff")) o.differences = static_cast<std::size_t>(to_number(values, "diff", 0, kMostDifferences));
  if (values.contains("from")) o.from = to_number(values, "from", 0, kMostSeconds);
  if (values.contains("to")) {
    const std::string& to = values["to"].as<std::string>();
    if (to.find("://") != std::string::npos) {
      o.address = to;
      if (line.action == Action::play) line.action = Action::play_to_gateway;
    } else {
      o.to = to_number(values, "to", 0, kMostSeconds);
    }
  }
  if (values.contains("conn")) o.conns = values["conn"].as<std::vector<std::string>>();
  if (values.contains("rid")) o.rids = values["rid"].as<std::vector<std::string>>();
  if (values.contains("import-har")) o.har_file = values["import-har"].as<std::string>();
  if (values.contains("export")) o.export_file = values["export"].as<std::string>();
  check_together(values, line);
  o.allow_remote = values["allow-remote"].as<bool>();
  o.quiet = values["quiet"].as<bool>();
  return line;
}

std::string usage() {
  std::ostringstream out;
  out << "Usage: resflow-replay [options] FILE...\n\n"
         "Plays a capture (resflow --capture FILE) through the gateway's pipeline, without network, and compares what\n"
         "comes out with what was recorded. A capture of several parts is named by all its files, in order.\n\n"
         "Exit status: 0 when all is equal, 1 when something differs, 2 when the capture or the command is unsound.\n\n"
      << describe();
  return out.str();
}

}  // namespace resflow::replay
