// How many bytes the cache takes: of each kind of record what is known to be allocated for it, about, with what the
// tables need. Counted where something is stored, and given back when it goes. Pure; any thread.
#pragma once

#include <cstddef>

#include "nodes/cache.hpp"

namespace resflow {

std::size_t bytes_of(const Value& value);
std::size_t bytes_of(const std::string& name, const Value& value);  // of a property
std::size_t bytes_of(const Resource& resource);                     // goes through all of it
// By sizes that are known: each reference's name is in the text, so it is taken to be as long as that.
std::size_t bytes_of(const Snapshot& snapshot);
std::size_t bytes_of(const CachedResource& r);  // likewise
std::size_t bytes_of(const CachedName& name);   // without its resources and what waits
std::size_t bytes_of_link(std::size_t query_size);
std::size_t bytes_of(const MergeIn& message);  // one that waits; goes through all of it

}  // namespace resflow
