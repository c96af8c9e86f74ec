// Hashes of texts that outsiders choose: names of resources, queries, subjects, values. A hash that everybody can
// compute lets them choose texts that meet in one place of a table and make it a list; so it has a seed, which is
// random in each process. Whatever leaves a table leaves it in an order that does not depend on hashes (KeyedTable has
// one), so the same input leads to the same output whatever the seed is.
//
// Pure but for the seed. tests/layers_test.sh finds tables of texts that do without this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace resflow {

// XXH3 with the seed.
std::uint64_t hash_text(std::string_view text);

// Once, at the start of a program, before anything has been hashed and before there are other threads. A program that
// does not call it, as tests do not, has the usual seed.
inline constexpr std::uint64_t kUsualTextSeed = 0x9e3779b97f4a7c15U;
void seed_text_hash(std::uint64_t seed);

// A hash that is the same in each process, without a seed. It chooses the lane of a name, and is never for a table.
std::uint64_t stable_hash(std::string_view text);

// For tables keyed by std::string that are searched by any text, with std::equal_to<> beside it.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;  // Boost need not mix it once more
  std::size_t operator()(std::string_view text) const { return hash_text(text); }
};

}  // namespace resflow
