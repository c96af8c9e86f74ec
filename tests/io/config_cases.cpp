#include "tests/io/config_fixture.hpp"

namespace resflow::testing {

namespace {

bool is(const std::optional<HeaderAuth>& auth, std::string_view rid, std::string_view method) {
  return auth && auth->rid->text() == rid && auth->method == method;
}

}  // namespace

const std::vector<OptionCase>& option_cases() {
  static const std::vector<OptionCase> cases{
      {"nats", "n", "natsUrl", "nats://a:1,nats://b:2", R"("nats://a:1,nats://b:2")",
       [](const Config& c) { return c.nats_url == "nats://a:1,nats://b:2"; }},
      {"addr", "i", "addr", "::1", R"("::1")", [](const Config& c) { return c.addr == "::1"; }},
      {"port", "p", "port", "65535", "65535", [](const Config& c) { return c.port == 65535; }},
      {"wspath", "w", "wsPath", "/ws", R"("/ws")", [](const Config& c) { return c.ws_path == "/ws"; }},
      {"apipath", "a", "apiPath", "/rest", R"("/rest")", [](const Config& c) { return c.web.api_path == "/rest/"; }},
      {"reqtimeout", "r", "requestTimeout", "700", "700", [](const Config& c) { return c.request_timeout_ms == 700; }},
      {"headauth",
       "u",
       "headerAuth",
       "auth.web.login",
       R"("auth.web.login")",
       [](const Config& c) { return is(c.web.header_auth, "auth.web", "login"); },
       {"--alloworigin=http://a.io"}},
      {"wsheadauth",
       "t",
       "wsHeaderAuth",
       "auth.ws",
       R"("auth.ws")",
       [](const Config& c) { return is(c.web.ws_header_auth, "auth", "ws"); },
       {"--alloworigin=http://a.io"}},
      {"metricsport", "m", "metricsPort", "9090", "9090", [](const Config& c) { return c.metrics_port == 9090; }},
      {"apiencoding", "", "apiEncoding", "jsonFlat", R"("jsonFlat")",
       [](const Config& c) { return c.web.encoding == ApiEncoding::jsonflat; }},
      {"putmethod", "", "putMethod", "set", R"("set")", [](const Config& c) { return c.web.put_method == "set"; }},
      {"deletemethod", "", "deleteMethod", "delete", R"("delete")",
       [](const Config& c) { return c.web.delete_method == "delete"; }},
      {"patchmethod", "", "patchMethod", "patch", R"("patch")",
       [](const Config& c) { return c.web.patch_method == "patch"; }},
      {"wscompression", "", "wsCompression", "true", "true", [](const Config& c) { return c.ws_compression; }},
      {"resetthrottle", "", "resetThrottle", "32", "32", [](const Config& c) { return c.reset_throttle == 32; }},
      {"referencethrottle", "", "referenceThrottle", "33", "33",
       [](const Config& c) { return c.reference_throttle == 33; }},
      {"", "", "bufferSize", "", "4096", [](const Config& c) { return c.buffer_size == 4'096; }},
      {"tls", "", "tls", "true", "true", [](const Config& c) { return c.tls; }, {"--tlscert=c", "--tlskey=k"}},
      {"tlscert", "", "certFile", "cert.pem", R"("cert.pem")",
       [](const Config& c) { return c.tls_cert == "cert.pem"; }},
      {"tlskey", "", "keyFile", "key.pem", R"("key.pem")", [](const Config& c) { return c.tls_key == "key.pem"; }},
      {"creds", "", "natsCreds", "ngs.creds", R"("ngs.creds")",
       [](const Config& c) { return c.nats_creds == "ngs.creds"; }},
      {"natscert",
       "",
       "natsCert",
       "nc",
       R"("nc")",
       [](const Config& c) { return c.nats_cert == "nc"; },
       {"--natskey=k"}},
      {"natskey", "", "natsKey", "nk", R"("nk")", [](const Config& c) { return c.nats_key == "nk"; }, {"--natscert=c"}},
      {"natsrootca", "", "natsRootCAs", "root.pem", R"(["root.pem"])",
       [](const Config& c) { return c.nats_root_cas == Strings{"root.pem"}; }},
      {"natsinboxprefix", "", "natsInboxPrefix", "_INBOX.resflow", R"("_INBOX.resflow")",
       [](const Config& c) { return c.nats_inbox_prefix == "_INBOX.resflow"; }},
      {"natsmaxsubscriptions", "", "natsMaxSubscriptions", "1000", "1000",
       [](const Config& c) { return c.nats_max_subscriptions == 1'000; }},
      {"alloworigin", "", "allowOrigin", "https://b.io;http://A.io:80", R"("https://b.io;http://A.io:80")",
       [](const Config& c) {
         return c.web.allow_origins == Strings{"http://a.io:80", "https://b.io"};
       }},
      {"debug", "D", "debug", "true", "true", [](const Config& c) { return c.debug; }},
      {"trace", "V", "trace", "true", "true", [](const Config& c) { return c.trace; }},
      {"lanes", "", "lanes", "64", "64", [](const Config& c) { return c.lanes == 64; }},
      {"maxmessagebytes", "", "maxMessageBytes", "2048", "2048",
       [](const Config& c) { return c.max_message_bytes == 2'048; }},
      {"maxoutboxbytes", "", "maxOutboxBytes", "70000", "70000",
       [](const Config& c) { return c.max_outbox_bytes == 70'000; }},
      {"maxpendingrequests", "", "maxPendingRequests", "5", "5",
       [](const Config& c) { return c.max_pending_requests == 5; }},
      {"maxsubscriptions", "", "maxSubscriptions", "500", "500",
       [](const Config& c) { return c.max_subscriptions == 500; }},
      {"requestrate", "", "requestRate", "30", "30", [](const Config& c) { return c.request_rate == 30; }},
      {"requestburst", "", "requestBurst", "90", "90", [](const Config& c) { return c.request_burst == 90; }},
      {"writetimeout", "", "writeTimeout", "60", "60", [](const Config& c) { return c.write_timeout_seconds == 60; }},
      {"maxconnections", "", "maxConnections", "5000", "5000",
       [](const Config& c) { return c.max_connections == 5'000; }},
      {"maxconnectionsperip", "", "maxConnectionsPerIp", "50", "50",
       [](const Config& c) { return c.max_connections_per_ip == 50; }},
      {"connectionrate", "", "connectionRate", "20", "20", [](const Config& c) { return c.connection_rate == 20; }},
      {"limitsdryrun", "", "limitsDryRun", "true", "true", [](const Config& c) { return c.limits_dry_run; }},
      {"trustedproxies", "", "trustedProxies", "10.0.0.0/8;::1", R"("10.0.0.0/8;::1")",
       [](const Config& c) {
         return c.trusted_proxies == Strings{"10.0.0.0/8", "::1"};
       }},
      {"proxyprotocol",
       "",
       "proxyProtocol",
       "true",
       "true",
       [](const Config& c) { return c.proxy_protocol; },
       {"--trustedproxies=10.0.0.0/8"}},
      {"maxcachebytes", "", "maxCacheBytes", "2000000", "2000000",
       [](const Config& c) { return c.max_cache_bytes == 2'000'000; }},
      {"admin", "", "admin", "true", "true", [](const Config& c) { return c.admin; }, {"--metricsport=9090"}},
      {"adminallow", "", "adminAllow", "10.0.0.1;::2;[::3]", R"("10.0.0.1;::2;[::3]")",
       [](const Config& c) {
         return c.admin_allow == Strings{"10.0.0.1", "::2", "[::3]"};
       }},
      {"logformat", "", "logFormat", "json", R"("json")",
       [](const Config& c) { return c.log_format == LogFormat::json; }},
      {"capture", "", "capture", "a.jsonl", R"("a.jsonl")",
       [](const Config& c) { return c.capture.path == "a.jsonl"; }},
      {"capture-redact", "", "captureRedact", "true", "true", [](const Config& c) { return c.capture.redact; }},
      {"capture-part-bytes", "", "capturePartBytes", "4096", "4096",
       [](const Config& c) { return c.capture.part_bytes == 4'096; }},
      {"capture-part-seconds", "", "capturePartSeconds", "60", "60",
       [](const Config& c) { return c.capture.part_seconds == 60; }},
      {"capture-keep-parts", "", "captureKeepParts", "7", "7",
       [](const Config& c) { return c.capture.keep_parts == 7; }},
      {"capture-folder", "", "captureFolder", "caps", R"("caps")",
       [](const Config& c) { return c.capture.folder == "caps"; }},
  };
  return cases;
}

}  // namespace resflow::testing
