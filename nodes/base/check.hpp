// Checks of conditions that must be true, whatever clients and services send. A check that fails means a defect in this
// program. The check throws an exception. In the gateway, the code that runs the nodes (the classes with the gateway's
// logic) catches the exception, logs it with the name of the node, and counts it (graph/stage.hpp). In a test, the test
// fails.
//
// RESFLOW_CHECK is always on, for checks that cost a comparison. RESFLOW_DEBUG_CHECK is on in debug and sanitizer
// builds only, for checks that cost more or are on a path that every message takes. No I/O and no shared state; any
// thread may use it.
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
