// Estimates how many bytes the cache takes. The bytes of a record are the memory allocated for it and for its entries
// in the tables of the cache. The cache adds them to its total when it stores the record, and subtracts them when it
// removes the record. Any thread may call these functions.
#pragma once

#include <cstddef>

#include "nodes/cache/cache_records.hpp"

namespace resflow {

inline constexpr std::size_t kAllocationBytes = 16;  // estimated overhead of one allocation

inline std::size_t bytes_of_text(const std::string& text) {
  constexpr std::size_t in_string = sizeof(std::string) / 2;  // a shorter text is inside the std::string itself
  return text.size() < in_string ? 0 : text.size() + kAllocationBytes;
}
inline std::size_t bytes_of_rid(const RidPtr& rid) {
  return rid ? sizeof(Rid) + kAllocationBytes + bytes_of_text(rid->text()) : 0;
}
inline std::size_t bytes_of(const Value& value) {
  return sizeof(Value) + bytes_of_text(value.text) + bytes_of_rid(value.rid);
}
// Returns the size in bytes of one property (name and value) of a model (a JSON object).
inline std::size_t bytes_of(const std::string& name, const Value& value) {
  return sizeof(std::string) + bytes_of_text(name) + bytes_of(value);
}
// Returns the size in bytes of a resource state. Adds up all its properties or values, so a larger state takes longer.
std::size_t bytes_of(const Resource& resource);
// Returns the size in bytes of a snapshot: a state as JSON text, and a list of the resources that the text refers to.
// To take constant time, does not add up the lengths of the ids in the list, but counts the size of the text once more
// for them: the text contains all these ids.
std::size_t bytes_of(const Snapshot& snapshot);
// Returns how many bytes the record of a resource takes. This includes its state, its snapshot (the state as text) and,
// while the cache replaces the state by a newer one, that newer state. Takes constant time.
std::size_t bytes_of(const CachedResource& r);
// Returns how many bytes the record of a resource name takes. Does not count its resources and its waiting messages.
std::size_t bytes_of(const CachedName& name);
// Returns how many bytes an entry takes in QueryLinks (which maps clients' spellings of queries to resources). The
// query has `query_size` bytes.
std::size_t bytes_of_link(std::size_t query_size);
// Returns how many bytes a message takes while it waits in the queue CachedName::deferred. Takes longer for a message
// with more values.
std::size_t bytes_of(const CacheIn& message);

}  // namespace resflow
