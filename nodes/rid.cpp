#include "nodes/rid.hpp"

#include <algorithm>

namespace resflow {

namespace {

constexpr std::string_view kCidTag = "{cid}";

bool name_char(char c) {
  return c >= 33 && c <= 126 && c != '*' && c != '>' && c != '?';
}

}  // namespace

Rid::Rid(std::string text)
    : text_(std::move(text)),
      hash_(std::hash<std::string_view>{}(text_)),
      name_size_(static_cast<std::uint32_t>(std::min(text_.find('?'), text_.size()))),
      has_cid_tag_(text_.find(kCidTag) != std::string::npos) {}

std::string_view Rid::query() const {
  if (name_size_ == text_.size()) return {};
  return std::string_view(text_).substr(name_size_ + 1);
}

RidPtr make_rid(std::string_view text) {
  return std::make_shared<const Rid>(std::string(text));
}

bool valid_rid(std::string_view text, bool allow_query) {
  bool part_empty = true;
  for (const char c : text) {
    if (c == '?') return allow_query && !part_empty;
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
  if (!rid->has_cid_tag()) return rid;
  std::string text = rid->text();
  for (std::size_t tag = text.find(kCidTag); tag != std::string::npos; tag = text.find(kCidTag, tag + cid.size()))
    text.replace(tag, kCidTag.size(), cid);
  return std::make_shared<const Rid>(std::move(text));
}

}  // namespace resflow
