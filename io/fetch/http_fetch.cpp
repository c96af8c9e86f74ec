#include "io/fetch/http_fetch.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace resflow {

namespace {

struct Page {
  std::string text;
  std::size_t max_size = 0;
};

// The write callback of libcurl: appends the received data to the page. If the page would become larger than max_size,
// returns 0, which makes libcurl end the transfer with an error.
std::size_t take(const char* data, std::size_t, std::size_t size, void* user) {
  Page& page = *static_cast<Page*>(user);
  if (page.text.size() + size > page.max_size) return 0;
  page.text.append(data, size);
  return size;
}

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

}  // namespace

std::string http_fetch(const std::string& url, const FetchOptions& options) {
  const Handle curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw std::runtime_error("cannot make an HTTP client");
  const List headers(curl_slist_append(nullptr, ("Accept: " + options.accept).c_str()), curl_slist_free_all);
  Page page{{}, options.max_size};
  std::array<char, CURL_ERROR_SIZE> reason{};
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, options.timeout_ms);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &page);
  if (!options.ca_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, options.ca_file.c_str());
  const CURLcode result = curl_easy_perform(c);
  if (result != CURLE_OK) {
    const std::string why = reason[0] != 0 ? reason.data() : curl_easy_strerror(result);
    throw std::runtime_error("cannot get " + url + ": " + why);
  }
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) throw std::runtime_error("cannot get " + url + ": the answer is " + std::to_string(status));
  return std::move(page.text);
}

}  // namespace resflow
