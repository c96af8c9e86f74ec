#include "io/admin_access.hpp"

#include <algorithm>
#include <string_view>

#include "io/option_text.hpp"

namespace resflow {

namespace {

WebResponse refusal(unsigned status, std::string_view why) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(why) + '\n'};
}

// Without its port and, of an IPv6 address, its brackets.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  return host.substr(0, host.find(':'));
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

bool is_address(std::string_view host) {
  return !host.empty() && resflow::to_address(host).has_value();
}

bool may_ask(std::string_view address, const std::vector<std::string>& allow) {
  return is_loopback(address) ||
         std::any_of(allow.begin(), allow.end(), [&](const std::string& a) { return a == "*" || a == address; });
}

bool of_the_page(std::string_view origin, std::string_view host) {
  return origin == "http://" + std::string(host) || origin == "https://" + std::string(host);
}

}  // namespace

std::optional<WebResponse> refuse_admin(const WebRequest& request, const std::vector<std::string>& allow) {
  const ClientInfo& info = *request.info;
  if (!may_ask(without_port(info.remote_addr), allow)) {
    return refusal(403, "the admin page is for this machine, and for addresses named by adminallow");
  }
  const std::string host = lower_case(info.host);
  if (without_port(host) != "localhost" && !is_address(without_port(host))) {
    return refusal(403, "the admin page is to be asked for by an IP address, or as localhost");
  }
  for (const auto& [name, value] : info.headers) {
    if (name == "Origin" && !of_the_page(lower_case(value), host)) {
      return refusal(403, "the admin page is not for other origins");
    }
  }
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  WebResponse response = refusal(405, "GET only");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

}  // namespace resflow
