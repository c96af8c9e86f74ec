// The configuration: Resgate's options and configuration file, and resflow's own. The command line goes over the
// environment, that over the configuration file, and that over the defaults. What there is to be said stands in one
// table, io/config/config_options.cpp. Read once at start, on the main thread, then read by all.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture/capture_options.hpp"
#include "io/log_format.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

struct Config {
  // The services' side.
  std::string nats_url = "nats://127.0.0.1:4222";  // several are separated by commas
  std::string nats_creds;                          // file names; empty: none
  std::string nats_cert;
  std::string nats_key;
  std::vector<std::string> nats_root_cas;
  std::string nats_inbox_prefix = "_INBOX";
  std::size_t nats_max_subscriptions = 0;  // that the server allows; 0: it will turn out
  std::int64_t request_timeout_ms = 3'000;
  std::int64_t buffer_size = 8'192;  // Resgate's: kept in the file, and without effect here

  // The clients' side.
  std::string addr = "0.0.0.0";  // empty: all addresses of IPv4 and IPv6
  std::uint16_t port = 8080;     // 0, which a file cannot ask for: one of the system's choice
  std::string ws_path = "/";
  WebOptions web;
  bool ws_compression = false;
  bool tls = false;
  std::string tls_cert;  // file names
  std::string tls_key;

  // Requests under way at once; 0: no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;

  std::uint16_t metrics_port = 0;        // 0: none
  bool admin = false;                    // the admin page is served there
  std::vector<std::string> admin_allow;  // to whom besides this machine: addresses, or * alone
  bool debug = false;
  bool trace = false;
  LogFormat log_format = LogFormat::text;

  // resflow's own
  unsigned lanes = 1;
  std::size_t max_message_bytes = 1 << 20;    // of a client: one message, or the body of one web request
  std::size_t max_outbox_bytes = 16 << 20;    // that wait for a client that does not read
  std::size_t max_pending_requests = 10'000;  // of a client
  std::size_t max_subscriptions = 10'000;     // direct ones of a client
  std::size_t request_rate = 0;               // of a client in a second; 0: no limit
  std::size_t request_burst = 0;              // that it may send at once; 0: what the rate allows in a second
  std::int64_t write_timeout_seconds = 30;    // in which a client must take some of what was written to it
  // Connections: at once, of an address, and new ones of an address in a second. 0: what files allow; no limit.
  std::size_t max_connections = 0;
  std::size_t max_connections_per_ip = 0;
  std::size_t connection_rate = 0;
  bool limits_dry_run = false;               // limits that are off by default are counted, and nobody is refused
  std::vector<std::string> trusted_proxies;  // addresses and networks of proxies that are believed
  bool proxy_protocol = false;               // which they must speak
  std::size_t max_cache_bytes = 1 << 30;     // of all lanes together
  CaptureOptions capture;

  // For the log, once there is one.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // of what has no effect and does no harm
};

enum class Action : std::uint8_t { run, help, version, graph, check_config };

struct CommandLine {
  Action action = Action::run;
  Config config;
};

// One line that says what is wrong and what is allowed; what would break the line is escaped.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::string_view text);
};

// Reads the command line, the environment and the configuration file they name; a file that does not exist is written
// with what holds then, unless there is nothing to be run, and one that cannot be written is warned of. Throws
// ConfigError.
CommandLine parse_command_line(int argc, const char* const* argv);

// The text of a configuration file that says the same, without the credentials in URLs.
std::string effective_config(const Config& config);

std::string usage();

}  // namespace resflow
