// The exceptions that end a benchmark run early. The text of an exception is one line for the user; main() prints it.
#pragma once

#include <stdexcept>

namespace resflow::bench {

// The command line, or a file that it names, is wrong. The program exits with code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The gateway, NATS or a service did not do what it should. The program exits with code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace resflow::bench
