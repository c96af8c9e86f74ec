// The command line and the environment: every option in each spelling, which source takes precedence, and the messages
// for invalid values.
#include <set>

#include "io/config/config_options.hpp"
#include "tests/io/config_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

// Returns the option's name as part of the name of an environment variable.
std::string upper_case(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return text;
}

// Returns all ways to write an option on the command line.
std::vector<Strings> spellings(const OptionCase& option) {
  std::vector<Strings> all;
  for (const std::string& name : {option.name, option.letter}) {
    if (name.empty()) continue;
    for (const std::string dashes : {"-", "--"}) {
      all.push_back({dashes + name + '=' + option.text});
      all.push_back(option.flag() ? Strings{dashes + name} : Strings{dashes + name, option.text});
    }
  }
  return all;
}

Strings joined(const Strings& a, const Strings& b) {
  Strings all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

}  // namespace

TEST_CASE("config: the cases below are all that the table has") {
  std::set<std::string> names;
  std::set<std::string> properties;
  for (const OptionCase& c : option_cases()) {
    names.insert(c.name);
    properties.insert(c.property);
  }
  for (const Option& o : config_options()) {
    INFO(o.name << ' ' << o.property);
    if (!o.property.empty()) CHECK(properties.count(std::string(o.property)) == 1);
    if (!o.property.empty()) CHECK(names.count(std::string(o.name)) == 1);
    if (o.property.empty()) CHECK((o.action || o.name == "config" || o.name == "DV"));
  }
}

TEST_CASE("config: Resgate's options are all there, by their names and letters") {
  const std::vector<std::pair<std::string, char>> resgate{
      {"nats", 'n'},        {"addr", 'i'},           {"port", 'p'},           {"wspath", 'w'},
      {"apipath", 'a'},     {"reqtimeout", 'r'},     {"headauth", 'u'},       {"wsheadauth", 't'},
      {"metricsport", 'm'}, {"apiencoding", '\0'},   {"putmethod", '\0'},     {"deletemethod", '\0'},
      {"patchmethod", 0},   {"wscompression", '\0'}, {"resetthrottle", '\0'}, {"referencethrottle", '\0'},
      {"config", 'c'},      {"tls", '\0'},           {"tlscert", '\0'},       {"tlskey", '\0'},
      {"creds", '\0'},      {"natscert", '\0'},      {"natskey", '\0'},       {"natsrootca", '\0'},
      {"alloworigin", 0},   {"debug", 'D'},          {"trace", 'V'},          {"DV", '\0'},
      {"help", 'h'},        {"version", 'v'}};
  CHECK(resgate.size() == 30);
  for (const auto& [name, letter] : resgate) {
    const auto found = std::count_if(config_options().begin(), config_options().end(),
                                     [&](const Option& o) { return o.name == name && o.letter == letter; });
    INFO(name);
    CHECK(found == 1);
  }
}

TEST_CASE("config: defaults") {
  const Config c = config_of({});
  CHECK(c.nats_url == "nats://127.0.0.1:4222");
  CHECK(c.nats_creds.empty());
  CHECK(c.nats_cert.empty());
  CHECK(c.nats_key.empty());
  CHECK(c.nats_root_cas.empty());
  CHECK(c.nats_inbox_prefix == "_INBOX");
  CHECK(c.nats_max_subscriptions == 0);
  CHECK(c.request_timeout_ms == 3'000);
  CHECK(c.addr == "0.0.0.0");
  CHECK(c.port == 8080);
  CHECK(c.ws_path == "/");
  CHECK(c.web.api_path == "/api/");
  CHECK(c.web.encoding == ApiEncoding::json);
  CHECK_FALSE(c.web.header_auth);
  CHECK_FALSE(c.web.ws_header_auth);
  CHECK_FALSE(c.web.put_method);
  CHECK_FALSE(c.web.delete_method);
  CHECK_FALSE(c.web.patch_method);
  CHECK(c.web.allow_origins == Strings{"*"});
  CHECK_FALSE(c.ws_compression);
  CHECK_FALSE(c.tls);
  CHECK(c.reset_throttle == 0);
  CHECK(c.reference_throttle == 0);
  CHECK(c.metrics_port == 0);
  CHECK_FALSE(c.debug);
  CHECK_FALSE(c.trace);
  CHECK(c.log_format == LogFormat::text);
  CHECK(c.lanes == 1);
  CHECK(c.max_message_bytes == 1 << 20);
  CHECK(c.max_outbox_bytes == 16 << 20);
  CHECK(c.max_pending_requests == 10'000);
  CHECK(c.warnings.empty());
  for (const OptionCase& option : option_cases()) {
    INFO(option.property);
    CHECK_FALSE(option.holds(c));
  }
}

TEST_CASE("config: every option of the command line, in each spelling") {
  for (const OptionCase& option : option_cases()) {
    for (const Strings& spelling : spellings(option)) {
      INFO(spelling.front());
      const Config c = config_of(joined(spelling, option.companions));
      CHECK(option.holds(c));
      CHECK(c.warnings.empty());
      CHECK(option.holds(config_of(joined(option.companions, spelling))));
    }
  }
}

TEST_CASE("config: every option in the environment") {
  for (const OptionCase& option : option_cases()) {
    if (option.name.empty()) continue;
    INFO(option.name);
    const Variable variable("RESFLOW_" + upper_case(option.name), option.text);
    const Config c = config_of(option.companions);
    CHECK(option.holds(c));
    CHECK(c.warnings.empty());
  }
}

TEST_CASE("config: the environment names a configuration file") {
  const Folder folder;
  const Variable variable("RESFLOW_CONFIG", folder.write(R"({"port":9000})"));
  CHECK(config_of({}).port == 9000);
  CHECK(config_of({"--config", ""}).port == 8080);
  const Variable none("RESFLOW_CONFIG", "");
  CHECK(config_of({}).port == 8080);
}

TEST_CASE("config: a variable that says nothing to the gateway is warned of") {
  const Variable one("RESFLOW_NATZ", "nats://x");
  const Variable action("RESFLOW_HELP", "true");
  const Variable other("XRESFLOW_PORT", "9000");
  const CommandLine line = parse({});
  CHECK(line.action == Action::run);
  CHECK(line.config.port == 8080);
  REQUIRE(line.config.warnings.size() == 1);
  CHECK_THAT(line.config.warnings[0], Contains("RESFLOW_NATZ") && Contains("RESFLOW_HELP"));
  CHECK_THAT(line.config.warnings[0], !Contains("XRESFLOW_PORT"));
}

TEST_CASE("config: the command line goes over the environment, that over the file, and that over the defaults") {
  const std::string file = R"({"natsUrl":"nats://file:1","port":9000,"lanes":3,"requestTimeout":700,"debug":true,
    "headerAuth":"auth.file","natsRootCAs":["file"],"allowOrigin":"https://file","putMethod":"file"})";
  const Variable port("RESFLOW_PORT", "9001");
  const Variable lanes("RESFLOW_LANES", "4");
  const Variable auth("RESFLOW_HEADAUTH", "auth.env");
  const Variable put("RESFLOW_PUTMETHOD", "");
  const Variable roots("RESFLOW_NATSROOTCA", "env1;env2");
  const Config c = from_file(
      file, {"--port", "9002", "-n", "nats://line:2", "--debug=false", "--trace", "--alloworigin", "https://line"});
  CHECK(c.port == 9002);
  CHECK(c.nats_url == "nats://line:2");
  CHECK(c.lanes == 4);
  CHECK(c.request_timeout_ms == 700);
  CHECK_FALSE(c.debug);
  CHECK(c.trace);
  CHECK(c.web.header_auth->method == "env");
  CHECK_FALSE(c.web.put_method);
  CHECK(c.nats_root_cas == Strings{"env1", "env2"});
  CHECK(c.web.allow_origins == Strings{"https://line"});
  CHECK(c.ws_path == "/");
}

TEST_CASE("config: -DV is debug and trace, and letters are not bundled otherwise") {
  const Config both = config_of({"-DV"});
  CHECK(both.debug);
  CHECK(both.trace);
  const Config one_by_one = config_of({"-D", "-V"});
  CHECK(one_by_one.debug);
  CHECK(one_by_one.trace);
  CHECK_FALSE(config_of({"-V"}).debug);
  CHECK_THAT(complaint({"-VD"}), Contains("-VD"));
  CHECK_THAT(complaint({"-p80"}), Contains("-p80"));
}

TEST_CASE("config: flags take what Go takes for true and false, behind an equals sign only") {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) CHECK(config_of({"-D=" + std::string(yes)}).debug);
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    CHECK_FALSE(config_of({"-D", "--debug=" + std::string(no)}).debug);
  }
  CHECK_THAT(complaint({"--tls=yes"}), Contains("--tls \"yes\"") && Contains("true or false"));
  CHECK_THAT(complaint({"--tls="}), Contains("--tls \"\"") && Contains("true or false"));
}

TEST_CASE("config: root certificates and origins accumulate; of others the last counts") {
  const Config c = config_of({"--natsrootca", "a;b", "--alloworigin", "https://b;http://z", "-natsrootca=c",
                              "--alloworigin", "HTTP://a", "--port=1", "--port=2", "--alloworigin=https://b"});
  CHECK(c.nats_root_cas == Strings{"a;b", "c"});
  CHECK(c.web.allow_origins == Strings{"http://a", "http://z", "https://b"});
  CHECK(c.port == 2);
  CHECK(config_of({"--natsrootca", ""}).nats_root_cas.empty());
}

TEST_CASE("config: an option takes what follows, also when it looks like one") {
  CHECK(config_of({"--creds", "--tls"}).nats_creds == "--tls");
  CHECK_FALSE(config_of({"--creds", "--tls"}).tls);
  CHECK(config_of({"--creds=-n"}).nats_creds == "-n");
  CHECK(config_of({"--creds", "a=b"}).nats_creds == "a=b");
  CHECK(config_of({"--creds=a=b"}).nats_creds == "a=b");
  CHECK(config_of({"--creds", ""}).nats_creds.empty());
}

TEST_CASE("config: two dashes end the options") {
  CHECK(config_of({"--debug", "--"}).debug);
  CHECK_FALSE(config_of({"--", "--debug"}).debug);
}

// As in Go's flag package: the first argument that is not an option ends the options.
TEST_CASE("config: an argument that is no option is ignored with what follows, and told of") {
  const std::vector<Strings> cases{{"surplus"},           {"-"},
                                   {"--", "--debug"},     {"", "x"},
                                   {"--", "", "--debug"}, {"run", "--port", "9000", "--nonsense", "-p"}};
  for (const Strings& ignored : cases) {
    INFO(ignored.front() << ' ' << ignored.back());
    const Config c = config_of(joined({"--port", "9001"}, ignored));
    CHECK(c.port == 9001);
    CHECK_FALSE(c.debug);
    REQUIRE(c.warnings.size() == 1);
    CHECK_THAT(c.warnings[0], Contains("ignored"));
    CHECK(c.notes.empty());
  }
  const Config flag = config_of({"--tls=false", "--debug", "false", "--trace"});
  CHECK(flag.debug);
  CHECK_FALSE(flag.trace);
  REQUIRE(flag.warnings.size() == 1);
  CHECK_THAT(flag.warnings[0], Contains("\"false\""));
  CHECK_THAT(config_of({"nats://user:secret@host"}).warnings.at(0), Contains("***@host") && !Contains("secret"));
}

TEST_CASE("config: an empty argument, which containers are started with, does no harm") {
  for (const Strings& args : {Strings{""}, Strings{"", ""}, Strings{"--", ""}}) {
    const Config c = config_of(args);
    CHECK(c.warnings.empty());
    REQUIRE(c.notes.size() == 1);
    CHECK_THAT(c.notes[0], Contains("empty argument"));
  }
  CHECK(config_of({"--"}).notes.empty());
}

TEST_CASE("config: numbers in the spellings of Go") {
  const std::vector<std::pair<std::string, int>> cases{
      {"8080", 8080},  {"0x1F90", 8080},   {"0X1f90", 8080},  {"017620", 8080}, {"0o17620", 8080}, {"0b1010", 10},
      {"8_080", 8080}, {"0x_1f_90", 8080}, {"0_17620", 8080}, {"+80", 80},      {"00", 0}};
  for (const auto& [text, port] : cases) {
    INFO(text);
    CHECK(config_of({"--port", text}).port == port);
  }
  CHECK(config_of({"--resetthrottle", "-1", "--referencethrottle", "-0x10"}).reset_throttle == 0);
  CHECK(config_of({"--resetthrottle", "9223372036854775807"}).reset_throttle == 9'223'372'036'854'775'807U);
}

TEST_CASE("config: what is asked for instead of a run") {
  for (const char* option : {"--help", "-h", "-help", "--h"}) CHECK(parse({option}).action == Action::help);
  for (const char* option : {"--version", "-v", "-version"}) CHECK(parse({option}).action == Action::version);
  CHECK(parse({"--graph"}).action == Action::graph);
  CHECK(parse({"--checkconfig"}).action == Action::check_config);
  CHECK(parse({"--checkconfig", "-v", "-h"}).action == Action::help);
  CHECK(parse({"-h", "--checkconfig"}).action == Action::help);
  CHECK(parse({"-h=true", "--checkconfig"}).action == Action::help);
  CHECK(parse({"-h=false", "--v=0"}).action == Action::run);
}

TEST_CASE("config: the usage tells every option, its letter and its default, and of the environment") {
  const std::string text = usage();
  for (const Option& o : config_options()) {
    if (o.name.empty()) continue;
    CHECK_THAT(text, Contains("--" + std::string(o.name) + ' '));
    if (o.letter != 0) CHECK_THAT(text, Contains(std::string("-") + o.letter + " [ --" + std::string(o.name) + " ]"));
  }
  for (const char* group :
       {"Server options", "Security options", "Logging options", "Common options", "resflow's own"}) {
    CHECK_THAT(text, Contains(group));
  }
  CHECK_THAT(text, Contains("(default: nats://127.0.0.1:4222)") && Contains("(default: 8080)") &&
                       Contains("(default: /api/)") && Contains("(default: 10000)"));
  CHECK_THAT(text, Contains("RESFLOW_NATS"));
}

TEST_CASE("config: an option that is not known is told by its name") {
  for (const char* option : {"--what", "-what", "-x", "--por", "---port", "--Port", "-P"}) {
    INFO(option);
    CHECK_THAT(complaint({option + std::string("=1")}),
               Contains("unknown option " + std::string(option) + "; see --help"));
  }
  CHECK_THAT(complaint({"--what"}), Contains("--what"));
  CHECK_THAT(complaint({"--port"}), Contains("--port") && Contains("missing"));
  CHECK_THAT(complaint({"-n"}), Contains("--nats") && Contains("missing"));
  CHECK_THAT(complaint({"--help=yes"}), Contains("--help"));
}

TEST_CASE("config: a bad value on the command line is told with its option and what is allowed") {
  const std::vector<std::tuple<Strings, std::string, std::string>> cases{
      {{"--port", "65536"}, "port \"65536\"", "0 to 65535"},
      {{"--port", "-1"}, "port \"-1\"", "0 to 65535"},
      {{"-p", "80x"}, "port \"80x\"", "number"},
      {{"--port", " 80"}, "port \" 80\"", "number"},
      {{"--port", "99999999999999999999"}, "port \"99999999999999999999\"", "number"},
      {{"--port="}, "port \"\"", "number"},
      {{"--metricsport", "65536"}, "metricsport \"65536\"", "0 to 65535"},
      {{"--lanes", "0"}, "lanes \"0\"", "1 to 64"},
      {{"--lanes", "65"}, "lanes \"65\"", "1 to 64"},
      {{"--lanes", "1.5"}, "lanes \"1.5\"", "number"},
      {{"--reqtimeout", "-1"}, "reqtimeout \"-1\"", "number"},
      {{"--port", "0x10000"}, "port \"0x10000\"", "0 to 65535"},
      {{"--port", "08080"}, "port \"08080\"", "number"},
      {{"--port", "0x"}, "port \"0x\"", "number"},
      {{"--port", "0x-1"}, "port \"0x-1\"", "number"},
      {{"--port", "8__0"}, "port \"8__0\"", "number"},
      {{"--port", "_80"}, "port \"_80\"", "number"},
      {{"--port", "80_"}, "port \"80_\"", "number"},
      {{"--port", "+-80"}, "port \"+-80\"", "number"},
      {{"--reqtimeout", "3s"}, "reqtimeout \"3s\"", "number"},
      {{"--referencethrottle", "x"}, "referencethrottle \"x\"", "whole number"},
      {{"--maxmessagebytes", "1023"}, "maxmessagebytes \"1023\"", "1024 to"},
      {{"--maxoutboxbytes", "65535"}, "maxoutboxbytes \"65535\"", "65536 to"},
      {{"--maxpendingrequests", "0"}, "maxpendingrequests \"0\"", "1 to"},
      {{"--writetimeout", "0"}, "writetimeout \"0\"", "1 to"},
      {{"--maxconnections", "-1"}, "maxconnections \"-1\"", "0 to"},
      {{"--maxconnectionsperip", "x"}, "maxconnectionsperip \"x\"", "0 to"},
      {{"--connectionrate", "-1"}, "connectionrate \"-1\"", "0 to"},
      {{"--trustedproxies", "10.0.0.1/8"}, "trustedproxies \"10.0.0.1/8\"", "networks"},
      {{"--trustedproxies", "proxy.example"}, "trustedproxies \"proxy.example\"", "networks"},
      {{"--addr", "example.com"}, "addr \"example.com\"", "IPv4 or IPv6"},
      {{"--addr", "127.0.0.256"}, "addr \"127.0.0.256\"", "IPv4 or IPv6"},
      {{"--adminallow", "10.0.0.256"}, "adminallow \"10.0.0.256\"", "IPv4 or IPv6"},
      {{"--adminallow", "10.0.0.1;gateway.example"}, "adminallow", "IPv4 or IPv6"},
      {{"--adminallow", "[::1]:80"}, "adminallow \"[::1]:80\"", "IPv4 or IPv6"},
      {{"--addr", "[::1]"}, "addr \"[::1]\"", "IPv4 or IPv6"},
      {{"--headauth", "login"}, "headauth \"login\"", "resource method"},
      {{"--headauth", "auth..login"}, "headauth \"auth..login\"", "resource method"},
      {{"--headauth", "auth."}, "headauth \"auth.\"", "resource method"},
      {{"--wsheadauth", "auth.a*b"}, "wsheadauth \"auth.a*b\"", "resource method"},
      {{"--wsheadauth", "auth.login?q"}, "wsheadauth \"auth.login?q\"", "resource method"},
      {{"--putmethod", "a.b"}, "putmethod \"a.b\"", "call method"},
      {{"--deletemethod", "a b"}, "deletemethod \"a b\"", "call method"},
      {{"--patchmethod", ">"}, "patchmethod \">\"", "call method"},
      {{"--apiencoding", "xml"}, "apiencoding \"xml\"", "json or jsonflat"},
      {{"--logformat", "xml"}, "logformat \"xml\"", "text or json"},
      {{"--tlscert", "\xff"}, "tlscert \"\\xff\"", "UTF-8"},
      {{"--natsrootca", "a", "--natsrootca", "\xc3"}, "natsrootca \"a;\\xc3\"", "UTF-8"},
  };
  for (const auto& [args, what, allowed] : cases) {
    INFO(args.front() << ' ' << args.back());
    CHECK_THAT(complaint(args), Contains("--" + what) && Contains("must be") && Contains(allowed));
  }
}

TEST_CASE("config: a bad value in the environment is told with its variable and what is allowed") {
  for (const auto& [name, value, allowed] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"RESFLOW_PORT", "tcp://10.0.0.1:80", "0 to 65535"},
           {"RESFLOW_TLS", "on", "true or false"},
           {"RESFLOW_TRACE", "", "true or false"},
           {"RESFLOW_ADDR", "nowhere", "IPv4 or IPv6"},
           {"RESFLOW_ALLOWORIGIN", "*;*", "* alone"},
       }) {
    const Variable variable(name, value);
    CHECK_THAT(complaint({}), Contains(name + " \"" + value + '"') && Contains(allowed));
  }
}

TEST_CASE("config: a bad value is told even where something goes over it") {
  const Variable variable("RESFLOW_PORT", "http");
  CHECK_THAT(complaint({"--port", "80"}), Contains("RESFLOW_PORT"));
}

TEST_CASE("config: what is shown of a value can neither break the line, nor fill it, nor tell a password") {
  CHECK_THAT(complaint({"--port", "1\n2\x1b[0m"}), Contains(R"(port "1\n2\u001b[0m")"));
  CHECK_THAT(complaint({"--what\n2"}), Contains(R"(--what\n2)"));
  CHECK(complaint({"--port", std::string(100'000, '1')}).size() < 400);
  CHECK_THAT(complaint({"--port", "nats://user:secret@host"}), Contains("***@host") && !Contains("secret"));
  CHECK_THAT(complaint({"--port", "nats://user:sec//ret@host"}), !Contains("user") && !Contains("sec"));
  CHECK_THAT(complaint({"--natss=nats://user:secret@host"}), Contains("--natss") && !Contains("secret"));
}

TEST_CASE("config: origins") {
  const auto origins = [](const std::string& list) { return config_of({"--alloworigin", list}).web.allow_origins; };
  CHECK(origins("*") == Strings{"*"});
  CHECK(origins("HTTPS://Example.COM") == Strings{"https://example.com"});
  CHECK(origins("http://b;http://a:8080") == Strings{"http://a:8080", "http://b"});
  CHECK(origins("http://[::1]:80") == Strings{"http://[::1]:80"});
  CHECK(origins("capacitor://localhost") == Strings{"capacitor://localhost"});
  CHECK(origins("http://127.0.0.1:") == Strings{"http://127.0.0.1:"});
  for (const std::string list :
       {"", ";http://localhost", "http://localhost;", "http://localhost;*", "*;http://localhost", "*;*",
        "http://this.is/invalid", "http://host/", "host", "//host", "http://", "http:host", "http://host?q=1",
        "http://host#f", "http://host:port", "http://a b", "http://h:1:2", "1http://host"}) {
    INFO(list);
    CHECK_THAT(complaint({"--alloworigin", list}), Contains("--alloworigin \"" + list + '"') && Contains("semicolons"));
  }
  CHECK_THAT(complaint({"--alloworigin", "*", "--alloworigin", "http://a"}), Contains("\"*;http://a\""));
  CHECK_THAT(complaint({"--alloworigin", "http://user:secret@host"}), Contains("semicolons") && !Contains("secret"));
  CHECK_FALSE(complaint({"--alloworigin", "http://" + std::string(100'000, 'a')}).empty());
}

TEST_CASE("config: a path without a slash at its head is taken, and said to be out of reach") {
  const Config c = config_of({"--wspath", "ws", "--apipath", "api"});
  CHECK(c.ws_path == "ws");
  CHECK(c.web.api_path == "api/");
  REQUIRE(c.warnings.size() == 2);
  CHECK_THAT(c.warnings[0], Contains("wspath \"ws\"") && Contains("no request"));
  CHECK_THAT(c.warnings[1], Contains("apipath \"api/\"") && Contains("no request"));
}

TEST_CASE("config: paths") {
  CHECK(config_of({"--apipath", "/"}).web.api_path == "/");
  CHECK(config_of({"--apipath", "/a/b/"}).web.api_path == "/a/b/");
  CHECK(config_of({"--wspath", "/a/"}).ws_path == "/a/");
}

TEST_CASE("config: what says nothing stands for the default, or for none, and goes over the file") {
  const Config c = from_file(R"({"natsUrl":"nats://x","wsPath":"/x","apiPath":"/x","apiEncoding":"jsonflat",
    "requestTimeout":700,"headerAuth":"a.b","wsHeaderAuth":"a.b","putMethod":"x","deleteMethod":"x","patchMethod":"x",
    "tlsCert":"x","natsCreds":"x","natsRootCAs":["x"],"addr":"::1","metricsPort":9090})",
                             {"--nats=", "--wspath=", "--apipath=", "--apiencoding=", "--reqtimeout=0",
                              "--headauth=", "--wsheadauth", "", "--putmethod=", "--deletemethod=", "--patchmethod=",
                              "--tlscert=", "--creds=", "--natsrootca=", "--addr=", "--metricsport=0"});
  Config expected;
  expected.addr = "";
  CHECK(effective_config(c) == effective_config(expected));
}

TEST_CASE("config: a port of 0 on the command line or in the environment is one of the system's choice") {
  CHECK(config_of({"--port", "0"}).port == 0);
  CHECK(from_file(R"({"port":9000})", {"--port", "0"}).port == 0);
  CHECK(from_file(R"({"port":0})", {"--port", "0"}).port == 0);
  const Variable variable("RESFLOW_PORT", "0");
  CHECK(config_of({}).port == 0);
}

TEST_CASE("config: what does not go together") {
  CHECK_THAT(complaint({"--metricsport", "8080"}), Contains("metricsport 8080") && Contains("port"));
  CHECK(complaint({"--metricsport", "8080", "--port", "8081"}).empty());
  CHECK(complaint({"--metricsport", "0", "--port", "0"}).empty());
  CHECK_THAT(complaint({"--tls"}), Contains("--tlscert") && Contains("RESFLOW_TLSCERT") && Contains("tlsCert"));
  CHECK_THAT(complaint({"--tls", "--tlscert", "c"}), Contains("--tlskey") && Contains("tlsKey"));
  CHECK_THAT(complaint({"--tls", "--tlskey", "c"}), Contains("--tlscert"));
  CHECK_THAT(complaint({"--natscert", "c"}), Contains("natscert") && Contains("--natskey"));
  CHECK_THAT(complaint({"--natskey", "c"}), Contains("natskey") && Contains("--natscert"));
}

TEST_CASE("config: a time limit that looks like seconds is taken for seconds, with a warning") {
  const Config c = config_of({"--reqtimeout", "10"});
  CHECK(c.request_timeout_ms == 10'000);
  REQUIRE(c.warnings.size() == 1);
  CHECK_THAT(c.warnings[0], Contains("milliseconds") && Contains("10000"));
  CHECK(config_of({"--reqtimeout", "11"}).request_timeout_ms == 11);
}
