// Hash functions for texts that clients and services choose: resource names, queries, subjects, values. If attackers
// could compute the hash, they could choose texts that all collide and make each look-up slow. So the hash has a seed,
// which is random in each process. The order of a hash table depends on the seed, but the output of the gateway must
// not. So messages are never sent in the order of a hash table; KeyedTable has an order that does not depend on hashes.
//
// No I/O, and no shared state except the seed; any thread may use it. tests/layers_test.sh fails if a hash table with
// texts as keys does not use TextHash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace resflow {

// Returns the XXH3 hash of the text with the seed of this process.
std::uint64_t hash_text(std::string_view text);

// Sets the seed. Call this at most once, at the start of the program, before any text is hashed and before other
// threads are started. A program that does not call it, such as a test, has the fixed seed kUsualTextSeed.
inline constexpr std::uint64_t kUsualTextSeed = 0x9e3779b97f4a7c15U;
void seed_text_hash(std::uint64_t seed);

// Returns a hash without a seed, which is the same in each process. Used to decide which lane (thread) owns a resource
// name. Never use it for a hash table, because an attacker can compute it.
std::uint64_t stable_hash(std::string_view text);

// The hash function for hash tables whose keys are std::strings. Together with std::equal_to<>, it allows look-ups by a
// std::string_view.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;  // tells Boost that the hash needs no further mixing
  std::size_t operator()(std::string_view text) const { return hash_text(text); }
};

}  // namespace resflow
