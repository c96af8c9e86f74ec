// What the gateway knows of a client: the id of its connection, its address, and the target and headers of its HTTP
// request. For a WebSocket client, this is the request that opened the connection. Each plain HTTP request counts as a
// client of its own. An auth request, which asks a service to log a client in, contains all these fields (RES-Service
// protocol, "Auth request"). Immutable; no I/O; any thread may use it.
//
// The gateway keeps one of these objects for each open connection, and seldom reads it. So an object stores all its
// fields in one string, which takes a third of the memory that separate strings take.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace resflow {

// An HTTP header field: its name in canonical spelling, such as "Content-Length", and its value.
using HeaderField = std::pair<std::string, std::string>;
// Header fields in the order of arrival. A header that was sent twice has two entries.
using Headers = std::vector<HeaderField>;
using HeaderView = std::pair<std::string_view, std::string_view>;

struct ClientFields {
  std::string cid;          // the connection id (RES protocol, "Connection IDs")
  std::string host;         // the value of the Host header
  std::string remote_addr;  // ip:port of the client; the port is 0 (unknown) if the client is behind an HTTP proxy
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
  // Returns true if the client is behind an HTTP proxy, so the port of its address is unknown (0). A proxy may send the
  // requests of several clients on one connection, so a limit per client must count by address, not by connection.
  bool proxied() const { return remote_addr().ends_with(":0"); }
  std::vector<HeaderView> headers() const;
  // Returns the values of all headers with this name. `name` must be canonical, such as "Content-Length"
  // (canonical_header_name() in header_fields.hpp).
  std::vector<std::string_view> header_values(std::string_view name) const;

  // Returns a copy of all fields.
  ClientFields fields() const;

 private:
  std::string_view part(std::size_t index) const;

  // All fields in one string: first cid, host, remote_addr and uri, then the name and value of each header. Before each
  // of these parts stands its length (4 bytes).
  std::string text_;
};

using ClientInfoPtr = std::shared_ptr<const ClientInfo>;

}  // namespace resflow
