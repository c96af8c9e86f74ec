// The configuration: Resgate's options and configuration file, as far as this version knows them, and resflow's own.
// Command line over configuration file over defaults.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "io/log_format.hpp"
#include "nodes/web_options.hpp"

namespace resflow {

struct Config {
  // The services' side.
  std::string nats_url = "nats://127.0.0.1:4222";  // several are separated by commas
  std::string nats_creds;                          // file names; empty: none
  std::string nats_cert;
  std::string nats_key;
  std::vector<std::string> nats_root_cas;
  std::int64_t request_timeout_ms = 3'000;

  // The clients' side.
  std::string addr = "0.0.0.0";  // empty: all addresses of IPv4 and IPv6
  std::uint16_t port = 8080;
  std::string ws_path = "/";
  WebOptions web;
  bool ws_compression = false;
  bool tls = false;
  std::string tls_cert;  // file names
  std::string tls_key;

  // Requests under way at once; 0: no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;

  std::uint16_t metrics_port = 0;  // 0: none
  bool debug = false;
  bool trace = false;
  LogFormat log_format = LogFormat::text;

  // resflow's own
  unsigned lanes = 1;
  std::size_t max_message_bytes = 1 << 20;    // of a client: one message, or the body of one web request
  std::size_t max_outbox_bytes = 16 << 20;    // that wait for a client that does not read
  std::size_t max_pending_requests = 10'000;  // of a client

  std::vector<std::string> warnings;  // for the log, once there is one
};

enum class Action { run, help, version, graph };

struct CommandLine {
  Action action = Action::run;
  Config config;
};

// One line that says what is wrong and what is allowed.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws ConfigError.
CommandLine parse_command_line(int argc, const char* const* argv);

// Reads a configuration file into `config`; one that does not exist is written with what is in `config`. Throws
// ConfigError.
void load_config_file(const std::string& path, Config& config);

std::string usage();

}  // namespace resflow
