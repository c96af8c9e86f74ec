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
  // This hash must never change: it decides which lane (thread) owns a resource name. Traffic that was recorded from a
  // gateway with several lanes can only be replayed if each name has the same lane again.
  return std::hash<std::string_view>()(text);
}

}  // namespace resflow
