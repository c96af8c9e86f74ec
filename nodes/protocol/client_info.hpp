// What the gateway knows of a client: the id of its connection and the fields of its HTTP request. For a WebSocket
// client, this is the request that opened the connection. Otherwise the client is a single web request. Auth requests
// pass all of this on to services (RES-Service protocol, "Auth request"). Immutable; pure; any thread.
//
// A gateway has very many ClientInfos. They live as long as their connections and are seldom read. So all fields are
// stored in one string, which takes a third of the memory of separate strings.
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
  // Returns true if the client is behind an HTTP proxy. Then requests of several clients may come on one connection, so
  // limits are applied to the client's address and not to the connection.
  bool proxied() const { return remote_addr().ends_with(":0"); }
  std::vector<HeaderView> headers() const;
  // Returns the values of all headers with this name. `name` must be canonical, such as "Content-Length"
  // (canonical_header_name() in header_fields.hpp).
  std::vector<std::string_view> header_values(std::string_view name) const;

  // Returns all fields, copied.
  ClientFields fields() const;

 private:
  std::string_view part(std::size_t index) const;

  // cid, host, remote_addr and uri, then the name and value of each header. Before each of these texts is its length.
  std::string text_;
};

using ClientInfoPtr = std::shared_ptr<const ClientInfo>;

}  // namespace resflow
