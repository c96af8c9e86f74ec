// What the gateway knows of a client: the id of its connection and the fields of its HTTP request. For a WebSocket
// client, this is the request that opened the connection. Each web request without WebSocket counts as a client of its
// own. When the gateway sends a service an auth request for a client, the request contains all of these fields
// (RES-Service protocol, "Auth request"). Immutable; no I/O; any thread may use it.
//
// The gateway keeps very many ClientInfos. They live as long as their connections and are seldom read. So all fields
// are stored in one string, which takes a third of the memory of separate strings.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace resflow {

// An HTTP header field: its canonical name and its value.
using HeaderField = std::pair<std::string, std::string>;
// Header fields in the order of arrival. A header that was sent twice has two entries.
using Headers = std::vector<HeaderField>;
using HeaderView = std::pair<std::string_view, std::string_view>;

struct ClientFields {
  std::string cid;          // the connection id (RES protocol, "Connection IDs")
  std::string host;         // the value of the Host header
  std::string remote_addr;  // ip:port of the client; the port is 0 if the client is behind an HTTP proxy
  std::string uri;          // the request target, as sent
  Headers headers;          // all headers except Host
};

class ClientInfo {
 public:
  ClientInfo() : ClientInfo(ClientFields{}) {}
  explicit ClientInfo(const ClientFields& fields);

  std::string_view cid() const { return part(0); }
  std::string_view host() const { return part(1); }
  std::string_view remote_addr() const { return part(2); }
  std::string_view uri() const { return part(3); }
  // Returns true if the client is behind an HTTP proxy. Then one connection may carry the requests of several clients,
  // so a limit for one client must apply to its address and not to the connection.
  bool proxied() const { return remote_addr().ends_with(":0"); }
  std::vector<HeaderView> headers() const;
  // Returns the values of all headers with this name. `name` must be canonical, such as "Content-Length"
  // (canonical_header_name() in header_fields.hpp).
  std::vector<std::string_view> header_values(std::string_view name) const;

  // Returns a copy of all fields.
  ClientFields fields() const;

 private:
  std::string_view part(std::size_t index) const;

  // cid, host, remote_addr and uri, then the name and value of each header. The length of each text (4 bytes) is stored
  // before the text.
  std::string text_;
};

using ClientInfoPtr = std::shared_ptr<const ClientInfo>;

}  // namespace resflow
