// The configuration of the gateway: Resgate's options and configuration file, and options of resflow's own. The command
// line overrides the environment, the environment overrides the configuration file, and the file overrides the
// defaults. The table of all options is in io/config/config_options.cpp.
//
// The main thread makes the Config once at start. It does not change afterwards, so any thread may read it.
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
  // NATS and the services.
  std::string nats_url = "nats://127.0.0.1:4222";  // several URLs are separated by commas
  std::string nats_creds;                          // a file name, as are nats_cert and nats_key; empty: none
  std::string nats_cert;
  std::string nats_key;
  std::vector<std::string> nats_root_cas;  // file names
  std::string nats_inbox_prefix = "_INBOX";
  std::size_t nats_max_subscriptions = 0;  // the NATS server's limit; 0: not known until the gateway exceeds it
  std::int64_t request_timeout_ms = 3'000;
  std::int64_t buffer_size = 8'192;  // Resgate's option: kept in the file, without effect here

  // Clients.
  std::string addr = "0.0.0.0";  // empty: all addresses of IPv4 and IPv6
  std::uint16_t port = 8080;     // 0: the system chooses one; but 0 in the file means 80, or 443 with TLS
  std::string ws_path = "/";
  WebOptions web;
  bool ws_compression = false;
  bool tls = false;
  std::string tls_cert;  // a file name, as is tls_key
  std::string tls_key;

  // How many requests to services may be under way at once. reset_throttle: requests after a system reset.
  // reference_throttle: requests that follow references. 0: no limit.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;

  std::uint16_t metrics_port = 0;        // 0: no metrics server
  bool admin = false;                    // serve the admin page on metrics_port
  std::vector<std::string> admin_allow;  // addresses that may see the admin page besides this machine; * alone: all
  bool debug = false;
  bool trace = false;
  LogFormat log_format = LogFormat::text;

  // Options of resflow's own.
  unsigned lanes = 1;
  std::size_t max_message_bytes = 1 << 20;    // limit for a client's message and for the body of a web request
  std::size_t max_outbox_bytes = 16 << 20;    // bytes that may wait for a client that does not read
  std::size_t max_pending_requests = 10'000;  // per client, requests under way
  std::size_t max_subscriptions = 10'000;     // per client, direct subscriptions
  std::size_t request_rate = 0;               // per client, requests in a second; 0: no limit
  std::size_t request_burst = 0;              // per client, requests at once; 0: as many as request_rate
  std::int64_t write_timeout_seconds = 30;    // in this time a client must read some of its waiting bytes
  // Limits on connections: in all, per address, and new ones per address in a second. max_connections 0: as many as the
  // limit on open files allows. 0 in the others: no limit.
  std::size_t max_connections = 0;
  std::size_t max_connections_per_ip = 0;
  std::size_t connection_rate = 0;
  bool limits_dry_run = false;  // limits that are off by default refuse nothing, but count what they would refuse
  // Addresses and networks of proxies that are trusted to name the address of a client.
  std::vector<std::string> trusted_proxies;
  bool proxy_protocol = false;            // trusted proxies must send a PROXY header
  std::size_t max_cache_bytes = 1 << 30;  // for all lanes together
  CaptureOptions capture;

  // Lines for the log, which does not exist yet while the gateway reads its configuration.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // lines for the log about settings that have no effect and do no harm
};

enum class Action : std::uint8_t { run, help, version, graph, check_config };

struct CommandLine {
  Action action = Action::run;
  Config config;
};

// An error in the configuration. Its text is one line that says what is wrong and what is allowed; characters that
// would break the line are escaped.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::string_view text);
};

// Reads the command line, the environment, and the configuration file that they name. If that file does not exist and
// the action is `run`, writes the resulting configuration to the file. If the file cannot be written, only adds a
// warning. Throws ConfigError.
CommandLine parse_command_line(int argc, const char* const* argv);

// Returns the text of a configuration file with this configuration, without the credentials in URLs.
std::string effective_config(const Config& config);

// Returns the text of --help.
std::string usage();

}  // namespace resflow
