// The random numbers of a simulation. The same seed gives the same numbers on every machine, so the seed is enough to
// repeat a failure. No I/O; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace resflow::simulation {

// SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  // Returns a number from 0 to n - 1. `n` must not be 0.
  std::size_t below(std::size_t n) { return roll() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  template <typename T>
  T& of(std::vector<T>& all) {
    return all[below(all.size())];
  }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace resflow::simulation
