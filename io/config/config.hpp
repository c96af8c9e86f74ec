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
  // nats_creds, nats_cert and nats_key are file names. Empty: the gateway uses no such file.
  std::string nats_creds;
  std::string nats_cert;
  std::string nats_key;
  std::vector<std::string> nats_root_cas;  // names of the files with root certificates for the NATS server
  std::string nats_inbox_prefix = "_INBOX";
  std::size_t nats_max_subscriptions = 0;  // how many subscriptions the NATS server allows; 0: not known
  std::int64_t request_timeout_ms = 3'000;
  std::int64_t buffer_size = 8'192;  // an option of Resgate; resflow accepts it, but it has no effect

  // Clients.
  std::string addr = "0.0.0.0";  // empty: all IPv4 and IPv6 addresses of this machine
  // 0: the system chooses a port. But in the configuration file, 0 means port 80, or port 443 with TLS.
  std::uint16_t port = 8080;
  std::string ws_path = "/";
  WebOptions web;
  bool ws_compression = false;
  bool tls = false;
  // tls_cert and tls_key are file names.
  std::string tls_cert;
  std::string tls_key;

  // How many requests to services may be under way at once. Further requests wait. 0: no limit. reset_throttle:
  // requests that one system reset causes. reference_throttle: get requests for the resources that one request of a
  // client reaches by references.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;

  std::uint16_t metrics_port = 0;  // 0: no metrics server
  bool admin = false;              // true: the server on metrics_port also serves the admin page
  // Addresses besides this machine that may see the admin page. If * is the only element, every address may.
  std::vector<std::string> admin_allow;
  bool debug = false;
  bool trace = false;
  LogFormat log_format = LogFormat::text;

  // Options of resflow's own.
  unsigned lanes = 1;
  std::size_t max_message_bytes = 1 << 20;  // of a WebSocket message, or a web request's body; larger ones are refused
  // Bytes of events that may wait for one client. With more, the gateway closes the client's connection.
  std::size_t max_outbox_bytes = 16 << 20;
  std::size_t max_pending_requests = 10'000;  // of one client; with more, the gateway stops reading the client's socket
  std::size_t max_subscriptions = 10'000;     // direct subscriptions of one client; further ones are refused
  std::size_t request_rate = 0;               // requests that one client may send in a second; 0: no limit
  std::size_t request_burst = 0;              // requests that one client may send at once; 0: as many as request_rate
  // A client for which bytes wait must read 16 KB, or all of these bytes, in this time. Otherwise the gateway closes
  // the connection.
  std::int64_t write_timeout_seconds = 30;
  // Limits on connections. max_connections: of all clients together; 0: as many as the limit on open files allows.
  // max_connections_per_ip: of one address. connection_rate: new connections of one address in a second. 0 in
  // max_connections_per_ip or connection_rate: no limit.
  std::size_t max_connections = 0;
  std::size_t max_connections_per_ip = 0;
  std::size_t connection_rate = 0;
  // True: the limits that are off by default refuse nothing. The gateway only counts what they would refuse.
  bool limits_dry_run = false;
  // Addresses and networks of trusted proxies. The gateway accepts the client address that such a proxy reports.
  std::vector<std::string> trusted_proxies;
  bool proxy_protocol = false;  // true: each trusted proxy must send a header of the PROXY protocol
  // Limit for the caches of all lanes (threads) together. At the limit, a lane first evicts unused resources. Then it
  // refuses subscriptions to resources that are not cached.
  std::size_t max_cache_bytes = 1 << 30;
  CaptureOptions capture;

  // Warnings for the log. The log does not exist yet while the gateway reads its configuration.
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
