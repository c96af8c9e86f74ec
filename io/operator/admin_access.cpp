#include "io/operator/admin_access.hpp"

#include <algorithm>
#include <string_view>

#include "io/ip_address.hpp"
#include "io/text_list.hpp"

namespace resflow {

namespace {

WebResponse refusal(unsigned status, std::string_view why) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(why) + '\n'};
}

// Returns the host without its port: "10.0.0.7" for "10.0.0.7:80", and "[::1]" for "[::1]:80".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  return host.substr(0, host.find(':'));
}

bool may_ask(std::string_view peer, const std::vector<std::string>& allow) {
  const auto address = IpAddress::read(without_port(peer));
  if (!address) return false;
  return address->is_loopback() || std::any_of(allow.begin(), allow.end(), [&](const std::string& allowed) {
           return allowed == "*" || IpAddress::read(allowed) == address;
         });
}

// Returns true if the host name in a request is an IP address or localhost. Any other name is refused, because an
// attacker can make it resolve to this machine (DNS rebinding).
bool is_own_name(std::string_view host) {
  const std::string_view name = without_port(host);
  return name == "localhost" || IpAddress::read(name);
}

bool of_the_page(std::string_view origin, std::string_view host) {
  return origin == "http://" + std::string(host) || origin == "https://" + std::string(host);
}

WebResponse only(std::string_view methods) {
  WebResponse response = refusal(405, std::string(methods) + " only");
  response.headers.emplace_back("Allow", methods);
  return response;
}

}  // namespace

std::optional<WebResponse> refuse_admin(const WebRequest& request, AdminAccess access,
                                        const std::vector<std::string>& allow) {
  const ClientInfo& info = *request.info;
  if (!may_ask(info.remote_addr(), allow)) {
    return refusal(403, "the admin page is for this machine, and for addresses named by adminallow");
  }
  const std::string host = lower_case(info.host());
  if (!is_own_name(host)) {
    return refusal(403, "the admin page is to be asked for by an IP address, or as localhost");
  }
  const auto origins = info.header_values("Origin");
  for (const std::string_view origin : origins) {
    if (!of_the_page(lower_case(origin), host)) return refusal(403, "the admin page is not for other origins");
  }
  if (access == AdminAccess::look) {
    return request.method == "GET" || request.method == "HEAD" ? std::nullopt : std::optional(only("GET, HEAD"));
  }
  if (request.method != "POST") return only("POST");
  if (origins.empty()) return refusal(403, "this is for the admin page itself: the Origin header is missing");
  if (info.header_values("X-Resflow-Admin") != std::vector<std::string_view>{"1"}) {
    return refusal(403, "this is for the admin page itself: the header X-Resflow-Admin: 1 is missing");
  }
  return std::nullopt;
}

}  // namespace resflow
