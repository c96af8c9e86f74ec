#include "nodes/rid.hpp"

#include <algorithm>
#include <stdexcept>

namespace resflow {

namespace {

constexpr std::string_view kCidTag = "{cid}";

bool name_char(char c) {
  return c >= 33 && c <= 126 && c != '*' && c != '>' && c != '?';
}

// Names with dots between their parts.
bool valid_name(std::string_view name) {
  bool part_empty = true;
  for (const char c : name) {
    if (c == '.') {
      if (part_empty) return false;
      part_empty = true;
    } else {
      if (!name_char(c)) return false;
      part_empty = false;
    }
  }
  return !part_empty;
}

std::uint32_t count_tags(std::string_view text) {
  std::uint32_t count = 0;
  for (auto at = text.find(kCidTag); at != std::string_view::npos; at = text.find(kCidTag, at + kCidTag.size()))
    ++count;
  return count;
}

// Whether the part of an id has its place with all connection ids in it.
bool fits(std::string_view part, std::uint32_t tags, std::size_t most) {
  return part.size() + tags * (kMaxCidSize - kCidTag.size()) <= most;
}

}  // namespace

struct RidReader {
  static Rid::Checked look(std::string_view text, bool allow_query) {
    Rid::Checked found;
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string_view name = text.substr(0, mark);
    const std::string_view query = text.substr(std::min(mark + 1, text.size()));
    if (!valid_name(name) || (mark != text.size() && !allow_query)) {
      found.fault = RidFault::invalid;
      return found;
    }
    if (name.size() > kMaxNameSize || query.size() > kMaxQuerySize) {
      found.fault = RidFault::too_long;
      return found;
    }
    found.name_size = static_cast<std::uint32_t>(mark);
    const std::uint32_t name_tags = count_tags(name);
    const std::uint32_t query_tags = count_tags(query);
    found.cid_tags = name_tags + query_tags;
    if (!fits(name, name_tags, kMaxNameSize) || !fits(query, query_tags, kMaxQuerySize)) {
      found.fault = RidFault::too_long;
    }
    return found;
  }

  static RidFault fault(const Rid::Checked& found) { return found.fault; }

  // An id that has the tag in it is not looked through again.
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
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return name_char(c) && c != '.'; });
}

bool valid_subject(std::string_view text) {
  bool part_empty = true;
  for (const char c : text) {
    if (c == '.') {
      if (part_empty) return false;
      part_empty = true;
    } else {
      if (static_cast<unsigned char>(c) <= 32 || c == 127 || c == '*' || c == '>') return false;
      part_empty = false;
    }
  }
  return !part_empty;
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
