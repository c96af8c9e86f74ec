#include "nodes/protocol/web_target.hpp"

#include <algorithm>

#include "nodes/base/ascii.hpp"

namespace resflow {

namespace {

// Returns true if the character may stand in a path segment without percent-encoding. RFC 3986, section 3.3, allows
// some more characters ("pchar"), such as ";", but other software may treat these as separators.
bool stays_in_segment(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("-_.~$&+=:@").find(c) != std::string_view::npos;
}

// Returns true if the character is written into a query without encoding. Only characters that a URL must not contain
// are encoded.
bool stays_in_query(char c) {
  return c > 32 && c < 127 && c != '"' && c != '#' && c != '<' && c != '>';
}

void append_encoded(std::string& out, std::string_view text, bool (*stays)(char)) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (stays(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xF]);
    }
  }
}

}  // namespace

WebTarget split_target(std::string_view target) {
  WebTarget parts;
  const std::size_t mark = target.find('?');
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  parts.path = target.substr(0, mark);
  const std::size_t scheme = parts.path.find("://");
  if (parts.path.starts_with('/') || scheme == std::string_view::npos) return parts;
  const std::size_t start = scheme + 3;
  const std::size_t end = std::min(parts.path.find('/', start), parts.path.size());
  parts.authority = parts.path.substr(start, end - start);
  parts.path = end == parts.path.size() ? std::string_view("/") : parts.path.substr(end);
  return parts;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Reads a resource id from a URL: "/api/library/book" becomes "library.book". Each slash in the path becomes a dot. A
// plain dot in the path is refused, as in Resgate (the gateway that resflow replaces). An encoded dot (%2E) is
// accepted, and becomes a dot, too.
std::optional<WebResource> read_resource(const WebTarget& target, std::string_view api_path, bool with_method) {
  std::string_view path = target.path;
  if (path.size() <= api_path.size() || !path.starts_with(api_path)) return std::nullopt;
  path.remove_prefix(api_path.size());
  if (path.front() == '/') path.remove_prefix(1);
  if (path.find('.') != std::string_view::npos) return std::nullopt;
  WebResource resource;
  if (with_method) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto method = percent_decode(path.substr(slash + 1));
    if (!method) return std::nullopt;
    resource.method = std::move(*method);
    path = path.substr(0, slash);
  }
  while (true) {
    const std::size_t slash = path.find('/');
    const auto part = percent_decode(path.substr(0, slash));
    if (!part) return std::nullopt;
    resource.rid += *part;
    if (slash == std::string_view::npos) break;
    resource.rid += '.';
    path.remove_prefix(slash + 1);
  }
  if (!target.query.empty()) resource.rid.append(1, '?').append(target.query);
  return resource;
}

std::string resource_href(std::string_view rid, std::string_view api_path) {
  std::string out(api_path);
  const std::size_t mark = rid.find('?');
  std::string_view name = rid.substr(0, mark);
  while (true) {
    const std::size_t dot = name.find('.');
    append_encoded(out, name.substr(0, dot), stays_in_segment);
    if (dot == std::string_view::npos) break;
    out += '/';
    name.remove_prefix(dot + 1);
  }
  if (mark != std::string_view::npos) append_encoded(out, rid.substr(mark), stays_in_query);
  return out;
}

}  // namespace resflow
