// The configuration of the gateway. It has the options of Resgate (the gateway that resflow replaces), and further
// options that only resflow has. The command line overrides the environment, the environment overrides the
// configuration file, and the file overrides the defaults. The table of all options is in io/config/config_options.cpp.
//
// The main thread makes the Config once at start. The Config does not change afterwards, so any thread may read it.
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
  // The connection to NATS, and requests to services.
  std::string nats_url = "nats://127.0.0.1:4222";  // several URLs are separated by commas
  // nats_creds, nats_cert and nats_key are paths of files. Empty: the gateway uses no such file.
  std::string nats_creds;
  std::string nats_cert;
  std::string nats_key;
  std::vector<std::string> nats_root_cas;  // files with the CA certificates to trust for the NATS server
  std::string nats_inbox_prefix = "_INBOX";
  std::size_t nats_max_subscriptions = 0;  // how many the NATS server allows; 0: not known
  std::int64_t request_timeout_ms = 3'000;
  std::int64_t buffer_size = 8'192;  // has no effect; accepted because Resgate has this option

  // The gateway's own server, to which clients connect by WebSocket and HTTP.
  std::string addr = "0.0.0.0";  // empty: all IPv4 and IPv6 addresses of this machine
  // 0, from the command line or the environment: the system chooses a free port. In the configuration file, 0 means the
  // standard port; it is stored here as 80, or as 443 with TLS.
  std::uint16_t port = 8080;
  std::string ws_path = "/";
  WebOptions web;
  bool ws_compression = false;
  bool tls = false;
  // tls_cert and tls_key are paths of files; `tls` needs both.
  std::string tls_cert;
  std::string tls_key;

  // How many requests to services may be under way at once. Further requests wait. 0: no limit.
  // reset_throttle: for one system reset (a message by which a service makes the gateway fetch resources again).
  // reference_throttle: for one resource that a client requests, and all resources that it refers to.
  std::size_t reset_throttle = 0;
  std::size_t reference_throttle = 0;

  std::uint16_t metrics_port = 0;  // 0: no metrics server
  bool admin = false;              // true: the server on metrics_port also serves the admin page
  // IP addresses that may open the admin page, besides this machine itself. A single * allows all addresses.
  std::vector<std::string> admin_allow;
  bool debug = false;
  bool trace = false;
  LogFormat log_format = LogFormat::text;

  // Options that Resgate (the gateway that resflow replaces) does not have.
  unsigned lanes = 1;
  std::size_t max_message_bytes = 1 << 20;  // of a WebSocket message, or a web request's body; larger ones are refused
  // How many bytes of events may wait to be sent to one client. If there are more, the gateway closes the connection.
  std::size_t max_outbox_bytes = 16 << 20;
  // How many requests of one client may wait for an answer. When there are more, the gateway stops reading the client's
  // socket for a while.
  std::size_t max_pending_requests = 10'000;
  // How many resources one client may subscribe to. Resources that it gets only because others refer to them do not
  // count. Further subscriptions are refused.
  std::size_t max_subscriptions = 10'000;
  std::size_t request_rate = 0;   // requests that one client may send in a second; 0: no limit
  std::size_t request_burst = 0;  // requests that one client may send at once; 0: as many as request_rate
  // When bytes wait to be sent to a client, the client must read 16 KB of them in this time, or all if there are fewer.
  // If it does not, the gateway closes the connection.
  std::int64_t write_timeout_seconds = 30;
  // Limits on connections of clients; further connections are refused.
  // max_connections: connections at once; 0: as many as the system lets the process open.
  // max_connections_per_ip: connections at once from one IP address; 0: no limit.
  // connection_rate: new connections in a second from one IP address; 0: no limit.
  std::size_t max_connections = 0;
  std::size_t max_connections_per_ip = 0;
  std::size_t connection_rate = 0;
  // True: max_subscriptions, request_rate, max_connections, max_connections_per_ip and connection_rate refuse nothing.
  // The gateway only counts what these limits would refuse.
  bool limits_dry_run = false;
  // IP addresses and networks of trusted proxies. The gateway believes what these proxies report as a client's address.
  std::vector<std::string> trusted_proxies;
  // True: each connection from a trusted proxy must begin with a header of the PROXY protocol.
  bool proxy_protocol = false;
  // How many bytes the cached resources of all lanes (threads) together may take. When this limit is reached, the lanes
  // first remove resources that no client uses. If that is not enough, they refuse subscriptions to resources that are
  // not cached.
  std::size_t max_cache_bytes = 1 << 30;
  CaptureOptions capture;

  // Warnings about the configuration, for the log. They are kept here until the log exists.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // remarks about settings that have no effect and do no harm
};

enum class Action : std::uint8_t { run, help, version, graph, check_config };

struct CommandLine {
  Action action = Action::run;
  Config config;
};

// An error in the configuration. Its text says what is wrong and what is allowed. The text is always one line: line
// breaks and other control characters in it are escaped.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::string_view text);
};

// Reads all settings: from the command line, from the environment, and from the configuration file if the option
// `config` names one. If that file does not exist and the gateway is to run (Action::run), writes the resulting
// configuration to the file. If writing fails, only adds a warning. Throws ConfigError if the configuration is not
// valid.
CommandLine parse_command_line(int argc, const char* const* argv);

// Returns this configuration in the format of the configuration file, with the credentials in URLs hidden.
std::string effective_config(const Config& config);

// Returns the text that --help prints.
std::string usage();

}  // namespace resflow
