#include "io/config.hpp"

#include <arpa/inet.h>

#include <boost/program_options.hpp>
#include <sstream>

namespace resflow {

namespace {

namespace po = boost::program_options;

constexpr unsigned kMaxLanesOption = 64;

// What was parsed refers to it, so it lives on.
const po::options_description& describe() {
  static const po::options_description options = [] {
    po::options_description all("Options");
    all.add_options()  //
        ("nats,n", po::value<std::string>()->value_name("url"),
         "NATS server URL, several separated by commas "
         "(default: nats://127.0.0.1:4222)")                                                                         //
        ("addr,i", po::value<std::string>()->value_name("host"), "IP address to bind to (default: 0.0.0.0)")         //
        ("port,p", po::value<std::string>()->value_name("port"), "Port for clients (default: 8080)")                 //
        ("wspath,w", po::value<std::string>()->value_name("path"), "WebSocket path for clients (default: /)")        //
        ("reqtimeout,r", po::value<std::string>()->value_name("ms"), "Time limit of NATS requests (default: 3000)")  //
        ("config,c", po::value<std::string>()->value_name("file"), "Configuration file in JSON format")              //
        ("lanes", po::value<std::string>()->value_name("count"), "Threads that share the work (default: 1)")         //
        ("debug,D", po::bool_switch(), "Enable debug logging")                                                       //
        ("trace,V", po::bool_switch(), "Enable trace logging")                                                       //
        ("graph", po::bool_switch(), "Print the flow graph as Graphviz DOT and exit")                                //
        ("help,h", po::bool_switch(), "Show this message")                                                           //
        ("version,v", po::bool_switch(), "Show version");
    return all;
  }();
  return options;
}

std::int64_t number(const std::string& option, const std::string& text, std::int64_t min, std::int64_t max) {
  try {
    std::size_t used = 0;
    const std::int64_t value = std::stoll(text, &used);
    if (used == text.size() && value >= min && value <= max) return value;
  } catch (const std::exception&) {
    // said below
  }
  throw ConfigError("invalid " + option + " \"" + text + "\": must be a number from " + std::to_string(min) + " to " +
                    std::to_string(max));
}

// Go's flag package takes -DV as one option of that name; bundled short switches say the same.
po::variables_map parse(int argc, const char* const* argv) {
  po::variables_map values;
  try {
    using namespace po::command_line_style;
    const po::positional_options_description none;
    const auto parsed = po::command_line_parser(argc, argv)
                            .options(describe())
                            .positional(none)
                            .style(unix_style ^ allow_guessing)
                            .run();
    po::store(parsed, values);
    po::notify(values);
  } catch (const po::error& e) {
    throw ConfigError(std::string(e.what()) + "; see --help");
  }
  return values;
}

void check(const Config& c) {
  in_addr v4{};
  in6_addr v6{};
  if (!c.addr.empty() && inet_pton(AF_INET, c.addr.c_str(), &v4) != 1 &&
      inet_pton(AF_INET6, c.addr.c_str(), &v6) != 1) {
    throw ConfigError("invalid addr \"" + c.addr + "\": must be an IPv4 or IPv6 address");
  }
  if (c.ws_path.empty() || c.ws_path.front() != '/') {
    throw ConfigError("invalid wspath \"" + c.ws_path + "\": must start with /");
  }
  if (c.nats_url.empty()) throw ConfigError("invalid nats \"\": must be a URL");
}

void override_with(const po::variables_map& values, Config& c) {
  const auto text = [&](const char* name) { return values[name].as<std::string>(); };
  if (values.count("nats")) c.nats_url = text("nats");
  if (values.count("addr")) c.addr = text("addr");
  if (values.count("port")) c.port = static_cast<std::uint16_t>(number("port", text("port"), 0, 65535));
  if (values.count("wspath")) c.ws_path = text("wspath");
  if (values.count("reqtimeout")) c.request_timeout_ms = number("reqtimeout", text("reqtimeout"), 1, 86'400'000);
  if (values.count("lanes")) c.lanes = static_cast<unsigned>(number("lanes", text("lanes"), 1, kMaxLanesOption));
  if (values["debug"].as<bool>()) c.debug = true;
  if (values["trace"].as<bool>()) c.trace = true;
}

}  // namespace

std::string usage() {
  std::ostringstream out;
  out << "Usage: resflow [options]\n\n" << describe() << "\nSeveral lanes pay on machines with more than two cores.\n";
  return out.str();
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  const po::variables_map values = parse(argc, argv);
  CommandLine line;
  if (values["help"].as<bool>()) line.action = Action::help;
  if (values["version"].as<bool>()) line.action = Action::version;
  if (values["graph"].as<bool>()) line.action = Action::graph;
  if (line.action != Action::run) return line;
  if (values.count("config")) load_config_file(values["config"].as<std::string>(), line.config);
  override_with(values, line.config);
  check(line.config);
  if (line.config.request_timeout_ms <= 10) {
    line.config.warnings.push_back("The request timeout is in milliseconds: taking " +
                                   std::to_string(line.config.request_timeout_ms) + " for seconds");
    line.config.request_timeout_ms *= 1'000;
  }
  return line;
}

}  // namespace resflow
