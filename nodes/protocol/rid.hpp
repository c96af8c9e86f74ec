// Resource ids (RES protocol, "Resource IDs"). A resource id ("rid") consists of a resource name and an optional query.
// It is kept as one immutable, shared text, together with its hash, because the gateway looks up each rid many times.
// No I/O; any thread may use it.
//
// Every function that creates a Rid checks the text first, so a Rid is always valid and never too long. Code that gets
// a Rid need not check it again. In particular, a resource name contains no line break, so no client can use it to send
// commands to the NATS server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "nodes/base/text_hash.hpp"

namespace resflow {

// The maximum sizes of a resource name, a query and a connection id, in bytes. A longer resource id is not accepted.
// Each "{cid}" in a resource id counts as kMaxCidSize bytes, because a connection id will replace it. Services get the
// name in subjects, and the query in payloads.
inline constexpr std::size_t kMaxNameSize = 1'024;
inline constexpr std::size_t kMaxQuerySize = 16'384;
inline constexpr std::size_t kMaxCidSize = 32;

enum class RidFault : std::uint8_t { none, invalid, too_long };

class Rid {
 public:
  // Throws std::invalid_argument if the text is not a valid resource id. For texts from clients and services use
  // read_rid.
  explicit Rid(std::string text);

  const std::string& text() const { return text_; }
  std::string_view name() const { return std::string_view(text_).substr(0, name_size_); }
  // Returns the query without the question mark, or an empty text if there is none.
  std::string_view query() const;
  // Returns how many connection id tags, "{cid}", the text contains.
  std::uint32_t cid_tags() const { return cid_tags_; }
  std::size_t hash() const { return hash_; }  // hash_text() of the text

  // The result of checking a text. Only rid.cpp can fill in its fields, so no other code can make a Rid from a text
  // that was not checked.
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

// Makes a resource id from a text of a client or service. Returns null if the text is not a valid resource id;
// rid_fault() tells why.
RidPtr read_rid(std::string_view text);

// Makes a resource id from a text that the caller knows to be valid. Throws std::invalid_argument if it is not.
RidPtr make_rid(std::string_view text);

// Returns what is wrong with a text as a resource id; RidFault::none if it is valid. A valid id begins with a name:
// non-empty parts of printable ASCII, separated by dots, without the wildcards * and >. If `allow_query` is true, a
// question mark and any bytes may follow the name.
RidFault rid_fault(std::string_view text, bool allow_query = true);

inline bool valid_rid(std::string_view text, bool allow_query) {
  return rid_fault(text, allow_query) == RidFault::none;
}

// Returns true if the text is valid as one part of a resource name, or as the name of a method. Does not limit the
// length. (The ask node later checks the length of the NATS subject that contains the text.)
bool valid_rid_part(std::string_view text);

// Returns true if messages can be published on this NATS subject: it consists of non-empty tokens, and has no white
// space, control characters or wildcards. The NATS client library (nats.c) does not check this. A line break in a
// subject would let outsiders send commands to the NATS server.
bool valid_subject(std::string_view text);

// Returns the resource id in which the connection id replaces each "{cid}" of `rid` (RES-Client protocol, "Connection
// ID tag"). Returns `rid` itself if it has no "{cid}".
RidPtr expand_cid(const RidPtr& rid, std::string_view cid);

// Hash and comparison for maps keyed by RidPtr. They use the text of the rid, so such a map can also be searched by a
// string_view.
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
