// The exceptions that end a run early. The text of each is one line for the user; main() prints it.
#pragma once

#include <stdexcept>

namespace resflow::bench {

// The command line, or a file it names, is wrong: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The gateway, NATS or a service did not do what it should: exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace resflow::bench
