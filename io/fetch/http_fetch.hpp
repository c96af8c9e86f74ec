// Gets a page over HTTP or HTTPS. Blocks until the page is there. Any thread. This is a library of its own, used by
// tools/dot: the gateway itself sends no HTTP requests.
#pragma once

#include <string>

namespace resflow {

struct FetchOptions {
  std::string accept;               // the Accept header
  std::string ca_file;              // file with the CA certificates to trust; empty: the system's
  long timeout_ms = 10'000;         // for the whole transfer
  std::size_t max_size = 64 << 20;  // bytes of the page; a larger page is an error
};

// Returns the body of the response. Throws std::runtime_error with the URL and the reason if the transfer fails or the
// status is not 200.
std::string http_fetch(const std::string& url, const FetchOptions& options);

}  // namespace resflow
