#include "io/capture/capture_fields.hpp"

#include <charconv>
#include <stdexcept>

#include "io/capture/capture_text.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow {

namespace {

[[noreturn]] void fail(std::string_view name, const char* what) {
  throw std::runtime_error("field \"" + std::string(name) + "\": " + what);
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

std::optional<std::string> decode_quoted_base64(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return std::nullopt;
  return decode_base64(json.substr(1, json.size() - 2));
}

}  // namespace

CaptureFields::CaptureFields(std::string_view line) {
  json::Cursor cursor(line);
  bool too_many = false;
  const bool sound = cursor.members([&](std::string_view name) {
    const std::string_view text = cursor.value();
    too_many = too_many || count_ == fields_.size();
    if (too_many) return;
    // Normally `name` is a view of the line. If the name has escapes, `name` is a view of a temporary buffer, so it
    // cannot be kept. Such a name is replaced by "?". finish() then rejects the line, since no field of a capture has
    // such a name.
    if (name.data() < line.data() || name.data() >= line.data() + line.size()) name = "?";
    fields_[count_++] = Field{name, text};
  });
  if (!sound || !cursor.at_end()) throw std::runtime_error("this is no JSON: the line is damaged");
  if (too_many) throw std::runtime_error("a line with so many fields is none of a capture");
}

std::optional<std::string_view> CaptureFields::find(std::string_view name) {
  for (std::size_t i = 0; i < count_; ++i) {
    if (fields_[i].name != name || fields_[i].used) continue;
    fields_[i].used = true;
    return fields_[i].text;
  }
  return std::nullopt;
}

std::string_view CaptureFields::get(std::string_view name) {
  const auto text = find(name);
  if (!text) fail(name, "is missing");
  return *text;
}

std::string CaptureFields::string(std::string_view name) {
  auto text = find_string(name);
  if (!text) fail(name, "is missing");
  return std::move(*text);
}

std::string CaptureFields::string_if_any(std::string_view name) {
  return find_string(name).value_or(std::string());
}

std::optional<std::string> CaptureFields::find_string(std::string_view name) {
  if (const auto text = find(name)) {
    if (auto decoded = decode_quoted(*text)) return decoded;
    fail(name, "is no string");
  }
  const std::string other = std::string(name) + "64";
  const auto text = find(other);
  if (!text) return std::nullopt;
  auto decoded = decode_quoted_base64(*text);
  if (!decoded) fail(other, "is no base64");
  return decoded;
}

std::uint64_t CaptureFields::number(std::string_view name) {
  const auto n = to_number(get(name));
  if (!n) fail(name, "is no number");
  return *n;
}

bool CaptureFields::flag(std::string_view name) {
  const auto text = find(name);
  if (text && *text != "true") fail(name, "can only be true");
  return text.has_value();
}

ConnId CaptureFields::conn(LaneId lane) {
  return parse_conn(get("conn"), lane);
}

Headers CaptureFields::headers() {
  Headers headers;
  json::Cursor cursor(get("headers"));
  const bool sound = cursor.elements([&] {
    HeaderField field;
    std::size_t n = 0;
    cursor.elements([&] {
      const std::string_view text = cursor.value();
      if (cursor.failed() || ++n > 2) return cursor.fail();
      (n == 1 ? field.first : field.second) = parse_bytes(text);
    });
    if (n != 2) cursor.fail();
    headers.push_back(std::move(field));
  });
  if (!sound) fail("headers", "is no list of pairs");
  return headers;
}

LaneId CaptureFields::lane() {
  const auto text = find("lane");
  return text ? parse_lane(*text) : LaneId{0};
}

void CaptureFields::finish() const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (!fields_[i].used) throw std::runtime_error("unknown field \"" + std::string(fields_[i].name) + '"');
  }
}

ConnId parse_conn(std::string_view json, LaneId lane) {
  const std::string_view text = json.starts_with('"') ? json.substr(1, json.size() - 2) : std::string_view();
  const std::size_t dot = text.find('.');
  const auto slot = to_number(text.substr(0, dot));
  const auto generation = dot == std::string_view::npos ? std::nullopt : to_number(text.substr(dot + 1));
  if (!slot || !generation || *slot > UINT32_MAX || *generation > UINT32_MAX) {
    throw std::runtime_error(std::string(json) + " names no connection");
  }
  return ConnId{static_cast<std::uint32_t>(*slot), static_cast<std::uint32_t>(*generation), lane};
}

LaneId parse_lane(std::string_view json) {
  const std::uint64_t n = parse_number(json);
  if (n >= kMaxLanes) throw std::runtime_error("there is no lane " + std::string(json));
  return static_cast<LaneId>(n);
}

std::uint64_t parse_number(std::string_view json) {
  const auto n = to_number(json);
  if (!n) throw std::runtime_error("a number is expected where there is none");
  return *n;
}

std::string parse_bytes(std::string_view json) {
  if (auto text = decode_quoted(json)) return std::move(*text);
  std::optional<std::string> bytes;
  json::Cursor cursor(json);
  cursor.members([&](std::string_view name) {
    const std::string_view text = cursor.value();
    if (name == "bytes64") bytes = decode_quoted_base64(text);
  });
  if (!bytes) throw std::runtime_error("a value is neither a string nor bytes in base64");
  return std::move(*bytes);
}

}  // namespace resflow
