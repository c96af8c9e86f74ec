// Typical pieces of the gateway's work: parsing a request, encoding a reply, taking an event through a lane. There is
// one list of these cases and two programs use it: micro_bench.cpp measures their time, and count_instructions.cpp
// counts the instructions that they execute.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace resflow::bench {

// Does the work of a case once. A step owns all data that it works on.
using Step = std::function<void()>;

struct Case {
  std::string name;     // <node>/<what>
  std::uint64_t steps;  // steps that the instructions test runs; enough that a rare growth of a table counts little
  std::function<Step()> prepare;
};

std::vector<Case> text_cases();      // JSON and WebSocket
std::vector<Case> client_cases();    // parse, session, encode, write
std::vector<Case> service_cases();   // decode, cache, diff
std::vector<Case> pipeline_cases();  // the flow graph of one lane, with all nodes

std::vector<Case> all_cases();

// Keeps the compiler from optimizing away a result that nobody reads.
template <typename T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

// Returns the JSON text of a model with the given number of properties, of the usual types.
std::string model_text(std::size_t properties);
// Returns the JSON text of a collection of references to <prefix>0, <prefix>1 and so on.
std::string references_text(const std::string& prefix, std::size_t count);

}  // namespace resflow::bench
