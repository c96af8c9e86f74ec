#include "io/capture_fields.hpp"

#include <charconv>
#include <stdexcept>

#include "io/capture_text.hpp"
#include "nodes/json.hpp"

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

}  // namespace

CaptureFields::CaptureFields(std::string_view line) {
  json::Cursor cursor(line);
  bool too_many = false;
  const bool sound = cursor.members([&](std::string_view name) {
    const std::string_view text = cursor.value();
    too_many = too_many || count_ == fields_.size();
    if (too_many) return;
    // Names without escapes are views of the line.
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
  if (const auto text = find(name)) {
    if (auto decoded = decode_quoted(*text)) return std::move(*decoded);
    fail(name, "is no string");
  }
  const std::string other = std::string(name) + "64";
  const auto text = find(other);
  if (!text) fail(name, "is missing");
  const auto decoded = text->size() < 2 ? std::nullopt : decode_base64(text->substr(1, text->size() - 2));
  if (!decoded) fail(other, "is no base64");
  return *decoded;
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

void CaptureFields::finish() const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (!fields_[i].used) throw std::runtime_error("unknown field \"" + std::string(fields_[i].name) + '"');
  }
}

ConnId parse_conn(std::string_view json, LaneId lane) {
  const std::string_view text = json.size() < 2 ? json : json.substr(1, json.size() - 2);
  const std::size_t dot = text.find('.');
  const auto slot = to_number(text.substr(0, dot));
  const auto generation = dot == std::string_view::npos ? std::nullopt : to_number(text.substr(dot + 1));
  if (!slot || !generation || *slot > UINT32_MAX || *generation > UINT32_MAX) {
    throw std::runtime_error("\"" + std::string(text) + "\" names no connection");
  }
  return ConnId{static_cast<std::uint32_t>(*slot), static_cast<std::uint32_t>(*generation), lane};
}

std::string parse_bytes(std::string_view json) {
  if (auto text = decode_quoted(json)) return std::move(*text);
  std::optional<std::string> bytes;
  json::Cursor cursor(json);
  cursor.members([&](std::string_view name) {
    const std::string_view text = cursor.value();
    if (name == "bytes64" && text.size() >= 2) bytes = decode_base64(text.substr(1, text.size() - 2));
  });
  if (!bytes) throw std::runtime_error("a value is neither a string nor bytes in base64");
  return std::move(*bytes);
}

}  // namespace resflow
