// Resource ids in URLs, both ways (HTTP API). The name's parts are the segments of the path, percent-encoded; the query
// is that of the URL, untouched. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace resflow {

// A request target (RFC 9112, section 3.2) in origin form or absolute form; views of it.
struct WebTarget {
  std::string_view authority;  // empty in origin form
  std::string_view path;
  std::string_view query;  // without the question mark
};
WebTarget split_target(std::string_view target);

// The text with each %XX replaced; nullopt when one of them is malformed.
std::optional<std::string> percent_decode(std::string_view text);

// A resource id as the path behind the API's prefix spells it, and with it the last segment when it is a method's name.
// nullopt when there is none. It may still be invalid as a resource id.
struct WebResource {
  std::string rid;
  std::string method;
};
std::optional<WebResource> read_resource(const WebTarget& target, std::string_view api_path, bool with_method);

// The URL of a resource, relative to the server.
std::string resource_href(std::string_view rid, std::string_view api_path);

}  // namespace resflow
