#include "nodes/base/text_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <functional>

namespace resflow {

namespace {

std::uint64_t text_hash_seed = kUsualTextSeed;

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), text_hash_seed);
}

void seed_text_hash(std::uint64_t seed) {
  text_hash_seed = seed;
}

std::uint64_t stable_hash(std::string_view text) {
  // The hash decides which lane (thread) owns a resource name, so it must never change: recorded traffic of a gateway
  // with several lanes can only be replayed with the same hash.
  return std::hash<std::string_view>()(text);
}

}  // namespace resflow
