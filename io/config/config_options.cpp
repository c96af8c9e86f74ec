#include "io/config/config_options.hpp"

#include <algorithm>

#include "io/config/option_text.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

constexpr unsigned kMaxLanesOption = 64;
constexpr std::int64_t kMany = 1 << 30;

// ---- kinds of values ----------------------------------------------------------------------------------------------

constexpr auto as_it_is = [](const auto& value) -> js::value { return value; };
constexpr auto as_text = [](const std::string& text) -> js::value { return js::string(text); };
constexpr auto or_null = [](const std::optional<std::string>& text) -> js::value {
  return text ? js::value(js::string(*text)) : js::value();
};

template <typename Read>
auto one(Read read) {
  return [read](const Texts& texts) { return read(texts.front()); };
}

template <typename Field>
OptionValue flag(Field field) {
  return value_in(field, Shape::flag, "true or false", one(to_flag), as_it_is);
}

template <typename Field>
OptionValue number(Field field, std::int64_t min, std::int64_t max) {
  const auto read = [min, max](const std::string& text) { return to_number(text, min, max); };
  const std::string allowed = "a number from " + std::to_string(min) + " to " + std::to_string(max);
  return value_in(field, Shape::number, allowed, one(read), as_it_is);
}

template <typename Field>
OptionValue port(Field field) {
  return number(field, 0, 65'535);
}

// Makes the OptionValue of an option that takes any text. An empty text means the default.
template <typename Field>
OptionValue text(Field field) {
  const auto any = [](const std::string& text) { return std::optional(text); };
  return or_default("", field, value_in(field, Shape::text, "a text in UTF-8", one(any), as_text));
}

template <typename Field>
OptionValue files(Field field) {
  const auto read = [](Texts texts) {
    texts.erase(std::remove(texts.begin(), texts.end(), ""), texts.end());
    return std::optional(std::move(texts));
  };
  const auto show = [](const Texts& list) -> js::value { return js::value_from(list); };
  return repeated(value_in(field, Shape::list, "a list of file names in UTF-8", read, show));
}

OptionValue address() {
  return value_in(&Config::addr, Shape::text, "an IPv4 or IPv6 address", one(to_address), as_text);
}

OptionValue api_path() {
  const auto field = [](auto& c) -> auto& {
    return c.web.api_path;
  };
  return or_default("", field, value_in(field, Shape::text, "a path in UTF-8", one(to_path_prefix), as_text));
}

// Makes the OptionValue of an option that is a limit. 0 or a negative number means no limit.
template <typename Field>
OptionValue limit(Field field) {
  const auto read = [](const std::string& text) -> std::optional<std::int64_t> {
    const auto value = to_number(text, INT64_MIN, INT64_MAX);
    return value ? std::optional(std::max<std::int64_t>(*value, 0)) : std::nullopt;
  };
  return value_in(field, Shape::number, "a whole number", one(read), as_it_is);
}

template <typename Field>
OptionValue method(Field field) {
  return value_in(field, Shape::text, "the name of a call method", one(to_method), or_null);
}

template <typename Field>
OptionValue header_auth(Field field) {
  const auto show = [](const std::optional<HeaderAuth>& auth) {
    return or_null(auth ? std::optional(auth->rid->text() + '.' + auth->method) : std::nullopt);
  };
  return value_in(field, Shape::text, "a resource method, as auth.login", one(to_header_auth), show);
}

OptionValue inbox_prefix() {
  return or_default("", &Config::nats_inbox_prefix,
                    value_in(&Config::nats_inbox_prefix, Shape::text, "the beginning of a NATS subject, as _INBOX",
                             one(to_subject_prefix), as_text));
}

OptionValue encoding() {
  const auto field = [](auto& c) -> auto& {
    return c.web.encoding;
  };
  const auto show = [](ApiEncoding e) -> js::value { return e == ApiEncoding::json ? "json" : "jsonflat"; };
  return or_default("", field, value_in(field, Shape::text, "json or jsonflat", one(to_encoding), show));
}

OptionValue origins() {
  const auto field = [](auto& c) -> auto& {
    return c.web.allow_origins;
  };
  const auto show = [](const Texts& origins) -> js::value { return js::string(join(origins, ';')); };
  return repeated(value_in(field, Shape::text,
                           "* alone, or origins <scheme>://<hostname>[:<port>], or null, separated by semicolons",
                           to_origins, show));
}

OptionValue admin_allow() {
  const auto show = [](const Texts& addresses) -> js::value { return js::string(join(addresses, ';')); };
  return repeated(value_in(&Config::admin_allow, Shape::text,
                           "* alone, or IPv4 or IPv6 addresses separated by semicolons", to_addresses, show));
}

OptionValue trusted_proxies() {
  const auto show = [](const Texts& networks) -> js::value { return js::string(join(networks, ';')); };
  return repeated(value_in(&Config::trusted_proxies, Shape::text,
                           "IPv4 or IPv6 addresses, or networks of them as 10.0.0.0/8, separated by semicolons",
                           to_networks, show));
}

OptionValue log_format() {
  const auto read = [](std::string_view text) -> std::optional<LogFormat> {
    if (text == "text") return LogFormat::text;
    if (text == "json") return LogFormat::json;
    return std::nullopt;
  };
  const auto show = [](LogFormat f) -> js::value { return f == LogFormat::text ? "text" : "json"; };
  return value_in(&Config::log_format, Shape::text, "text or json", one(read), show);
}

OptionValue debug_and_trace() {
  OptionValue both = flag(&Config::debug);
  both.read = [](Config& c, const Texts& texts) {
    const auto value = to_flag(texts.front());
    if (value) c.debug = c.trace = *value;
    return value.has_value();
  };
  return both;
}

OptionValue config_file() {
  return {Shape::text, "a file name", {}, {}, false};
}

// ---- the table of all options -------------------------------------------------------------------------------------

class Table {
 public:
  void group(std::string_view caption) { group_ = caption; }

  // Adds an option to the table. `letter` is 0 if the option has no short name. `name` is empty if the option cannot be
  // set on the command line, and `property` is empty if the option cannot be set in the configuration file.
  Option& add(char letter, std::string_view name, std::string_view placeholder, std::string_view property,
              std::string_view help, OptionValue value) {
    return options.emplace_back(Option{group_, letter, name, placeholder, property, "", help, std::move(value), {}});
  }

  void add(char letter, std::string_view name, std::string_view help, Action action) {
    add(letter, name, "", "", help, OptionValue{}).action = action;
  }

  std::vector<Option> options;

 private:
  std::string_view group_;
};

template <typename Member>
auto web(Member member) {
  return [member](auto& c) -> auto& {
    return c.web.*member;
  };
}

// Adds the options of Resgate (the gateway that resflow replaces), in the order in which Resgate lists them. The help
// texts are Resgate's too, except where resflow differs.
void add_server(Table& t) {
  t.group("Server options");
  t.add(
      'n', "nats", "<url>", "natsUrl",
      "NATS server URL; several are separated by commas; embedded: starts a nats-server of its own, to try things out",
      text(&Config::nats_url));
  t.add('i', "addr", "<host>", "addr", "IP address to bind to; empty: all of IPv4 and IPv6", address());
  t.add('p', "port", "<port>", "port",
        "Port for clients; 0: one of the system's choice, but in the file the standard port of HTTP or HTTPS",
        port(&Config::port));
  t.add('w', "wspath", "<path>", "wsPath", "WebSocket path for clients", text(&Config::ws_path));
  t.add('a', "apipath", "<path>", "apiPath", "Web resource path for clients", api_path());
  t.add('r', "reqtimeout", "<milliseconds>", "requestTimeout", "Time limit of NATS requests",
        or_default("0", &Config::request_timeout_ms, number(&Config::request_timeout_ms, 1, kMany * 1'024)));
  t.add('u', "headauth", "<method>", "headerAuth", "Resource method for header authentication",
        header_auth(web(&WebOptions::header_auth)));
  t.add('t', "wsheadauth", "<method>", "wsHeaderAuth", "Resource method for WebSocket header authentication",
        header_auth(web(&WebOptions::ws_header_auth)));
  t.add('m', "metricsport", "<port>", "metricsPort", "Port for OpenMetrics; 0: none", port(&Config::metrics_port));
  t.add(0, "apiencoding", "<type>", "apiEncoding", "Encoding for web resources: json, jsonflat", encoding());
  t.add(0, "putmethod", "<method>", "putMethod", "Call method that HTTP PUT requests are mapped to",
        method(web(&WebOptions::put_method)));
  t.add(0, "deletemethod", "<method>", "deleteMethod", "Call method that HTTP DELETE requests are mapped to",
        method(web(&WebOptions::delete_method)));
  t.add(0, "patchmethod", "<method>", "patchMethod", "Call method that HTTP PATCH requests are mapped to",
        method(web(&WebOptions::patch_method)));
  t.add(0, "wscompression", "", "wsCompression", "Enable WebSocket per message compression",
        flag(&Config::ws_compression));
  t.add(0, "resetthrottle", "<limit>", "resetThrottle",
        "Limit on parallel requests sent in response to a system reset; 0: none", limit(&Config::reset_throttle));
  t.add(0, "referencethrottle", "<limit>", "referenceThrottle",
        "Limit on parallel requests sent when following references; 0: none", limit(&Config::reference_throttle));
  // bufferSize has no effect. It is accepted so that a configuration file of Resgate (the gateway that resflow
  // replaces) can be used.
  t.add(0, "", "", "bufferSize", "", or_default("0", &Config::buffer_size, number(&Config::buffer_size, 1, kMany)));
  t.add('c', kConfigOption, "<file>", "", "Configuration file in JSON; written when there is none", config_file());
}

void add_security(Table& t) {
  t.group("Security options");
  t.add(0, "tls", "", "tls", "Enable TLS for clients", flag(&Config::tls));
  // Each of these two options has two names in the configuration file. Resgate (the gateway that resflow replaces)
  // documents the names tlsCert and tlsKey, but uses certFile and keyFile.
  t.add(0, "tlscert", "<file>", "certFile", "Certificate file of the server", text(&Config::tls_cert)).other_property =
      "tlsCert";
  t.add(0, "tlskey", "<file>", "keyFile", "Private key file for that certificate", text(&Config::tls_key))
      .other_property = "tlsKey";
  t.add(0, "creds", "<file>", "natsCreds", "NATS user credentials file", text(&Config::nats_creds));
  t.add(0, "natscert", "<file>", "natsCert", "NATS client certificate file", text(&Config::nats_cert));
  t.add(0, "natskey", "<file>", "natsKey", "NATS client certificate key file", text(&Config::nats_key));
  t.add(0, "natsrootca", "<file>", "natsRootCAs", "NATS root CA file; can be repeated", files(&Config::nats_root_cas));
  t.add(0, "alloworigin", "<origin>", "allowOrigin",
        "Allowed origin of web pages: *, or <scheme>://<hostname>[:<port>]; can be repeated, or a list separated by "
        "semicolons",
        origins());
}

void add_logging(Table& t) {
  t.group("Logging options");
  t.add('D', "debug", "", "debug", "Enable debug logging", flag(&Config::debug));
  t.add('V', "trace", "", "trace", "Enable trace logging", flag(&Config::trace));
  t.add(0, "DV", "", "", "Debug and trace", debug_and_trace());
}

void add_own(Table& t) {
  t.group("Options of resflow's own");
  t.add(0, "lanes", "<count>", "lanes", "Threads that share the work; several pay on more than two cores",
        number(&Config::lanes, 1, kMaxLanesOption));
  t.add(0, "maxmessagebytes", "<bytes>", "maxMessageBytes", "Size limit of a client's message or request body",
        number(&Config::max_message_bytes, 1'024, kMany));
  t.add(0, "maxoutboxbytes", "<bytes>", "maxOutboxBytes",
        "Bytes of events that may wait for a client that does not read",
        number(&Config::max_outbox_bytes, 65'536, kMany * 1'024));
  t.add(0, "maxpendingrequests", "<count>", "maxPendingRequests",
        "Requests of one client under way; with more of them its socket is not read",
        number(&Config::max_pending_requests, 1, kMany));
  t.add(0, "natsinboxprefix", "<subject>", "natsInboxPrefix",
        "Beginning of the NATS subjects that replies of services come on", inbox_prefix());
  t.add(0, "natsmaxsubscriptions", "<count>", "natsMaxSubscriptions",
        "Subscriptions that NATS allows the gateway; 0: it will turn out",
        number(&Config::nats_max_subscriptions, 0, kMany));
  t.add(0, "maxsubscriptions", "<count>", "maxSubscriptions", "Limit on a client's direct subscriptions",
        number(&Config::max_subscriptions, 1, kMany));
  t.add(0, "requestrate", "<count>", "requestRate", "Limit on a client's requests in a second; 0: none",
        number(&Config::request_rate, 0, kMany));
  t.add(0, "requestburst", "<count>", "requestBurst",
        "Requests that a client may send at once; 0: what requestrate allows in a second",
        number(&Config::request_burst, 0, kMany));
  t.add(0, "writetimeout", "<seconds>", "writeTimeout",
        "Time in which a client must read 16 KB, or all that waits, of what is written to it",
        number(&Config::write_timeout_seconds, 1, 3'600));
  t.add(0, "maxconnections", "<count>", "maxConnections", "Limit on connections; 0: as many as open files allow",
        number(&Config::max_connections, 0, kMany));
  t.add(0, "maxconnectionsperip", "<count>", "maxConnectionsPerIp", "The same of one address; 0: none",
        number(&Config::max_connections_per_ip, 0, kMany));
  t.add(0, "connectionrate", "<count>", "connectionRate",
        "Limit on new connections of one address in a second, 503 beyond it; 0: none",
        number(&Config::connection_rate, 0, kMany));
  t.add(0, "limitsdryrun", "", "limitsDryRun",
        "Count what is over the limits that are off by default, and refuse nobody", flag(&Config::limits_dry_run));
  t.add(0, "trustedproxies", "<network>", "trustedProxies",
        "Proxies that are believed who their clients are (X-Forwarded-For, Forwarded): addresses or networks; can be "
        "repeated, or a list separated by semicolons",
        trusted_proxies());
  t.add(0, "proxyprotocol", "", "proxyProtocol", "Trusted proxies speak the PROXY protocol, version 1 or 2",
        flag(&Config::proxy_protocol));
  t.add(0, "maxcachebytes", "<bytes>", "maxCacheBytes",
        "Bytes that cached resources may take; beyond it what is not cached yet is refused",
        number(&Config::max_cache_bytes, 1 << 20, kMany * 1'024));
  t.add(0, "logformat", "<format>", "logFormat", "Lines of the log: text, json", log_format());
  t.add(0, "admin", "", "admin", "Serve the admin page, /graph on the metrics port, to this machine",
        flag(&Config::admin));
  t.add(0, "adminallow", "<address>", "adminAllow",
        "Address that may see the admin page as well: *, or an IPv4 or IPv6 address; can be repeated, or a list "
        "separated by semicolons",
        admin_allow());
  t.add(0, "checkconfig", "Print the configuration that results, and exit", Action::check_config);
  t.add(0, "graph", "Print the flow graph as Graphviz DOT, and exit", Action::graph);
}

template <typename Member>
auto capture(Member member) {
  return [member](auto& c) -> auto& {
    return c.capture.*member;
  };
}

void add_captures(Table& t) {
  t.group("Captures of traffic, for resflow-replay");
  t.add(0, "capture", "<file>", "capture", "Record all traffic to a new file; .gz and .zst are compressed",
        text(capture(&CaptureOptions::path)));
  t.add(0, "capture-redact", "", "captureRedact", "Hide tokens, cookies, authorization headers and parameters of auth",
        flag(capture(&CaptureOptions::redact)));
  t.add(0, "capture-part-bytes", "<bytes>", "capturePartBytes",
        "Size from which a capture goes on in another file; 0: none",
        number(capture(&CaptureOptions::part_bytes), 0, kMany * 1'024));
  t.add(0, "capture-part-seconds", "<seconds>", "capturePartSeconds", "The same by age; 0: none",
        number(capture(&CaptureOptions::part_seconds), 0, kMany));
  t.add(0, "capture-keep-parts", "<count>", "captureKeepParts", "Number of those files to keep, the newest; 0: all",
        number(capture(&CaptureOptions::keep_parts), 0, kMany));
  t.add(0, "capture-folder", "<path>", "captureFolder",
        "Folder for captures on demand (signal USR1, or the admin page, starts and ends one)",
        text(capture(&CaptureOptions::folder)));
}

void add_common(Table& t) {
  t.group("Common options");
  t.add('h', "help", "Show this message", Action::help);
  t.add('v', "version", "Show version", Action::version);
}

std::vector<Option> make_options() {
  Table table;
  add_server(table);
  add_security(table);
  add_logging(table);
  add_own(table);
  add_captures(table);
  add_common(table);
  return std::move(table.options);
}

}  // namespace

std::string Option::environment() const {
  if (name.empty() || (property.empty() && name != kConfigOption)) return {};
  std::string out("RESFLOW_");
  for (const char c : name) out += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return out;
}

const std::vector<Option>& config_options() {
  static const std::vector<Option> options = make_options();
  return options;
}

const Option& config_option(std::string_view name) {
  const auto& all = config_options();
  return *std::find_if(all.begin(), all.end(), [&](const Option& o) { return o.name == name; });
}

}  // namespace resflow
