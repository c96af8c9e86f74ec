// What ends a run early. Both texts are for the user, one line each.
#pragma once

#include <stdexcept>

namespace resflow::bench {

// The command line, or a file it names, is wrong: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The gateway, the messaging system or a service did not do what it should: exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace resflow::bench
