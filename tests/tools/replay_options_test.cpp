// The command line of resflow-replay.
#include "tools/replay/options.hpp"

#include <catch2/catch.hpp>

using namespace resflow::replay;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

CommandLine parse(const Strings& args) {
  std::vector<const char*> argv{"resflow-replay"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
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

TEST_CASE("Replay options: a file is enough", "[replay]") {
  const CommandLine line = parse({"a.jsonl"});
  CHECK(line.action == Action::play);
  const Options& o = line.options;
  CHECK(o.files == Strings{"a.jsonl"});
  CHECK(o.speed == 0);
  CHECK_FALSE(o.speed_given);
  CHECK(o.differences == 1);
  CHECK(o.from == 0);
  CHECK(o.to == -1);
  CHECK(o.conns.empty());
  CHECK(o.rids.empty());
  CHECK(o.export_file.empty());
  CHECK_FALSE(o.allow_remote);
  CHECK_FALSE(o.quiet);
}

TEST_CASE("Replay options: every one of them", "[replay]") {
  const Options o =
      parse({"--speed",        "10",  "--diff=5", "--from", "1.5",   "--to",   "2",        "--conn", "0.1",
             "--conn",         "cid", "--rid",    "test.a", "--rid", "test.b", "--export", "b.gz",   "--quiet",
             "--allow-remote", "a.1", "a.2"})
          .options;
  CHECK(o.files == Strings{"a.1", "a.2"});
  CHECK(o.speed == 10);
  CHECK(o.speed_given);
  CHECK(o.differences == 5);
  CHECK(o.from == 1.5);
  CHECK(o.to == 2);
  CHECK(o.conns == Strings{"0.1", "cid"});
  CHECK(o.rids == Strings{"test.a", "test.b"});
  CHECK(o.export_file == "b.gz");
  CHECK(o.allow_remote);
  CHECK(o.quiet);
  CHECK(parse({"a", "--speed", "max"}).options.speed == 0);
  CHECK(parse({"a", "--speed", "max"}).options.speed_given);
  CHECK(parse({"a", "--diff", "0"}).options.differences == 0);
}

TEST_CASE("Replay options: other things to do", "[replay]") {
  CHECK(parse({"--help"}).action == Action::help);
  CHECK(parse({"-h", "--to", "x"}).action == Action::help);
  CHECK(parse({"-v"}).action == Action::version);
  const CommandLine live = parse({"a", "--to", "ws://127.0.0.1:1/x", "--speed", "2"});
  CHECK(live.action == Action::play_to_gateway);
  CHECK(live.options.address == "ws://127.0.0.1:1/x");
  CHECK(live.options.to == -1);
  const CommandLine har = parse({"--import-har", "a.har", "--export", "b.jsonl"});
  CHECK(har.action == Action::import_har);
  CHECK(har.options.har_file == "a.har");
  CHECK(har.options.export_file == "b.jsonl");
  for (const char* name : {"--speed", "--diff", "--from", "--to", "--conn", "--rid", "--import-har", "--export",
                           "--allow-remote", "--quiet"}) {
    CHECK_THAT(usage(), Contains(name));
  }
}

TEST_CASE("Replay options: what makes no sense", "[replay]") {
  CHECK_THAT(complaint({}), Contains("which capture?"));
  CHECK_THAT(complaint({"--quiet"}), Contains("which capture?"));
  CHECK_THAT(complaint({"a", "--bogus"}), Contains("bogus"));
  CHECK_THAT(complaint({"a", "--diff"}), Contains("diff"));
  for (const char* option : {"--diff", "--from", "--to", "--speed"}) {
    for (const char* value : {"x", "-1", "", "nan", "inf", "1e300", "1x", "1 "}) {
      CAPTURE(option, value);
      CHECK_THAT(complaint({"a", std::string(option) + '=' + value}), Contains(option));
    }
  }
  CHECK_THAT(complaint({"a", "--speed", "0"}), Contains("--speed: '0' is no number from 0.001"));
  CHECK_THAT(complaint({"a", "--from", "2", "--to", "1"}), Contains("--from"));
  CHECK_FALSE(complaint({"a", "--to", "1", "--to", "2"}).empty());
}

TEST_CASE("Replay options: what would have no effect is refused", "[replay]") {
  for (const Strings& other : {Strings{"--conn", "1.1"}, Strings{"--rid", "a"}, Strings{"--export", "b"},
                               Strings{"--from", "1"}, Strings{"--diff", "2"}}) {
    Strings args{"a", "--to", "ws://127.0.0.1:1/"};
    args.insert(args.end(), other.begin(), other.end());
    CAPTURE(other[0]);
    CHECK_THAT(complaint(args), Contains(other[0]) && Contains("gateway"));
  }
  CHECK_THAT(complaint({"--import-har", "a"}), Contains("--export"));
  for (const Strings& other :
       {Strings{"a.jsonl"}, Strings{"--speed", "1"}, Strings{"--to", "ws://127.0.0.1:1/"}, Strings{"--conn", "1.1"}}) {
    Strings args{"--import-har", "a", "--export", "b"};
    args.insert(args.end(), other.begin(), other.end());
    CAPTURE(other[0]);
    CHECK_THAT(complaint(args), Contains("--import-har"));
  }
}
