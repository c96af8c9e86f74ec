#include "nodes/protocol/client_info.hpp"

#include <cstring>

namespace resflow {

namespace {

using Length = std::uint32_t;

std::size_t size_of(std::string_view part) {
  return sizeof(Length) + part.size();
}

void append(std::string& text, std::string_view part) {
  const auto length = static_cast<Length>(part.size());
  char bytes[sizeof length];
  std::memcpy(bytes, &length, sizeof length);
  text.append(bytes, sizeof length).append(part);
}

// Removes the first part from `text` and returns it. Each part of `text` is stored as its length (4 bytes), followed by
// that many bytes of content; only the content is returned.
std::string_view take(std::string_view& text) {
  Length length = 0;
  std::memcpy(&length, text.data(), sizeof length);
  const std::string_view part = text.substr(sizeof length, length);
  text.remove_prefix(size_of(part));
  return part;
}

// Calls f(name, value) for each HTTP header. `text` is the stored form of a client's data (ClientInfo::text_). It
// begins with four parts that are not headers: cid, host, remote_addr and uri. The function skips these.
template <typename F>
void each_header(std::string_view text, F&& f) {
  for (int i = 0; i < 4; ++i) take(text);
  while (!text.empty()) {
    const std::string_view name = take(text);
    f(name, take(text));
  }
}

}  // namespace

ClientInfo::ClientInfo(const ClientFields& fields) {
  const std::string_view parts[] = {fields.cid, fields.host, fields.remote_addr, fields.uri};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += size_of(part);
  for (const auto& [name, value] : fields.headers) size += size_of(name) + size_of(value);
  text_.reserve(size);
  for (const std::string_view part : parts) append(text_, part);
  for (const auto& [name, value] : fields.headers) {
    append(text_, name);
    append(text_, value);
  }
}

std::string_view ClientInfo::part(std::size_t index) const {
  std::string_view rest = text_;
  for (; index > 0; --index) take(rest);
  return take(rest);
}

std::vector<HeaderView> ClientInfo::headers() const {
  std::vector<HeaderView> all;
  each_header(text_, [&](std::string_view name, std::string_view value) { all.emplace_back(name, value); });
  return all;
}

std::vector<std::string_view> ClientInfo::header_values(std::string_view name) const {
  std::vector<std::string_view> values;
  each_header(text_, [&](std::string_view n, std::string_view value) {
    if (n == name) values.push_back(value);
  });
  return values;
}

ClientFields ClientInfo::fields() const {
  ClientFields fields{std::string(cid()), std::string(host()), std::string(remote_addr()), std::string(uri()), {}};
  for (const auto& [name, value] : headers()) fields.headers.emplace_back(name, value);
  return fields;
}

}  // namespace resflow
