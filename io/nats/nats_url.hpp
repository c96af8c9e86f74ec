// Parses the URLs of NATS servers: [nats://|tcp://|tls://][user:password@|token@]host[:port], several of them separated
// by commas. No I/O and no shared state; any thread may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resflow {

struct NatsUrl {
  std::string server;  // scheme, host and port without credentials, for the library nats.c and for logs
  std::string host;    // without brackets if it is an IPv6 address
  bool tls = false;
  // The percent-decoded credentials: a user with a password, or a token, or neither.
  std::optional<std::string> user;
  std::string password;
  std::optional<std::string> token;
};

// Parses the comma-separated list, and returns its URLs, at least one. Throws std::runtime_error if a URL is invalid;
// the text of the error contains no credentials.
std::vector<NatsUrl> parse_nats_urls(std::string_view list);

}  // namespace resflow
