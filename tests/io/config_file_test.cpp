// The configuration file: every property, the messages for invalid values, the file that is written when none exists,
// and the output of --checkconfig.
#include <sys/stat.h>

#include <boost/json.hpp>

#include "io/config/config_options.hpp"
#include "tests/io/config_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

std::string object(const std::string& name, const std::string& json) {
  return "{\"" + name + "\":" + json + '}';
}

std::string swapped_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::islower(c) != 0 ? std::toupper(c) : std::tolower(c));
  return text;
}

// Returns a command line on which every option has a value that is not its default.
Strings everything() {
  Strings args;
  for (const OptionCase& option : option_cases()) {
    if (!option.name.empty()) args.push_back("--" + option.name + '=' + option.text);
  }
  return args;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

}  // namespace

TEST_CASE("config file: every property, in any case") {
  for (const OptionCase& option : option_cases()) {
    for (const std::string& name : {option.property, swapped_case(option.property)}) {
      INFO(name);
      const Config c = from_file(object(name, option.json), option.companions);
      CHECK(option.holds(c));
      CHECK(c.warnings.empty());
      CHECK(c.notes.size() == (option.name.empty() ? 1 : 0));
    }
  }
}

TEST_CASE("config file: a certificate and its key by their documented names, and by those that Resgate reads") {
  const Config documented = from_file(R"({"tlsCert":"c","tlsKey":"k"})");
  CHECK(documented.tls_cert == "c");
  CHECK(documented.tls_key == "k");
  CHECK(documented.warnings.empty());
  const Config both = from_file(R"({"certFile":"a","tlsCert":"b"})");
  CHECK(both.tls_cert == "b");
  REQUIRE(both.warnings.size() == 1);
  CHECK_THAT(both.warnings[0], Contains("certFile") && Contains("tlsCert"));
  CHECK_THAT(file_complaint(R"({"tlsKey":1})"), Contains("tlsKey 1") && Contains("text"));
}

TEST_CASE("config file: null is as if it were not there, and so is what says nothing") {
  for (const OptionCase& option : option_cases()) {
    INFO(option.property);
    CHECK(effective_config(from_file(object(option.property, "null"))) == effective_config(Config()));
  }
  const Config c = from_file(R"({"natsUrl":"","wsPath":"","apiPath":"","apiEncoding":"","requestTimeout":0,
    "bufferSize":0,"headerAuth":"","wsHeaderAuth":"","putMethod":"","natsRootCAs":[]})");
  CHECK(effective_config(c) == effective_config(Config()));
  CHECK(c.warnings.empty());
}

TEST_CASE("config file: a port of 0 is the standard one") {
  CHECK(from_file(R"({"port":0})").port == 80);
  CHECK(from_file(R"({"port":0,"tls":true,"tlsCert":"c","tlsKey":"k"})").port == 443);
  CHECK(from_file(R"({"port":0})", {"--tls", "--tlscert=c", "--tlskey=k"}).port == 443);
  CHECK_THAT(file_complaint(R"({"port":0,"metricsPort":80})"), Contains("metricsport 80"));
}

TEST_CASE("config file: a buffer size is taken, and said to have no effect") {
  CHECK(from_file(R"({"bufferSize":8192})").notes.empty());
  const Config c = from_file(R"({"bufferSize":64})");
  CHECK(c.warnings.empty());
  REQUIRE(c.notes.size() == 1);
  CHECK_THAT(c.notes[0], Contains("bufferSize") && Contains("no effect"));
}

TEST_CASE("config file: a bad value is told with its property and what is allowed") {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {R"({"port":65536})", "port 65536", "0 to 65535"},
      {R"({"PORT":65536})", "PORT 65536", "0 to 65535"},
      {R"({"port":"80"})", "port \"80\"", "0 to 65535"},
      {R"({"port":80.5})", "port", "0 to 65535"},
      {R"({"port":8e1})", "port", "0 to 65535"},
      {R"({"port":-1})", "port -1", "0 to 65535"},
      {R"({"port":true})", "port true", "0 to 65535"},
      {R"({"port":18446744073709551615})", "port 18446744073709551615", "0 to 65535"},
      {R"({"port":99999999999999999999})", "port", "0 to 65535"},
      {R"({"metricsPort":70000})", "metricsPort 70000", "0 to 65535"},
      {R"({"natsUrl":5})", "natsUrl 5", "text"},
      {R"({"addr":["::"]})", "addr [\"::\"]", "IPv4 or IPv6"},
      {R"({"addr":"nowhere"})", "addr \"nowhere\"", "IPv4 or IPv6"},
      {R"({"addr":"127.0.0.1\u0000"})", "addr", "IPv4 or IPv6"},
      {R"({"natsCreds":"a\u0000b"})", "natsCreds", "text"},
      {R"({"wsPath":true})", "wsPath true", "text"},
      {R"({"apiPath":1})", "apiPath 1", "path"},
      {R"({"requestTimeout":-5})", "requestTimeout -5", "number"},
      {R"({"requestTimeout":"3s"})", "requestTimeout \"3s\"", "number"},
      {R"({"headerAuth":"test"})", "headerAuth \"test\"", "resource method"},
      {R"({"wsHeaderAuth":{}})", "wsHeaderAuth {}", "resource method"},
      {R"({"apiEncoding":"xml"})", "apiEncoding \"xml\"", "json or jsonflat"},
      {R"({"putMethod":"foo.bar"})", "putMethod \"foo.bar\"", "call method"},
      {R"({"natsRootCAs":"root.pem"})", "natsRootCAs \"root.pem\"", "list"},
      {R"({"natsRootCAs":["a",1]})", "natsRootCAs [\"a\",1]", "list"},
      {R"({"allowOrigin":""})", "allowOrigin \"\"", "* alone"},
      {R"({"allowOrigin":["*"]})", "allowOrigin [\"*\"]", "* alone"},
      {R"({"debug":1})", "debug 1", "true or false"},
      {R"({"trace":"yes"})", "trace \"yes\"", "true or false"},
      {R"({"resetThrottle":1.5})", "resetThrottle", "whole number"},
      {R"({"bufferSize":-1})", "bufferSize -1", "number"},
      {R"({"lanes":65})", "lanes 65", "1 to 64"},
      {R"({"maxMessageBytes":1})", "maxMessageBytes 1", "1024"},
      {R"({"maxOutboxBytes":-1})", "maxOutboxBytes -1", "65536"},
      {R"({"maxPendingRequests":0})", "maxPendingRequests 0", "number"},
      {R"({"logFormat":"xml"})", "logFormat \"xml\"", "text or json"},
  };
  for (const auto& [file, what, allowed] : cases) {
    INFO(file);
    CHECK_THAT(file_complaint(file),
               Contains("config.json: invalid " + what) && Contains("must be") && Contains(allowed));
  }
  CHECK_THAT(file_complaint(R"({"natsUrl":["nats://u:secret@host"]})"), Contains("natsUrl") && !Contains("secret"));
}

TEST_CASE("config file: what is no JSON is told with its line and column") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "line 1, column 1"},
      {"{", "line 1, column 2"},
      {"port: 80", "line 1, column 1"},
      {"// c\n{}", "line 1, column 1"},
      {R"({"port":80}})", "line 1, column 12"},
      {R"({"port":})", "line 1, column 9"},
      {"{\n\t\"port\": 80,\n\t\"addr\": tru\n}\n", "line 3, column 10"},
      {"{\n  \"ä\": 1,\n  \"é\": x\n}", "line 3, column 8"},
      {"{\n\n\"a\": 1,\n}", "line 4, column 1"},
  };
  for (const auto& [file, position] : cases) {
    INFO(file);
    CHECK_THAT(file_complaint(file), Contains("config.json: " + position) && Contains("not JSON"));
  }
  CHECK_THAT(file_complaint("{\"port\":80,}"), Contains("invalid character '}'"));
  CHECK_FALSE(file_complaint("{\"a\":" + std::string(20'000, '[') + std::string(20'000, ']') + '}').empty());
  for (const char* text : {"[]", "5", "\"x\""}) {
    CHECK_THAT(file_complaint(text), Contains("config.json") && Contains("JSON object"));
  }
  CHECK(effective_config(from_file("null")) == effective_config(Config()));
}

TEST_CASE("config file: what Go reads is read") {
  CHECK(from_file(R"({"x\ud83d":"\ud83d","port":9000})").port == 9000);
  CHECK(from_file("{\"a\":\"\xff\",\"port\":9000}").port == 9000);
  CHECK(from_file(R"({"certFile":"\ud83d"})").tls_cert == "\uFFFD");
  CHECK(from_file("{\"a\":" + std::string(5'000, '[') + std::string(5'000, ']') + ",\"port\":9000}").port == 9000);
  CHECK(from_file(R"({"port":9000,"port":null})").port == 9000);
  CHECK(from_file(R"({"port":9000,"port":9001})").port == 9001);
}

TEST_CASE("config file: a byte order mark at its head is no part of it") {
  CHECK(from_file("\xEF\xBB\xBF{\"port\":9000}").port == 9000);
  CHECK_THAT(file_complaint("\xEF\xBB\xBF{\"port\":}"), Contains("line 1, column 9"));
  CHECK_THAT(file_complaint("\xEF\xBB\xBF\xEF\xBB\xBF{}"), Contains("line 1, column 1") && Contains("not JSON"));
  CHECK_FALSE(file_complaint("\xEF\xBB{}").empty());
}

TEST_CASE("config file: one that cannot be written is warned of, and the options hold") {
  const Folder folder;
  const Config c = config_of({"--config", folder.file("none/config.json"), "--port", "9000"});
  CHECK(c.port == 9000);
  REQUIRE(c.warnings.size() == 1);
  CHECK_THAT(c.warnings[0], Contains("none/config.json: No such file or directory"));
}

TEST_CASE("config file: one that cannot be read, or is too large, is told by its name") {
  const Folder folder;
  CHECK_THAT(complaint({"--config", folder.path().string()}),
             Contains(folder.path().string()) && Contains("directory"));
  CHECK_THAT(complaint({"--config", folder.write(std::string((1 << 20) + 1, ' '))}), Contains("1048576 bytes"));
  CHECK(complaint({"--config", folder.write("{}" + std::string((1 << 20) - 2, ' '))}).empty());
}

TEST_CASE("config file: an unknown property is warned of") {
  const Config c = from_file(R"({"port":9000,"prot":9001,"config":"x","":1})");
  CHECK(c.port == 9000);
  REQUIRE(c.warnings.size() == 3);
  CHECK_THAT(c.warnings[0], Contains("\"prot\""));
}

TEST_CASE("config file: one that does not exist is written with what holds, and reads back as that") {
  const Folder folder;
  const std::string path = folder.file("new.json");
  const Variable variable("RESFLOW_MAXPENDINGREQUESTS", "77");
  const Config first = config_of({"--config", path, "--port", "9001", "-DV"});
  CHECK(first.port == 9001);
  const std::string written = read(path);
  CHECK(written == effective_config(first));
  CHECK_THAT(written, Contains("\n\t\"port\": 9001,\n") && Contains("\"maxPendingRequests\": 77"));
  const Config second = config_of({"-c", path});
  CHECK(second.warnings.empty());
  CHECK(effective_config(second) == written);
  CHECK(read(path) == written);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("config file: everything reads back as it was written") {
  const Folder folder;
  const std::string path = folder.file("new.json");
  Strings args = everything();
  args.insert(args.end(), {"--config", path});
  const Config first = config_of(args);
  const Config second = config_of({"-c", path});
  CHECK(read(path) == effective_config(second));
  for (const OptionCase& option : option_cases()) {
    if (option.name.empty()) continue;
    INFO(option.name);
    CHECK(option.holds(first));
    CHECK(option.holds(second));
  }
}

TEST_CASE("config file: the written file has every property, in tabbed lines") {
  const std::string text = effective_config(Config());
  const auto object = boost::json::parse(text).as_object();
  for (const Option& o : config_options()) {
    if (!o.property.empty()) CHECK_THAT(text, Contains("\n\t\"" + std::string(o.property) + "\": "));
  }
  CHECK(object.at("natsUrl") == "nats://127.0.0.1:4222");
  CHECK(object.at("requestTimeout") == 3000);
  CHECK(object.at("bufferSize") == 8192);
  CHECK(object.at("headerAuth").is_null());
  CHECK(object.at("putMethod").is_null());
  CHECK(object.at("natsRootCAs").as_array().empty());
  CHECK(object.at("allowOrigin") == "*");
  CHECK(object.at("tls") == false);
}

TEST_CASE("config file: a new one is for all to read whom the umask allows, one with a password for its owner") {
  const Folder folder;
  const auto mode_with = [&](mode_t mask, const Strings& args) {
    const Umask umask(mask);
    const std::string path = folder.file("mode.json");
    std::filesystem::remove(path);
    Strings all = args;
    all.insert(all.end(), {"--config", path});
    config_of(all);
    return mode_of(path);
  };
  CHECK(mode_with(0, {}) == 0664);
  CHECK(mode_with(022, {}) == 0644);
  CHECK(mode_with(077, {}) == 0600);
  CHECK(mode_with(0, {"-n", "nats://user:secret@host"}) == 0600);
  CHECK_THAT(read(folder.file("mode.json")), Contains("user:secret@host"));
}

TEST_CASE("config file: none is written from options that are refused, nor for anything but a run") {
  const Folder folder;
  const std::string path = folder.file("new.json");
  CHECK_FALSE(complaint({"--config", path, "--tls"}).empty());
  for (const char* action : {"--help", "--version", "--graph", "--checkconfig"}) parse({"--config", path, action});
  CHECK_FALSE(std::filesystem::exists(path));
  const CommandLine line = parse({"--config", path, "--checkconfig"});
  REQUIRE(line.config.warnings.size() == 1);
  CHECK_THAT(line.config.warnings[0], Contains("new.json"));
}

TEST_CASE("config file: a port of the system's choice is not written down") {
  const Folder folder;
  const std::string path = folder.file("new.json");
  CHECK(config_of({"--config", path, "--port", "0"}).port == 0);
  CHECK(config_of({"--config", path}).port == 8080);
}

TEST_CASE("config file: the effective configuration says the same as a file, without credentials") {
  const Config c = config_of(everything());
  CHECK(effective_config(from_file(effective_config(c))) == effective_config(c));
  const std::string text = effective_config(config_of({"--nats", "nats://user:secret@a,nats://token@b:1"}));
  CHECK_THAT(text, Contains("\"nats://***@a,nats://***@b:1\"") && !Contains("secret") && !Contains("token"));
}
