#include "tests/nodes/failing_allocations.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace resflow::testing {

namespace {

constexpr std::size_t kNone = SIZE_MAX;
thread_local std::size_t left = kNone;  // allocations until the one that fails
thread_local bool failed = false;

bool must_fail() {
  if (left == kNone) return false;
  if (left > 0) {
    --left;
    return false;
  }
  left = kNone;
  failed = true;
  return true;
}

}  // namespace

FailingAllocation::FailingAllocation(std::size_t number) {
  left = number;
  failed = false;
}

FailingAllocation::~FailingAllocation() {
  left = kNone;
}

bool FailingAllocation::happened() const {
  return failed;
}

}  // namespace resflow::testing

void* operator new(std::size_t size) {
  if (resflow::testing::must_fail()) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

// std::stable_sort gets its memory so, and frees it with the operators below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return resflow::testing::must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
