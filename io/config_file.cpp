// The configuration file: Resgate's property names. What this version does not do yet is not silently left out: a
// property that asks for protection which would not be there is refused, and one for comfort is warned of.
#include <boost/json.hpp>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "io/config.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

[[noreturn]] void refuse(std::string_view name, const js::value& value, std::string_view allowed) {
  throw ConfigError("configuration file: invalid " + std::string(name) + " " + js::serialize(value) + ": must be " +
                    std::string(allowed));
}

std::string text(std::string_view name, const js::value& value) {
  if (!value.is_string()) refuse(name, value, "a string");
  return std::string(value.get_string());
}

bool flag(std::string_view name, const js::value& value) {
  if (!value.is_bool()) refuse(name, value, "true or false");
  return value.get_bool();
}

std::int64_t number(std::string_view name, const js::value& value, std::int64_t min, std::int64_t max) {
  if (!value.is_int64() || value.get_int64() < min || value.get_int64() > max) {
    refuse(name, value, "a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value.get_int64();
}

// Null, "", 0, false, [] and defaults ask for nothing.
bool asks_for_nothing(std::string_view name, const js::value& value) {
  if (value.is_null()) return true;
  if (value.is_bool()) return !value.get_bool();
  if (value.is_int64()) return value.get_int64() == 0;
  if (value.is_array()) return value.get_array().empty();
  if (!value.is_string()) return false;
  const auto& s = value.get_string();
  return s.empty() || (name == "allowOrigin" && s == "*") || (name == "apiEncoding" && s == "json");
}

bool protects(std::string_view name) {
  for (const std::string_view p :
       {"tls", "headerAuth", "wsHeaderAuth", "allowOrigin", "natsCreds", "natsCert", "natsKey", "natsRootCAs"}) {
    if (name == p) return true;
  }
  return false;
}

bool known_elsewhere(std::string_view name) {
  for (const std::string_view p :
       {"metricsPort", "apiPath", "apiEncoding", "putMethod", "deleteMethod", "patchMethod", "wsCompression",
        "resetThrottle", "referenceThrottle", "tlsCert", "tlsKey", "certFile", "keyFile", "bufferSize"}) {
    if (name == p) return true;
  }
  return false;
}

void other(std::string_view name, const js::value& value, Config& c) {
  if (protects(name)) {
    if (asks_for_nothing(name, value)) return;
    throw ConfigError("configuration file: " + std::string(name) + " is not supported by this version");
  }
  if (known_elsewhere(name)) {
    if (asks_for_nothing(name, value) || name == "apiPath" || name == "bufferSize") return;
    c.warnings.push_back("Configuration file: " + std::string(name) + " is not supported by this version");
    return;
  }
  c.warnings.push_back("Configuration file: unknown property " + std::string(name));
}

void property(std::string_view name, const js::value& value, Config& c) {
  if (value.is_null()) return;  // as if it were missing
  if (name == "natsUrl") {
    c.nats_url = text(name, value);
  } else if (name == "addr") {
    c.addr = text(name, value);
  } else if (name == "port") {
    c.port = static_cast<std::uint16_t>(number(name, value, 0, 65535));
    if (c.port == 0) c.port = 80;  // "If the port value is missing or 0, standard http(s) port is used."
  } else if (name == "wsPath") {
    c.ws_path = text(name, value);
    if (c.ws_path.empty()) c.ws_path = "/";
  } else if (name == "requestTimeout") {
    c.request_timeout_ms = number(name, value, 1, 86'400'000);
  } else if (name == "debug") {
    c.debug = flag(name, value);
  } else if (name == "trace") {
    c.trace = flag(name, value);
  } else if (name == "lanes") {
    c.lanes = static_cast<unsigned>(number(name, value, 1, 64));
  } else if (name == "maxMessageBytes") {
    c.max_message_bytes = static_cast<std::size_t>(number(name, value, 1'024, 1 << 30));
  } else if (name == "maxOutboxBytes") {
    c.max_outbox_bytes = static_cast<std::size_t>(number(name, value, 65'536, std::int64_t{1} << 40));
  } else if (name == "maxPendingRequests") {
    c.max_pending_requests = static_cast<std::size_t>(number(name, value, 1, 1 << 30));
  } else {
    other(name, value, c);
  }
}

void write_defaults(const std::string& path, const Config& c) {
  std::ofstream out(path);
  out << "{\n"
      << "\t\"natsUrl\": " << js::serialize(js::string(c.nats_url)) << ",\n"
      << "\t\"addr\": " << js::serialize(js::string(c.addr)) << ",\n"
      << "\t\"port\": " << c.port << ",\n"
      << "\t\"wsPath\": " << js::serialize(js::string(c.ws_path)) << ",\n"
      << "\t\"requestTimeout\": " << c.request_timeout_ms << ",\n"
      << "\t\"debug\": false,\n"
      << "\t\"trace\": false,\n"
      << "\t\"lanes\": " << c.lanes << ",\n"
      << "\t\"maxMessageBytes\": " << c.max_message_bytes << ",\n"
      << "\t\"maxOutboxBytes\": " << c.max_outbox_bytes << ",\n"
      << "\t\"maxPendingRequests\": " << c.max_pending_requests << "\n"
      << "}\n";
  if (!out.flush()) throw ConfigError("cannot write configuration file " + path);
}

}  // namespace

void load_config_file(const std::string& path, Config& config) {
  std::ifstream in(path);
  if (!in) {
    if (errno == ENOENT) return write_defaults(path, config);
    throw ConfigError("cannot read configuration file " + path);
  }
  std::ostringstream content;
  content << in.rdbuf();
  boost::system::error_code ec;
  const js::value value = js::parse(content.str(), ec);
  if (ec || !value.is_object()) {
    throw ConfigError("configuration file " + path + " is not a JSON object" + (ec ? ": " + ec.message() : ""));
  }
  for (const auto& member : value.get_object()) property(member.key(), member.value(), config);
}

}  // namespace resflow
