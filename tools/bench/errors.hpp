// The exceptions that end the load tool early. what() is one line for the user, which main() prints.
#pragma once

#include <stdexcept>

namespace resflow::bench {

// The command line, or a file that it names, is wrong. The program exits with code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The benchmark cannot go on, because the gateway, NATS or this system did not do what it should. The program exits
// with code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace resflow::bench
