// The HTTP request that opened a connection, or was a web request, as auth requests pass it on (RES-Service protocol,
// "Auth request"), and the connection's id. Immutable; pure; any thread.
//
// It is kept as long as the connection is there and read seldom, and a gateway has very many: so it is one text, a
// third of the memory that as many strings would take.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace resflow {

// Header fields of HTTP: canonical names, in order of arrival, repeated ones apart.
using HeaderField = std::pair<std::string, std::string>;
using Headers = std::vector<HeaderField>;
using HeaderView = std::pair<std::string_view, std::string_view>;

struct ClientFields {
  std::string cid;  // "Connection IDs"
  std::string host;
  std::string remote_addr;  // ip:port; the port is 0 where a proxy has told of the client in a header
  std::string uri;          // the request target, as sent
  Headers headers;          // without Host
};

class ClientInfo {
 public:
  ClientInfo() : ClientInfo(ClientFields{}) {}
  explicit ClientInfo(const ClientFields& fields);

  std::string_view cid() const { return part(0); }
  std::string_view host() const { return part(1); }
  std::string_view remote_addr() const { return part(2); }
  std::string_view uri() const { return part(3); }
  // True when the client is behind an HTTP proxy: requests of others may come on the same connection, so its limits are
  // those of its address.
  bool proxied() const { return remote_addr().ends_with(":0"); }
  std::vector<HeaderView> headers() const;
  // Those of one canonical name.
  std::vector<std::string_view> header_values(std::string_view name) const;

  // The same taken apart.
  ClientFields fields() const;

 private:
  std::string_view part(std::size_t index) const;

  std::string text_;  // each part behind its length
};

using ClientInfoPtr = std::shared_ptr<const ClientInfo>;

}  // namespace resflow
