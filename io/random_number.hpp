// Returns a number that nobody can predict, from the random source of the system. Any thread.
#pragma once

#include <cstdint>
#include <random>

namespace resflow {

inline std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace resflow
