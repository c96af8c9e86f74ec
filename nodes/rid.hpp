// Resource ids (RES protocol, "Resource IDs"): a resource name and an optional query, kept as one immutable shared text
// with its hash, since an id is looked up many times on its way. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace resflow {

class Rid {
 public:
  explicit Rid(std::string text);

  const std::string& text() const { return text_; }
  std::string_view name() const { return std::string_view(text_).substr(0, name_size_); }
  // The query without the question mark; empty when there is none.
  std::string_view query() const;
  // Whether the "Connection ID tag" is in it.
  bool has_cid_tag() const { return has_cid_tag_; }
  std::size_t hash() const { return hash_; }

 private:
  std::string text_;
  std::size_t hash_;
  std::uint32_t name_size_;
  bool has_cid_tag_;
};

using RidPtr = std::shared_ptr<const Rid>;

RidPtr make_rid(std::string_view text);

// For maps keyed by RidPtr: compares texts, and finds by plain text as well.
struct RidHash {
  using is_transparent = void;
  std::size_t operator()(const RidPtr& rid) const { return rid->hash(); }
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
struct RidEqual {
  using is_transparent = void;
  bool operator()(const RidPtr& a, const RidPtr& b) const {
    return a == b || (a->hash() == b->hash() && a->text() == b->text());
  }
  bool operator()(const RidPtr& a, std::string_view b) const { return a->text() == b; }
  bool operator()(std::string_view a, const RidPtr& b) const { return a == b->text(); }
};

// Whether the text is a resource id: printable ASCII without wildcards, in non-empty parts separated by dots; after a
// question mark anything goes, as far as queries are allowed.
bool valid_rid(std::string_view text, bool allow_query);

// Whether the text is one part of a resource name, as a method is.
bool valid_rid_part(std::string_view text);

// Whether the text can be a NATS subject to publish on: non-empty tokens without white space, control characters or
// wildcards. nats.c checks none of it, and a line break would inject protocol.
bool valid_subject(std::string_view text);

// RES-Client protocol, "Connection ID tag": the rid with each {cid} replaced; `rid` itself when it has none.
RidPtr expand_cid(const RidPtr& rid, std::string_view cid);

}  // namespace resflow
