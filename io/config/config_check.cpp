#include "io/config/config_check.hpp"

#include <algorithm>

#include "io/nats/embedded_nats.hpp"

namespace resflow {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// Returns the option's name and all ways to set it, for error messages. For example: `tlscert (--tlscert,
// RESFLOW_TLSCERT, or tlsCert in the configuration file)`
std::string ways(std::string_view name) {
  const Option& o = config_option(name);
  const std::string_view property = o.other_property.empty() ? o.property : o.other_property;
  return std::string(name) + " (--" + std::string(name) + ", " + o.environment() + ", or " + std::string(property) +
         " in the configuration file)";
}

// Replaces port 0 by the standard port (80, or 443 with TLS) if the 0 comes from the configuration file. There, 0 means
// the standard port, as in the files of Resgate (the gateway that resflow replaces). A 0 from the command line or the
// environment stays 0: it lets the system choose a free port.
void complete_port(const Settings& settings, Config& c) {
  const auto said = std::find_if(settings.rbegin(), settings.rend(),
                                 [](const Setting& s) { return s.option == &config_option("port"); });
  const bool by_file = said != settings.rend() && !said->place.empty();
  if (c.port == 0 && by_file) c.port = c.tls ? kHttpsPort : kHttpPort;
}

// Converts a request timeout of 10 or less from seconds to milliseconds, and adds a warning. Such a small number comes
// from an old configuration that gives the timeout in seconds.
void complete_timeout(Config& c) {
  constexpr std::int64_t longest_seconds = 10;
  if (c.request_timeout_ms > longest_seconds) return;
  c.warnings.push_back("Deprecated: a request timeout of " + std::to_string(c.request_timeout_ms) +
                       " is taken for seconds; it should be in milliseconds, " +
                       std::to_string(c.request_timeout_ms * 1'000));
  c.request_timeout_ms *= 1'000;
}

void check_ports(const Config& c) {
  if (c.metrics_port == 0 || c.metrics_port != c.port) return;
  throw ConfigError("invalid metricsport " + std::to_string(c.metrics_port) + ": must differ from port");
}

void check_pair(const std::string& first, std::string_view first_name, const std::string& second,
                std::string_view second_name) {
  if (first.empty() == second.empty()) return;
  const auto [there, missing] = first.empty() ? std::pair(second_name, first_name) : std::pair(first_name, second_name);
  throw ConfigError(std::string(there) + " is of no use without " + ways(missing));
}

// Throws ConfigError if credentials or certificates are set for the embedded NATS server (a nats-server that the
// gateway starts itself). That server asks for no credentials and has no TLS.
void check_embedded_nats(const Config& c) {
  if (c.nats_url != kEmbeddedNats) return;
  const std::string* given = !c.nats_creds.empty() ? &c.nats_creds : !c.nats_cert.empty() ? &c.nats_cert : nullptr;
  if (given == nullptr && !c.nats_root_cas.empty()) given = &c.nats_root_cas.front();
  if (given != nullptr) throw ConfigError("nats embedded takes no credentials or certificates: " + *given);
}

void check_admin(const Config& c) {
  if (c.admin && c.metrics_port == 0) throw ConfigError("admin needs " + ways("metricsport"));
}

void check_proxies(const Config& c) {
  if (c.proxy_protocol && c.trusted_proxies.empty()) throw ConfigError("proxyprotocol needs " + ways("trustedproxies"));
}

// Warns if header authentication (login by cookies or other request headers) is on while pages of all origins are
// allowed. Such pages cannot log in by cookies: the gateway answers `Access-Control-Allow-Origin: *`, and browsers
// refuse this for requests with cookies. The gateway does not answer with the origin of the page instead, because then
// any page could act in the name of the user who looks at it.
void warn_of_origins(Config& c) {
  const bool by_headers = c.web.header_auth || c.web.ws_header_auth;
  if (!by_headers || c.web.allow_origins.front() != "*") return;
  c.warnings.push_back(
      "Header authentication with all origins allowed: web pages of other origins cannot send cookies or read answers "
      "to them; list the origins of your pages in alloworigin");
}

void check_tls(const Config& c) {
  if (!c.tls) return;
  if (c.tls_cert.empty()) throw ConfigError("tls needs " + ways("tlscert"));
  if (c.tls_key.empty()) throw ConfigError("tls needs " + ways("tlskey"));
}

// Warns of a path that does not begin with a slash. The paths of all URLs begin with a slash, so no request can have
// such a path. Yet the gateway starts, since old configurations may contain such paths.
void check_path(std::string_view name, const std::string& path, Config& c) {
  if (path.starts_with('/')) return;
  c.warnings.push_back(std::string(name) + ' ' + show_text(path) +
                       " does not begin with a slash, so no request gets there");
}

}  // namespace

void check_config(const Settings& settings, Config& config) {
  complete_port(settings, config);
  complete_timeout(config);
  check_ports(config);
  check_admin(config);
  check_tls(config);
  check_proxies(config);
  warn_of_origins(config);
  check_embedded_nats(config);
  check_path("wspath", config.ws_path, config);
  check_path("apipath", config.web.api_path, config);
  check_pair(config.nats_cert, "natscert", config.nats_key, "natskey");
  if (config.buffer_size != Config().buffer_size) {
    config.notes.push_back("Configuration file: bufferSize has no effect: what waits is bounded in other ways");
  }
}

}  // namespace resflow
