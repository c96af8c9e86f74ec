// The URLs of NATS servers as users write them: [nats://|tcp://|tls://][user:password@|token@]host[:port], several
// separated by commas. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resflow {

struct NatsUrl {
  std::string server;  // scheme, host and port: what the library gets, and what logs may show
  std::string host;    // an IPv6 address without its brackets
  bool tls = false;
  // At most a user with a password, or a token; percent-decoded.
  std::optional<std::string> user;
  std::string password;
  std::optional<std::string> token;
};

// At least one. Throws std::runtime_error, which shows no credentials.
std::vector<NatsUrl> parse_nats_urls(std::string_view list);

}  // namespace resflow
