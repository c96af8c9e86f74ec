// Resource ids (RES protocol, "Resource IDs"): a resource name and an optional query, kept as one immutable shared text
// with its hash, since an id is looked up many times on its way. Pure; any thread.
//
// A Rid is always valid and never too long, whoever has sent it: there is no other way to make one. So no name can
// break a line of NATS, a limit or a table further on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "nodes/base/text_hash.hpp"

namespace resflow {

// The most bytes that a name and a query may have. A connection id tag counts as an id of kMaxCidSize bytes, so an id
// has no more with the connection id in place. Services see the name in subjects, and the query in payloads.
inline constexpr std::size_t kMaxNameSize = 1'024;
inline constexpr std::size_t kMaxQuerySize = 16'384;
inline constexpr std::size_t kMaxCidSize = 32;

enum class RidFault : std::uint8_t { none, invalid, too_long };

class Rid {
 public:
  // Throws std::invalid_argument when the text is no resource id. What comes from outside is for read_rid.
  explicit Rid(std::string text);

  const std::string& text() const { return text_; }
  std::string_view name() const { return std::string_view(text_).substr(0, name_size_); }
  // The query without the question mark; empty when there is none.
  std::string_view query() const;
  // How often the "Connection ID tag" is in it.
  std::uint32_t cid_tags() const { return cid_tags_; }
  std::size_t hash() const { return hash_; }

  // What is known of a text that was looked at. Only functions of rid.cpp make one that lets a Rid be made.
  class Checked {
    friend class Rid;
    friend struct RidReader;
    RidFault fault = RidFault::none;
    std::uint32_t name_size = 0;
    std::uint32_t cid_tags = 0;
  };
  Rid(std::string text, const Checked& checked);

 private:
  std::string text_;
  std::size_t hash_;
  std::uint32_t name_size_;
  std::uint32_t cid_tags_;
};

using RidPtr = std::shared_ptr<const Rid>;

// The resource id that the text is; null when it is none, and rid_fault says why.
RidPtr read_rid(std::string_view text);

// The resource id that a text is known to be; throws std::invalid_argument when it is none.
RidPtr make_rid(std::string_view text);

// What is wrong with the text as a resource id: it is printable ASCII without wildcards, in non-empty parts separated
// by dots; after a question mark anything goes, as far as queries are allowed.
RidFault rid_fault(std::string_view text, bool allow_query = true);

inline bool valid_rid(std::string_view text, bool allow_query) {
  return rid_fault(text, allow_query) == RidFault::none;
}

// Whether the text is one part of a resource name, as a method is. A method stands in the subject of its request only,
// and may be as long as that may be (ask).
bool valid_rid_part(std::string_view text);

// Whether the text can be a NATS subject to publish on: non-empty tokens without white space, control characters or
// wildcards. nats.c checks none of it, and a line break would inject protocol.
bool valid_subject(std::string_view text);

// RES-Client protocol, "Connection ID tag": the rid with each {cid} replaced; `rid` itself when it has none.
RidPtr expand_cid(const RidPtr& rid, std::string_view cid);

// For maps keyed by RidPtr: compares texts, and finds by plain text as well.
struct RidHash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(const RidPtr& rid) const { return rid->hash(); }
  std::size_t operator()(std::string_view text) const { return hash_text(text); }
};
struct RidEqual {
  using is_transparent = void;
  bool operator()(const RidPtr& a, const RidPtr& b) const {
    return a == b || (a->hash() == b->hash() && a->text() == b->text());
  }
  bool operator()(const RidPtr& a, std::string_view b) const { return a->text() == b; }
  bool operator()(std::string_view a, const RidPtr& b) const { return a == b->text(); }
};

}  // namespace resflow
