// Converts between URLs of the HTTP API and resource ids. For example, the path /api/library/book and the resource name
// library.book belong together; each segment of the path is percent-encoded. The query of the URL is the query of the
// resource id, without any decoding. No I/O and no shared state; any thread may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace resflow {

// The parts of a request target in origin form or absolute form (RFC 9112, section 3.2). They are views of the target.
struct WebTarget {
  std::string_view authority;  // empty in origin form
  std::string_view path;
  std::string_view query;  // without the question mark
};
WebTarget split_target(std::string_view target);

// Returns the text with each %XX decoded, or nullopt if a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

// What a URL of the HTTP API contains: a resource id, and the name of the resource's method to call. `method` is empty
// if the URL contains none.
struct WebResource {
  std::string rid;
  std::string method;
};
// Reads the resource id from a URL: the path after the prefix `api_path`, and the query. If `with_method` is true, the
// last segment of the path is the name of a method. Returns nullopt if the path does not have this form. The caller
// must check the resource id and the method, which may still be invalid.
std::optional<WebResource> read_resource(const WebTarget& target, std::string_view api_path, bool with_method);

// Returns the URL of a resource, without scheme and host.
std::string resource_href(std::string_view rid, std::string_view api_path);

}  // namespace resflow
