// How many bytes the cache takes: of each kind of record what is known to be allocated for it, about, with what the
// tables need. Counted where something is stored, and given back when it goes. Pure; any thread.
#pragma once

#include <cstddef>

#include "nodes/cache/cache_records.hpp"

namespace resflow {

inline constexpr std::size_t kAllocationBytes = 16;  // what the allocator adds, and a control block

inline std::size_t bytes_of_text(const std::string& text) {
  constexpr std::size_t in_string = sizeof(std::string) / 2;  // a shorter text is in the string itself
  return text.size() < in_string ? 0 : text.size() + kAllocationBytes;
}
inline std::size_t bytes_of_rid(const RidPtr& rid) {
  return rid ? sizeof(Rid) + kAllocationBytes + bytes_of_text(rid->text()) : 0;
}
inline std::size_t bytes_of(const Value& value) {
  return sizeof(Value) + bytes_of_text(value.text) + bytes_of_rid(value.rid);
}
// Of a property.
inline std::size_t bytes_of(const std::string& name, const Value& value) {
  return sizeof(std::string) + bytes_of_text(name) + bytes_of(value);
}
std::size_t bytes_of(const Resource& resource);  // goes through all of it
// By sizes that are known: each reference's name is in the text, so it is taken to be as long as that.
std::size_t bytes_of(const Snapshot& snapshot);
std::size_t bytes_of(const CachedResource& r);  // likewise
std::size_t bytes_of(const CachedName& name);   // without its resources and what waits
std::size_t bytes_of_link(std::size_t query_size);
std::size_t bytes_of(const CacheIn& message);  // one that waits; goes through all of it

}  // namespace resflow
