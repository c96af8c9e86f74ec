// Gets a page over HTTP or HTTPS. A library of its own: the gateway itself asks nobody. Any thread, and waits.
#pragma once

#include <string>

namespace resflow {

struct FetchOptions {
  std::string accept;
  std::string ca_file;              // with the authorities to trust; empty: the system's
  long timeout_ms = 10'000;         // for all of it
  std::size_t max_size = 64 << 20;  // bytes of the page
};

// The page, which came with the status 200. Throws std::runtime_error, which names the URL and what is wrong.
std::string http_fetch(const std::string& url, const FetchOptions& options);

}  // namespace resflow
