// Pieces of the gateway's work on messages as they come in practice, one list for two uses: micro-benchmarks time them,
// the instructions test counts what they execute.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace resflow::bench {

// Does the work once more; it owns what it works on.
using Step = std::function<void()>;

struct Case {
  std::string name;     // <node>/<what>
  std::uint64_t steps;  // in the instructions test: enough to make single events, as a table that grows, count little
  std::function<Step()> prepare;
};

std::vector<Case> text_cases();      // JSON and WebSocket
std::vector<Case> client_cases();    // parse, session, encode, write
std::vector<Case> service_cases();   // decode, cache, diff
std::vector<Case> pipeline_cases();  // the flow graph of a lane with all of these

std::vector<Case> all_cases();

// Keeps a result that nobody reads from being optimized away.
template <typename T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

// A model with so many properties of the usual kinds.
std::string model_text(std::size_t properties);
// References to <prefix>0, <prefix>1 and so on.
std::string references_text(const std::string& prefix, std::size_t count);

}  // namespace resflow::bench
