#include "io/nats/nats_options.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <stdexcept>
#include <string_view>

#include "io/file.hpp"
#include "io/tls/tls_certificate.hpp"

namespace resflow {
namespace {

void check(natsStatus status, const std::string& what) {
  if (status != NATS_OK) throw std::runtime_error(what + ": " + nats_reason(status));
}

// Calls `f` and returns its result. If `f` throws, throws an error with `what` in front of the text of
// that error.
template <class Call>
auto of(const char* what, Call f) {
  try {
    return f();
  } catch (const std::runtime_error& e) {
    throw std::runtime_error(std::string(what) + ' ' + e.what());
  }
}

// Returns true if the text contains a seed, the private part of a NATS user's key: a line that begins with SU.
bool has_seed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != std::string_view::npos && line.substr(start, 2) == "SU") return true;
    text.remove_prefix(std::min(end == std::string_view::npos ? end : end + 1, text.size()));
  }
  return false;
}

void check_creds(const std::string& file) {
  const std::string content = of("NATS credentials file", [&] { return read_file(file); });
  // Every JWT begins with eyJ, which is {" in base64.
  if (content.find("eyJ") == std::string::npos || !has_seed(content)) {
    throw std::runtime_error("NATS credentials file " + file + ": there must be a user's JWT and seed in it");
  }
}

// Returns the text with escapes for a JSON string. The NATS library writes credentials into JSON without escaping them
// itself.
std::string json_escaped(const std::string& text) {
  const std::string quoted = boost::json::serialize(boost::json::string(text));
  return quoted.substr(1, quoted.size() - 2);
}

void use_credentials(natsOptions* raw, const NatsOptions& options, const NatsUrl& url, const std::string& what) {
  if (!options.creds.empty()) check(natsOptions_SetUserCredentialsFromFiles(raw, options.creds.c_str(), nullptr), what);
  if (url.token) check(natsOptions_SetToken(raw, json_escaped(*url.token).c_str()), what);
  if (!url.user) return;
  check(natsOptions_SetUserInfo(raw, json_escaped(*url.user).c_str(), json_escaped(url.password).c_str()), what);
}

// Sets the TLS options. The server's certificate must always match the host name in the URL; some builds of the library
// would not check this by default. The host name is set even if `tls` is false, since the server may demand TLS.
void use_tls(natsOptions* raw, const NatsOptions& options, const NatsUrl& url, bool tls, const std::string& what) {
  check(natsOptions_SetExpectedHostname(raw, url.host.c_str()), what);
  if (tls) check(natsOptions_SetSecure(raw, true), what);
  for (const std::string& file : options.root_cas) {
    check(natsOptions_LoadCATrustedCertificates(raw, file.c_str()), "NATS root CA file " + file);
  }
  if (options.cert.empty()) return;
  check(natsOptions_LoadCertificatesChain(raw, options.cert.c_str(), options.key.c_str()),
        "NATS client certificate " + options.cert);
}

}  // namespace

// Returns the library's last error text on this thread. Leaves out the place in the library's source code, such as
// "(conn.c:773): ", with which these texts begin.
std::string nats_reason(natsStatus status) {
  const char* detail = nats_GetLastError(nullptr);
  std::string reason = detail != nullptr && *detail != 0 ? detail : natsStatus_GetText(status);
  if (const std::size_t place = reason.find("): "); reason[0] == '(' && place != std::string::npos) {
    reason.erase(0, place + 3);
  }
  return reason;
}

void check_files(const NatsOptions& options) {
  if (!options.creds.empty()) check_creds(options.creds);
  for (const std::string& file : options.root_cas) of("NATS root CA file", [&] { return read_file(file); });
  if (options.cert.empty() && options.key.empty()) return;
  if (options.cert.empty()) throw std::runtime_error("missing NATS client certificate file: there is a key only");
  if (options.key.empty()) throw std::runtime_error("missing NATS client key file: there is a certificate only");
  of("NATS client certificate", [&] { return TlsCertificate::load(options.cert, options.key); });
}

bool wants_tls(const NatsOptions& options, const std::vector<NatsUrl>& urls) {
  return !options.root_cas.empty() || !options.cert.empty() ||
         std::any_of(urls.begin(), urls.end(), [](const NatsUrl& url) { return url.tls; });
}

NatsLibraryOptions library_options(const NatsOptions& options, const NatsUrl& url, bool tls) {
  const std::string what = "cannot connect to NATS at " + url.server;
  natsOptions* raw = nullptr;
  check(natsOptions_Create(&raw), what);
  NatsLibraryOptions made(raw);
  check(natsOptions_SetURL(raw, url.server.c_str()), what);
  natsOptions_SetName(raw, "resflow");
  natsOptions_SetTimeout(raw, options.connect_timeout_ms);
  natsOptions_SetAllowReconnect(raw, false);
  natsOptions_SetSendAsap(raw, true);
  natsOptions_UseGlobalMessageDelivery(raw, true);  // all subscriptions share one thread, so messages stay in order
  natsOptions_SetMaxPendingMsgs(raw, options.pending_messages);
  // Limits how long the loop's thread can block: over TLS, the library waits in each write until the server has read
  // enough.
  natsOptions_SetWriteDeadline(raw, options.write_timeout_ms);
  use_credentials(raw, options, url, what);
  use_tls(raw, options, url, tls, what);
  return made;
}

}  // namespace resflow
