// Gets a page over HTTP or HTTPS. Blocks until the page is there. Any thread. Only the tool tools/dot uses this
// library; the gateway sends no HTTP requests.
#pragma once

#include <string>

namespace resflow {

struct FetchOptions {
  std::string accept;               // value of the Accept header
  std::string ca_file;              // file with the CA certificates to trust; empty: those of the system
  long timeout_ms = 10'000;         // for the whole transfer
  std::size_t max_size = 64 << 20;  // bytes of the page; a larger page is an error
};

// Returns the body of the response. Throws std::runtime_error with the URL and the reason if the transfer fails, or if
// the status code of the response is not 200.
std::string http_fetch(const std::string& url, const FetchOptions& options);

}  // namespace resflow
