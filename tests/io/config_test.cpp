// The command line and the configuration file: defaults, precedence, each option, and what is said of a bad value.
#include "io/config.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

using namespace resflow;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

CommandLine parse(const Strings& args) {
  std::vector<const char*> argv{"resflow"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

Config config_of(const Strings& args) {
  const CommandLine line = parse(args);
  CHECK(line.action == Action::run);
  return line.config;
}

// What is said of these; empty when they are accepted.
std::string complaint(const Strings& args) {
  try {
    parse(args);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return {};
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("resflow_config_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& text) const {
    std::ofstream(path_ / "config.json") << text;
    return file("config.json");
  }

 private:
  std::filesystem::path path_;
};

Config from_file(const std::string& text, Strings args = {}) {
  const Folder folder;
  args.insert(args.end(), {"--config", folder.write(text)});
  return config_of(args);
}

std::string file_complaint(const std::string& text) {
  const Folder folder;
  return complaint({"--config", folder.write(text)});
}

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("config: defaults") {
  const Config c = config_of({});
  CHECK(c.nats_url == "nats://127.0.0.1:4222");
  CHECK(c.addr == "0.0.0.0");
  CHECK(c.port == 8080);
  CHECK(c.ws_path == "/");
  CHECK(c.request_timeout_ms == 3'000);
  CHECK_FALSE(c.debug);
  CHECK_FALSE(c.trace);
  CHECK(c.lanes == 1);
  CHECK(c.max_message_bytes == 1 << 20);
  CHECK(c.warnings.empty());
}

TEST_CASE("config: each option of the command line, by its long and short name") {
  const Config all_long = config_of({"--nats", "nats://a:1,nats://b:2", "--addr", "::1", "--port", "0", "--wspath",
                                     "/ws", "--reqtimeout=5000", "--lanes=4", "--debug", "--trace"});
  CHECK(all_long.nats_url == "nats://a:1,nats://b:2");
  CHECK(all_long.addr == "::1");
  CHECK(all_long.port == 0);
  CHECK(all_long.ws_path == "/ws");
  CHECK(all_long.request_timeout_ms == 5'000);
  CHECK(all_long.lanes == 4);
  CHECK(all_long.debug);
  CHECK(all_long.trace);
  const Config all_short =
      config_of({"-n", "nats://c:3", "-i", "127.0.0.1", "-p", "65535", "-w", "/x", "-r", "100", "-DV"});
  CHECK(all_short.nats_url == "nats://c:3");
  CHECK(all_short.addr == "127.0.0.1");
  CHECK(all_short.port == 65535);
  CHECK(all_short.ws_path == "/x");
  CHECK(all_short.request_timeout_ms == 100);
  CHECK(all_short.debug);
  CHECK(all_short.trace);
  CHECK(config_of({"--lanes", "64"}).lanes == 64);
}

TEST_CASE("config: what is asked for instead of a run") {
  for (const char* option : {"--help", "-h"}) CHECK(parse({option}).action == Action::help);
  for (const char* option : {"--version", "-v"}) CHECK(parse({option}).action == Action::version);
  CHECK(parse({"--graph"}).action == Action::graph);
  CHECK_THAT(usage(), Contains("--nats") && Contains("--lanes") && Contains("127.0.0.1:4222"));
}

TEST_CASE("config: a bad value on the command line is told with its option and what is allowed") {
  const std::vector<std::tuple<Strings, std::string, std::string>> cases{
      {{"--port", "65536"}, "port \"65536\"", "0 to 65535"},
      {{"--port", "-1"}, "port \"-1\"", "0 to 65535"},
      {{"--port", "80x"}, "port \"80x\"", "number"},
      {{"--port", "99999999999999999999"}, "port \"99999999999999999999\"", "number"},
      {{"--port="}, "port", ""},
      {{"--lanes", "0"}, "lanes \"0\"", "1 to 64"},
      {{"--lanes", "65"}, "lanes \"65\"", "1 to 64"},
      {{"--lanes", "1.5"}, "lanes \"1.5\"", "number"},
      {{"--reqtimeout", "0"}, "reqtimeout \"0\"", "number"},
      {{"--reqtimeout", "3s"}, "reqtimeout \"3s\"", "number"},
      {{"--addr", "example.com"}, "addr \"example.com\"", "IPv4 or IPv6"},
      {{"--addr", "127.0.0.256"}, "addr \"127.0.0.256\"", "IPv4 or IPv6"},
      {{"--wspath", "ws"}, "wspath \"ws\"", "/"},
      {{"--nats", ""}, "nats", "URL"},
      {{"--what"}, "what", "--help"},
      {{"--port"}, "port", ""},
      {{"--por", "1"}, "por", "--help"},
      {{"--port", "1", "--port", "2"}, "port", "--help"},
      {{"surplus"}, "positional", "--help"},
  };
  for (const auto& [args, what, allowed] : cases) {
    INFO(args.front() << ' ' << args.back());
    const std::string text = complaint(args);
    CHECK_FALSE(text.empty());
    CHECK_THAT(text, Contains(what) && Contains(allowed));
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("config: a time limit that looks like seconds is taken for seconds, with a warning") {
  const Config c = config_of({"--reqtimeout", "10"});
  CHECK(c.request_timeout_ms == 10'000);
  REQUIRE(c.warnings.size() == 1);
  CHECK_THAT(c.warnings[0], Contains("milliseconds"));
  CHECK(config_of({"--reqtimeout", "11"}).request_timeout_ms == 11);
}

TEST_CASE("config: each property of the file") {
  const Config c =
      from_file(R"({"natsUrl":"nats://x:1","addr":"10.0.0.1","port":9000,"wsPath":"/ws","requestTimeout":700,
    "debug":true,"trace":true,"lanes":3,"maxMessageBytes":2048,"maxOutboxBytes":70000,"maxPendingRequests":5})");
  CHECK(c.nats_url == "nats://x:1");
  CHECK(c.addr == "10.0.0.1");
  CHECK(c.port == 9000);
  CHECK(c.ws_path == "/ws");
  CHECK(c.request_timeout_ms == 700);
  CHECK(c.debug);
  CHECK(c.trace);
  CHECK(c.lanes == 3);
  CHECK(c.max_message_bytes == 2'048);
  CHECK(c.max_outbox_bytes == 70'000);
  CHECK(c.max_pending_requests == 5);
  CHECK(c.warnings.empty());
}

TEST_CASE("config: null is as if it were missing, and a port of 0 the standard one") {
  const Config c = from_file(R"({"natsUrl":null,"addr":null,"port":0,"wsPath":"","lanes":null,"tls":null})");
  CHECK(c.nats_url == "nats://127.0.0.1:4222");
  CHECK(c.addr == "0.0.0.0");
  CHECK(c.port == 80);
  CHECK(c.ws_path == "/");
  CHECK(c.lanes == 1);
}

TEST_CASE("config: the command line goes over the file, the file over the defaults") {
  const std::string file = R"({"natsUrl":"nats://file:1","port":9000,"lanes":3,"requestTimeout":700,"debug":true})";
  const Config c = from_file(file, {"--port", "9001", "-n", "nats://line:2", "--trace"});
  CHECK(c.port == 9001);
  CHECK(c.nats_url == "nats://line:2");
  CHECK(c.lanes == 3);
  CHECK(c.request_timeout_ms == 700);
  CHECK(c.debug);
  CHECK(c.trace);
  CHECK(c.ws_path == "/");
}

TEST_CASE("config: a bad value in the file is told with its property and what is allowed") {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {R"({"port":65536})", "port 65536", "0 to 65535"},
      {R"({"port":"80"})", "port \"80\"", "0 to 65535"},
      {R"({"port":80.5})", "port", "0 to 65535"},
      {R"({"port":99999999999999999999})", "port", "0 to 65535"},
      {R"({"natsUrl":5})", "natsUrl 5", "string"},
      {R"({"natsUrl":""})", "nats", "URL"},
      {R"({"addr":["::"]})", "addr [\"::\"]", "string"},
      {R"({"addr":"nowhere"})", "addr \"nowhere\"", "IPv4 or IPv6"},
      {R"({"wsPath":"ws"})", "ws", "/"},
      {R"({"wsPath":true})", "wsPath true", "string"},
      {R"({"requestTimeout":0})", "requestTimeout 0", "number"},
      {R"({"requestTimeout":"3s"})", "requestTimeout \"3s\"", "number"},
      {R"({"debug":1})", "debug 1", "true or false"},
      {R"({"trace":"yes"})", "trace \"yes\"", "true or false"},
      {R"({"lanes":65})", "lanes 65", "1 to 64"},
      {R"({"maxMessageBytes":1})", "maxMessageBytes 1", "1024"},
      {R"({"maxOutboxBytes":-1})", "maxOutboxBytes -1", "65536"},
      {R"({"maxPendingRequests":0})", "maxPendingRequests 0", "number"},
  };
  for (const auto& [file, what, allowed] : cases) {
    INFO(file);
    const std::string text = file_complaint(file);
    CHECK_FALSE(text.empty());
    CHECK_THAT(text, Contains(what) && Contains(allowed));
  }
}

TEST_CASE("config: a file that is no JSON object is refused, by its name") {
  for (const char* text : {"", "[]", "null", "{", R"({"port":80}})", R"({"port":})", "port: 80"}) {
    INFO(text);
    CHECK_THAT(file_complaint(text), Contains("config.json") && Contains("JSON"));
  }
}

TEST_CASE("config: a file that does not exist is written, and reads back") {
  const Folder folder;
  const std::string path = folder.file("new.json");
  const Config first = config_of({"--config", path, "--port", "9001"});
  CHECK(first.port == 9001);
  REQUIRE(std::filesystem::exists(path));
  const std::string written = read(path);
  const Config second = config_of({"-c", path});
  CHECK(second.warnings.empty());
  const Config defaults;
  CHECK(second.nats_url == defaults.nats_url);
  CHECK(second.addr == defaults.addr);
  CHECK(second.port == defaults.port);
  CHECK(second.ws_path == defaults.ws_path);
  CHECK(second.request_timeout_ms == defaults.request_timeout_ms);
  CHECK(second.debug == defaults.debug);
  CHECK(second.trace == defaults.trace);
  CHECK(second.lanes == defaults.lanes);
  CHECK(second.max_message_bytes == defaults.max_message_bytes);
  CHECK(second.max_outbox_bytes == defaults.max_outbox_bytes);
  CHECK(second.max_pending_requests == defaults.max_pending_requests);
  CHECK(read(path) == written);
}

TEST_CASE("config: a file that cannot be written or read is told by its name") {
  const Folder folder;
  CHECK_THAT(complaint({"--config", folder.file("none/config.json")}), Contains("none/config.json"));
  CHECK_THAT(complaint({"--config", folder.file("")}), Contains(folder.file("")));
}

TEST_CASE("config: an unknown property is warned of") {
  const Config c = from_file(R"({"port":9000,"prot":9001})");
  CHECK(c.port == 9000);
  REQUIRE(c.warnings.size() == 1);
  CHECK_THAT(c.warnings[0], Contains("prot"));
}

TEST_CASE("config: a property of comfort that is not supported is warned of, when it asks for something") {
  CHECK(from_file(R"({"metricsPort":0,"resetThrottle":0,"wsCompression":false,"putMethod":null,"apiPath":"/api",
    "apiEncoding":"json","bufferSize":8192,"referenceThrottle":0})")
            .warnings.empty());
  const Config c = from_file(R"({"metricsPort":9090,"wsCompression":true,"putMethod":"set"})");
  REQUIRE(c.warnings.size() == 3);
  CHECK_THAT(c.warnings[0], Contains("metricsPort"));
}

TEST_CASE("config: a property of protection that is not supported is refused, unless it asks for nothing") {
  for (const char* file : {R"({"tls":true})", R"({"headerAuth":"auth.login"})", R"({"wsHeaderAuth":"auth.login"})",
                           R"({"allowOrigin":"https://example.com"})", R"({"natsCreds":"file"})", R"({"natsCert":"f"})",
                           R"({"natsKey":"f"})", R"({"natsRootCAs":["f"]})", R"({"tls":1})", R"({"tls":{"a":1}})"}) {
    INFO(file);
    const std::string name = std::string(file).substr(2, std::string(file).find(':') - 3);
    CHECK_THAT(file_complaint(file), Contains(name) && Contains("not supported"));
  }
  CHECK(from_file(
            R"({"tls":false,"headerAuth":null,"wsHeaderAuth":"","allowOrigin":"*","natsCreds":"","natsRootCAs":[]})")
            .warnings.empty());
}
