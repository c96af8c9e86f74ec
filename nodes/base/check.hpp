// Checks of conditions that must always be true, whatever clients and services send. A check that fails means a bug in
// this program, and throws std::logic_error. In the gateway, this exception is caught, logged and counted
// (graph/stage.hpp). In a test, the test fails.
//
// RESFLOW_CHECK is on in all builds, for checks that cost no more than a comparison. RESFLOW_DEBUG_CHECK is on only in
// debug and sanitizer builds, for checks that cost more, or that would run for every message. No I/O and no shared
// state; any thread may use it.
#pragma once

#include <stdexcept>
#include <string>

namespace resflow {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  throw std::logic_error("a check failed: " + std::string(condition) + " (" + file + ':' + std::to_string(line) + ')');
}

}  // namespace resflow

#define RESFLOW_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::resflow::check_failed(#condition, __FILE__, __LINE__))

#ifdef RESFLOW_CHECKS
#define RESFLOW_DEBUG_CHECK(condition) RESFLOW_CHECK(condition)
#else
#define RESFLOW_DEBUG_CHECK(condition) static_cast<void>(0)
#endif
