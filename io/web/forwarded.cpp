#include "io/web/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "nodes/base/ascii.hpp"
#include "nodes/base/text_parts.hpp"

namespace resflow {
namespace {

// Parses an address, with or without a port: 10.0.0.7, 10.0.0.7:80, 2001:db8::7, [2001:db8::7], [2001:db8::7]:80.
std::optional<IpAddress> read_node(std::string_view text) {
  if (const auto address = IpAddress::read(text)) return address;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = text.substr(colon + 1);
  const bool digits =
      !port.empty() && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::string_view host = text.substr(0, colon);
  if (!digits || (host.find(':') != std::string_view::npos && !host.ends_with(']'))) return std::nullopt;
  return IpAddress::read(host);
}

// Returns the value of `for` in one element of the header Forwarded, such as `for="[2001:db8::7]:80";proto=https`.
// Returns an empty text if the element has no `for`.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    std::string_view value = take_part(element, ';');
    const bool is_pair = value.find('=') != std::string_view::npos;
    if (is_pair && equal_ignoring_case(trim(take_part(value, '=')), "for")) {
      value = trim(value);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      return value;
    }
  }
  return {};
}

// Finds the client's address in the headers called `name`. Reads their lists from right to left, up to the first
// address that is not a trusted proxy (see client_address() in forwarded.hpp). `node_of` returns the part of a list
// element that is the address. Returns nullopt if there is no header called `name`.
template <typename NodeOf>
std::optional<IpAddress> walk(const HttpRequestHead& head, std::string_view name, const IpAddress& peer,
                              const std::vector<IpNetwork>& trusted, NodeOf node_of) {
  bool any = false;
  IpAddress client = peer;
  for (auto header = head.headers.rbegin(); header != head.headers.rend(); ++header) {
    if (header->first != name) continue;
    any = true;
    std::string_view rest = header->second;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const auto address = read_node(node_of(trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1))));
      if (!address) return client;
      client = *address;
      if (!any_contains(trusted, client)) return client;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return any ? std::optional(client) : std::nullopt;
}

}  // namespace

IpAddress client_address(const HttpRequestHead& head, const IpAddress& peer, const std::vector<IpNetwork>& trusted) {
  if (!any_contains(trusted, peer)) return peer;
  const auto as_it_is = [](std::string_view element) { return element; };
  const auto by_list = walk(head, "X-Forwarded-For", peer, trusted, as_it_is);
  const auto by_pairs = walk(head, "Forwarded", peer, trusted, for_of);
  if (by_list && by_pairs) return *by_list == *by_pairs ? *by_list : peer;
  return by_list.value_or(by_pairs.value_or(peer));
}

}  // namespace resflow
