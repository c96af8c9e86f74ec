#include "nodes/protocol/meta.hpp"

#include <algorithm>
#include <array>

namespace resflow {

bool is_protected_header(std::string_view name) {
  static constexpr std::array<std::string_view, 13> names{"Sec-Websocket-Extensions",
                                                          "Sec-Websocket-Protocol",
                                                          "Sec-Websocket-Accept",
                                                          "Access-Control-Allow-Credentials",
                                                          "Access-Control-Allow-Origin",
                                                          "Content-Type",
                                                          "Content-Length",
                                                          "Transfer-Encoding",
                                                          "Trailer",
                                                          "Connection",
                                                          "Keep-Alive",
                                                          "Upgrade",
                                                          "Date"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

void merge_headers(Headers& headers, const Headers& over) {
  const auto replaced = [&](const HeaderField& field) {
    if (field.first == "Set-Cookie") return false;
    return std::any_of(over.begin(), over.end(), [&](const HeaderField& o) { return o.first == field.first; });
  };
  std::erase_if(headers, replaced);
  headers.insert(headers.end(), over.begin(), over.end());
}

MetaPtr merge(const MetaPtr& meta, const MetaPtr& over) {
  if (!meta || !over) return meta ? meta : over;
  auto both = std::make_shared<Meta>(*meta);
  if (over->status) both->status = over->status;
  merge_headers(both->headers, over->headers);
  return both;
}

}  // namespace resflow
