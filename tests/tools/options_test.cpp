// The command line of resflow-bench, the load generator.
#include "tools/bench/options.hpp"

#include <catch2/catch.hpp>

#include "tools/bench/number_option.hpp"

using namespace resflow::bench;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

CommandLine parse(const Strings& args) {
  std::vector<const char*> argv{"resflow-bench"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

Options options(const Strings& args) {
  const CommandLine line = parse(args);
  CHECK(line.action == Action::run);
  return line.options;
}

// Returns the error message for these arguments, or an empty text if they are accepted.
std::string complaint(const Strings& args) {
  try {
    parse(args);
  } catch (const UsageError& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Options: a mode is enough", "[options]") {
  const Options o = options({"fanout"});
  CHECK(o.mode == Mode::fanout);
  CHECK(o.url == "ws://127.0.0.1:8080/");
  CHECK(o.nats_url == "nats://127.0.0.1:4222");
  CHECK(o.conns == 100);
  CHECK(o.rate == 0);
  CHECK(o.window == 64);
  CHECK(o.play_service);
  CHECK_FALSE(o.allow_remote);
}

TEST_CASE("Options: each mode by its name", "[options]") {
  for (const Mode mode : {Mode::fanout, Mode::spread, Mode::call, Mode::tree, Mode::idle, Mode::reset, Mode::mixed}) {
    CHECK(options({name_of(mode)}).mode == mode);
    CHECK(options({name_of(mode)}).window > 0);
    CHECK_THAT(usage(), Contains("  " + name_of(mode)));
  }
}

TEST_CASE("Options: every one of them", "[options]") {
  const Options o = options({"call",
                             "--url",
                             "ws://localhost:1/x",
                             "--nats=nats://localhost:2",
                             "--conns",
                             "7",
                             "--rate",
                             "2.5",
                             "--secs",
                             "0.25",
                             "--window",
                             "3",
                             "--items",
                             "9",
                             "--size",
                             "0",
                             "--event-size",
                             "100",
                             "--patience",
                             "4",
                             "--pid",
                             "12",
                             "--json",
                             "a.json",
                             "--plot",
                             "a.svg",
                             "--allow-remote",
                             "--quiet"});
  CHECK(o.url == "ws://localhost:1/x");
  CHECK(o.nats_url == "nats://localhost:2");
  CHECK(o.conns == 7);
  CHECK(o.rate == 2.5);
  CHECK(o.seconds == 0.25);
  CHECK(o.window == 3);
  CHECK(o.items == 9);
  CHECK(o.text_bytes == 0);
  CHECK(o.event_bytes == 100);
  CHECK(o.patience == 4);
  CHECK(o.gateway_pid == 12);
  CHECK(o.json_file == "a.json");
  CHECK(o.plot_file == "a.svg");
  CHECK(o.allow_remote);
  CHECK(o.quiet);
}

TEST_CASE("Options: other things to do", "[options]") {
  CHECK(parse({"--help"}).action == Action::help);
  CHECK(parse({"-v"}).action == Action::version);
  const CommandLine line = parse({"--compare", "a.json", "b.json"});
  CHECK(line.action == Action::compare);
  CHECK(line.compared == std::pair<std::string, std::string>("a.json", "b.json"));
  CHECK(complaint({"--compare", "a.json"}) == "--compare takes two files");
}

TEST_CASE("Options: what is out of bounds", "[options]") {
  CHECK(complaint({}) == "which mode? see --help");
  CHECK(complaint({"fan"}) == "there is no mode \"fan\"; see --help");
  CHECK(complaint({"call", "--conns", "0"}) == "invalid conns \"0\": must be a number from 1 to 1000000");
  CHECK(complaint({"call", "--conns", "1.5"}) == "invalid conns \"1.5\": must be a whole number");
  CHECK(complaint({"call", "--secs", "1e9"}) == "invalid secs \"1e9\": must be a number from 0.01 to 3600");
  CHECK_THAT(complaint({"call", "--rate", "nan"}), Contains("invalid rate"));
  CHECK_THAT(complaint({"call", "--rate", "-1"}), Contains("invalid rate"));
  CHECK_THAT(complaint({"call", "--rate", "5x"}), Contains("invalid rate"));
  CHECK_THAT(complaint({"call", "--window", "x"}), Contains("invalid window"));
  CHECK_THAT(complaint({"call", "--bogus"}), Contains("bogus"));
  CHECK_FALSE(complaint({"call", "fanout"}).empty());
  CHECK(complaint({"call", "--conns", "1000000", "--window", "6"}) ==
        "more than 5000000 calls would be under way at once");
}

TEST_CASE("Options: somebody else's service", "[options]") {
  const Options o = options({"call", "--no-service", "--rid", "test.{i}", "--method", "add"});
  CHECK_FALSE(o.play_service);
  CHECK(o.rid == "test.{i}");
  CHECK(o.method == "add");
  CHECK(complaint({"fanout", "--rid", "a"}) == "--rid and --method are for --no-service");
  CHECK(complaint({"fanout", "--no-service"}) == "--no-service needs --rid");
  CHECK(complaint({"call", "--no-service", "--rid", "a..b"}) == "\"a..b\" names no resource");
  CHECK(complaint({"call", "--no-service", "--rid", "a", "--method", "b.c"}) == "\"b.c\" names no method");
  CHECK(complaint({"reset", "--no-service", "--rid", "a"}) == "reset needs the service that this program plays");
  CHECK(complaint({"mixed", "--no-service", "--rid", "a"}) == "mixed needs the service that this program plays");
  CHECK_FALSE(complaint({"call", "--no-service", "--rid", "a", "--nats", "nats://localhost"}).empty());
}

TEST_CASE("Options: numbers") {
  CHECK(parse_number_option("1", 1, 2) == 1);
  CHECK(parse_number_option("1.5", 1, 2) == 1.5);
  CHECK(parse_number_option("15e-1", 1, 2) == 1.5);
  for (const char* text : {"", " 1", "1 ", "1x", "x", "nan", "inf", "-inf", "0.99", "2.01", "-1", "1e999", "0x1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number_option(text, 1, 2));
  }
  CHECK(range_text(0.01, 1'000'000) == "from 0.01 to 1000000");
}
