#include "nodes/protocol/rid.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace resflow {

namespace {

constexpr std::string_view kCidTag = "{cid}";

// What a byte means in a resource name. none: not allowed; plain: an ordinary character; brace: "{", which may begin
// the tag "{cid}"; dot: ends a part of the name; mark: "?", which ends the name.
enum class NameByte : std::uint8_t { none, plain, brace, dot, mark };

constexpr NameByte name_byte(unsigned char c) {
  if (c < 33 || c > 126 || c == '*' || c == '>') return NameByte::none;
  if (c == '{') return NameByte::brace;
  if (c == '.') return NameByte::dot;
  return c == '?' ? NameByte::mark : NameByte::plain;
}

constexpr auto kNameBytes = [] {
  std::array<NameByte, 256> bytes{};
  for (unsigned c = 0; c < bytes.size(); ++c) bytes[c] = name_byte(static_cast<unsigned char>(c));
  return bytes;
}();

// The resource name at the beginning of a resource id, up to the question mark or the end.
struct NamePart {
  std::size_t size = 0;
  bool sound = false;   // true if no part is empty and all bytes are allowed
  bool braces = false;  // true if the name contains "{", so it may have a "{cid}" tag
};

NamePart find_name(std::string_view text) {
  NamePart name;
  bool part_empty = true;
  for (; name.size < text.size(); ++name.size) {
    const NameByte byte = kNameBytes[static_cast<unsigned char>(text[name.size])];
    if (byte == NameByte::plain) {
      part_empty = false;
      continue;
    }
    if (byte == NameByte::mark) break;
    if (byte == NameByte::none || (byte == NameByte::dot && part_empty)) return name;
    part_empty = byte == NameByte::dot;
    name.braces = name.braces || byte == NameByte::brace;
  }
  name.sound = !part_empty;
  return name;
}

std::uint32_t count_tags(std::string_view text) {
  std::uint32_t count = 0;
  for (auto at = text.find(kCidTag); at != std::string_view::npos; at = text.find(kCidTag, at + kCidTag.size()))
    ++count;
  return count;
}

// Returns true if a name or query is short enough: at most `most` bytes. It has `size` bytes now, and contains `tags`
// tags "{cid}". Each tag counts as the longest possible connection id, because a connection id will replace it.
bool fits(std::size_t size, std::uint32_t tags, std::size_t most) {
  return size + tags * (kMaxCidSize - kCidTag.size()) <= most;
}

}  // namespace

// Checks whether texts are resource ids. A check returns a Rid::Checked. The fields of Rid::Checked are private; only
// RidReader and Rid can access them.
struct RidReader {
  // Checks whether a text is a resource id.
  static Rid::Checked look(std::string_view text, bool allow_query) {
    Rid::Checked found;
    const NamePart name = find_name(text);
    const bool has_query = name.size < text.size();
    if (!name.sound || (has_query && !allow_query)) {
      found.fault = RidFault::invalid;
      return found;
    }
    const std::string_view query = has_query ? text.substr(name.size + 1) : std::string_view();
    if (name.size > kMaxNameSize || query.size() > kMaxQuerySize) {
      found.fault = RidFault::too_long;
      return found;
    }
    found.name_size = static_cast<std::uint32_t>(name.size);
    if (!name.braces && query.empty()) return found;
    const std::uint32_t name_tags = count_tags(text.substr(0, name.size));
    const std::uint32_t query_tags = count_tags(query);
    found.cid_tags = name_tags + query_tags;
    if (!fits(name.size, name_tags, kMaxNameSize) || !fits(query.size(), query_tags, kMaxQuerySize)) {
      found.fault = RidFault::too_long;
    }
    return found;
  }

  static RidFault fault(const Rid::Checked& found) { return found.fault; }

  // Makes the check result for an id in which expand_cid() has replaced all "{cid}" tags. The id is not checked again,
  // because it was valid before, and the replacement keeps it valid.
  static Rid::Checked expanded(std::size_t name_size) {
    Rid::Checked found;
    found.name_size = static_cast<std::uint32_t>(name_size);
    return found;
  }
};

Rid::Rid(std::string text, const Checked& checked)
    : text_(std::move(text)), hash_(hash_text(text_)), name_size_(checked.name_size), cid_tags_(checked.cid_tags) {
  if (checked.fault != RidFault::none) throw std::invalid_argument('"' + text_ + "\" is no resource id");
}

Rid::Rid(std::string text) : Rid(text, RidReader::look(text, true)) {}

std::string_view Rid::query() const {
  if (name_size_ == text_.size()) return {};
  return std::string_view(text_).substr(name_size_ + 1);
}

RidPtr read_rid(std::string_view text) {
  const Rid::Checked found = RidReader::look(text, true);
  if (RidReader::fault(found) != RidFault::none) return nullptr;
  return std::make_shared<const Rid>(std::string(text), found);
}

RidPtr make_rid(std::string_view text) {
  return std::make_shared<const Rid>(std::string(text));
}

RidFault rid_fault(std::string_view text, bool allow_query) {
  return RidReader::fault(RidReader::look(text, allow_query));
}

bool valid_rid_part(std::string_view text) {
  const auto fits_in = [](char c) {
    const NameByte byte = kNameBytes[static_cast<unsigned char>(c)];
    return byte == NameByte::plain || byte == NameByte::brace;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits_in);
}

bool valid_subject(std::string_view text) {
  enum Class : std::uint8_t { plain, dot, forbidden };
  static constexpr auto classes = [] {
    std::array<Class, 256> all{};
    for (std::size_t c = 0; c <= ' '; ++c) all[c] = forbidden;
    for (const char c : {'\x7F', '*', '>'}) all[static_cast<unsigned char>(c)] = forbidden;
    all['.'] = dot;
    return all;
  }();
  Class before = dot;
  for (const char c : text) {
    const Class now = classes[static_cast<unsigned char>(c)];
    if (now == forbidden || (now == dot && before == dot)) return false;
    before = now;
  }
  return before != dot;
}

RidPtr expand_cid(const RidPtr& rid, std::string_view cid) {
  if (rid->cid_tags() == 0) return rid;
  const std::string_view from = rid->text();
  std::string text;
  text.reserve(from.size() - rid->cid_tags() * kCidTag.size() + rid->cid_tags() * cid.size());
  std::size_t name_size = 0;
  std::size_t start = 0;
  const auto copy_until = [&](std::size_t end) {
    if (start <= rid->name().size() && rid->name().size() <= end) name_size = text.size() + rid->name().size() - start;
    text.append(from, start, end - start);
  };
  for (auto tag = from.find(kCidTag); tag != std::string_view::npos; tag = from.find(kCidTag, start)) {
    copy_until(tag);
    text += cid;
    start = tag + kCidTag.size();
  }
  copy_until(from.size());
  return std::make_shared<const Rid>(std::move(text), RidReader::expanded(name_size));
}

}  // namespace resflow
