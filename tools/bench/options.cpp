#include "tools/bench/options.hpp"

#include <array>
#include <boost/program_options.hpp>
#include <cmath>
#include <sstream>

#include "nodes/protocol/rid.hpp"
#include "tools/bench/number_option.hpp"

namespace resflow::bench {

namespace {

namespace po = boost::program_options;

struct ModeInfo {
  Mode mode;
  const char* name;
  const char* job;
  std::size_t window;
};

constexpr std::array<ModeInfo, 7> kModes{{
    {Mode::fanout, "fanout", "all clients on one model, change events on it", 64},
    {Mode::spread, "spread", "each client on a model of its own, change events over all of them", 2'000},
    {Mode::call, "call", "calls; --window of each client under way at once", 1},
    {Mode::tree, "tree", "each client subscribes to a collection that refers to --items models", 1'000},
    {Mode::idle, "idle", "each client subscribes to one model, then nothing; memory", 1'000},
    {Mode::reset, "reset", "a collection of --items values is reset with every hundredth changed", 1'000},
    {Mode::mixed, "mixed", "events, fan-out, calls, gets and subscriptions side by side", 256},
}};

constexpr std::size_t kMaxUnderWay = 5'000'000;  // the most calls that all clients together may have without an answer

const ModeInfo& info_of(Mode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}

// Returns the descriptions of the options. They are static because the parsed values refer to them.
const po::options_description& describe() {
  static const po::options_description options = [] {
    po::options_description all("Options");
    const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
    all.add_options()                                                                                          //
        ("url", text("url"), "WebSocket address of the gateway (default: ws://127.0.0.1:8080/)")               //
        ("nats", text("url"), "NATS server of the gateway (default: nats://127.0.0.1:4222)")                   //
        ("conns", text("n"), "Clients (default: 100)")                                                         //
        ("rate", text("n"), "Events or calls a second, together; 0: as fast as they are taken (default: 0)")   //
        ("secs", text("s"), "Seconds of load (default: 5)")                                                    //
        ("window", text("n"), "Events, or calls of a client, under way at once (default: by mode)")            //
        ("items", text("n"), "Size of the collection in tree and reset (default: 100)")                        //
        ("size", text("bytes"), "Of the text in each model (default: 64)")                                     //
        ("event-size", text("bytes"), "Of a text in each event of fanout and spread (default: 0, none)")       //
        ("patience", text("s"), "Seconds that getting ready or finishing may take (default: 60)")              //
        ("pid", text("pid"), "Process of the gateway on this machine: measures its CPU time and memory")       //
        ("no-service", po::bool_switch(), "Plays clients only; the resources are those of services that run")  //
        ("rid", text("name"), "With --no-service: the resource; {i} stands for the client's number")           //
        ("method", text("name"), "With --no-service, in call: the method (default: ping)")                     //
        ("json", text("file"), "Writes the figures as JSON")                                                   //
        ("plot", text("file"), "Draws latency and throughput as SVG")                                          //
        ("compare", po::value<std::vector<std::string>>()->multitoken()->value_name("a.json b.json"),          //
         "Prints the figures of two runs and their ratios")                                                    //
        ("allow-remote", po::bool_switch(), "Lets the addresses be of other machines than this one")           //
        ("quiet", po::bool_switch(), "No progress on standard error")                                          //
        ("help,h", po::bool_switch(), "Shows this message")                                                    //
        ("version,v", po::bool_switch(), "Shows the version");
    return all;
  }();
  return options;
}

// Parses the command line. The mode is the only argument that is not an option.
po::variables_map parse(int argc, const char* const* argv) {
  po::variables_map values;
  po::options_description all;
  all.add(describe());
  all.add_options()("mode", po::value<std::string>());
  po::positional_options_description positional;
  positional.add("mode", 1);
  try {
    using namespace po::command_line_style;
    po::store(po::command_line_parser(argc, argv)
                  .options(all)
                  .positional(positional)
                  .style(unix_style ^ allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& e) {
    throw UsageError(std::string(e.what()) + "; see --help");
  }
  return values;
}

double number(const std::string& option, const std::string& text, double min, double max) {
  if (const auto value = parse_number_option(text, min, max)) return *value;
  throw UsageError("invalid " + option + " \"" + text + "\": must be a number " + range_text(min, max));
}

std::size_t count(const std::string& option, const std::string& text, std::size_t min, std::size_t max) {
  const double value = number(option, text, static_cast<double>(min), static_cast<double>(max));
  if (value != std::floor(value)) throw UsageError("invalid " + option + " \"" + text + "\": must be a whole number");
  return static_cast<std::size_t>(value);
}

Mode mode_of(const po::variables_map& values) {
  if (values.count("mode") == 0) throw UsageError("which mode? see --help");
  const auto& name = values["mode"].as<std::string>();
  for (const ModeInfo& m : kModes) {
    if (name == m.name) return m.mode;
  }
  throw UsageError("there is no mode \"" + name + "\"; see --help");
}

Options read(const po::variables_map& values) {
  Options o;
  const auto text = [&](const char* name, auto&& take) {
    if (values.count(name) > 0) take(values[name].as<std::string>());
  };
  o.mode = mode_of(values);
  o.window = info_of(o.mode).window;
  text("url", [&](const std::string& t) { o.url = t; });
  text("nats", [&](const std::string& t) { o.nats_url = t; });
  text("conns", [&](const std::string& t) { o.conns = count("conns", t, 1, 1'000'000); });
  text("rate", [&](const std::string& t) { o.rate = number("rate", t, 0, 10'000'000); });
  text("secs", [&](const std::string& t) { o.seconds = number("secs", t, 0.01, 3'600); });
  text("window", [&](const std::string& t) { o.window = count("window", t, 1, 10'000); });
  text("items", [&](const std::string& t) { o.items = count("items", t, 1, 1'000'000); });
  text("size", [&](const std::string& t) { o.text_bytes = count("size", t, 0, 1'000'000); });
  text("event-size", [&](const std::string& t) { o.event_bytes = count("event-size", t, 0, 1'000'000); });
  text("patience", [&](const std::string& t) { o.patience = number("patience", t, 0.1, 3'600); });
  text("pid", [&](const std::string& t) { o.gateway_pid = static_cast<int>(count("pid", t, 1, 1 << 22)); });
  text("rid", [&](const std::string& t) { o.rid = t; });
  text("method", [&](const std::string& t) { o.method = t; });
  text("json", [&](const std::string& t) { o.json_file = t; });
  text("plot", [&](const std::string& t) { o.plot_file = t; });
  o.play_service = !values["no-service"].as<bool>();
  o.allow_remote = values["allow-remote"].as<bool>();
  o.quiet = values["quiet"].as<bool>();
  return o;
}

void check(const Options& o, const po::variables_map& values) {
  if (o.play_service && (values.count("rid") > 0 || values.count("method") > 0)) {
    throw UsageError("--rid and --method are for --no-service");
  }
  if (!o.play_service) {
    if (o.rid.empty()) throw UsageError("--no-service needs --rid");
    if (!valid_rid(o.rid, true)) throw UsageError("\"" + o.rid + "\" names no resource");
    if (!valid_rid_part(o.method)) throw UsageError("\"" + o.method + "\" names no method");
    if (o.mode == Mode::reset || o.mode == Mode::mixed) {
      throw UsageError(name_of(o.mode) + " needs the service that this program plays");
    }
    if (values.count("nats") > 0) throw UsageError("--nats is for the service that this program plays");
  }
  if (o.conns * o.window > kMaxUnderWay && o.mode == Mode::call) {
    throw UsageError("more than " + std::to_string(kMaxUnderWay) + " calls would be under way at once");
  }
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  const po::variables_map values = parse(argc, argv);
  CommandLine line;
  if (values["help"].as<bool>()) {
    line.action = Action::help;
  } else if (values["version"].as<bool>()) {
    line.action = Action::version;
  } else if (values.count("compare") > 0) {
    line.action = Action::compare;
    const auto& files = values["compare"].as<std::vector<std::string>>();
    if (files.size() != 2) throw UsageError("--compare takes two files");
    line.compared = {files[0], files[1]};
  } else {
    line.options = read(values);
    check(line.options, values);
  }
  return line;
}

std::string usage() {
  std::ostringstream out;
  out << "Usage: resflow-bench MODE [options]\n"
         "       resflow-bench --compare a.json b.json\n\n"
         "Puts a RES gateway under load: plays its clients and, unless told otherwise, the service behind it.\n\n"
         "Modes:\n";
  for (const ModeInfo& m : kModes) {
    std::string name = m.name;
    name.resize(8, ' ');
    out << "  " << name << m.job << '\n';
  }
  out << '\n'
      << describe()
      << "\nWith a rate, latency counts from the time at which an event or call was due; own_delay is how much of it "
         "this\n"
         "program was late itself. Exit code 0: measured; 1: the gateway or its service failed; 2: the command line "
         "is\n"
         "wrong.\n";
  return out.str();
}

std::string name_of(Mode mode) {
  return info_of(mode).name;
}

std::vector<std::pair<std::string, std::string>> settings_of(const Options& o) {
  const auto text = [](double value) {
    std::ostringstream out;
    out << value;
    return out.str();
  };
  return {{"conns", std::to_string(o.conns)},
          {"rate", text(o.rate)},
          {"secs", text(o.seconds)},
          {"window", std::to_string(o.window)},
          {"items", std::to_string(o.items)},
          {"size", std::to_string(o.text_bytes)},
          {"event_size", std::to_string(o.event_bytes)},
          {"service", o.play_service ? "own" : o.rid}};
}

}  // namespace resflow::bench
