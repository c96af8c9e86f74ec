// Lets an allocation fail: a node that runs out of memory throws in the middle of its work, at any place that the test
// chooses. The test program's operator new asks this. One thread.
#pragma once

#include <cstddef>
#include <new>
#include <optional>
#include <utility>

namespace resflow::testing {

class FailingAllocation {
 public:
  // The allocation with this number, counted from 0, throws std::bad_alloc, once. Counts until it is destroyed.
  explicit FailingAllocation(std::size_t number);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Returns true if that allocation was made.
  bool happened() const;
};

// A fault for one step of a node, and what became of it.
struct MemoryFault {
  std::optional<std::size_t> at;  // the number of the allocation that fails in the next step
  bool reached = false;           // the step came to that allocation
  bool threw = false;             // and it threw
};

// Runs the step, with the fault if there is one. Other exceptions than std::bad_alloc go on.
template <typename Step>
void process_or_run_out(MemoryFault& fault, Step&& step) {
  if (!fault.at) return step();
  const FailingAllocation failing(*std::exchange(fault.at, std::nullopt));
  fault.threw = false;
  try {
    step();
  } catch (const std::bad_alloc&) {
    fault.threw = true;
  }
  fault.reached = failing.happened();
}

}  // namespace resflow::testing
