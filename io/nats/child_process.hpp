// A program that runs as a child process of the gateway. The gateway reads the program's standard output and standard
// error from one pipe.
//
// The child runs in a POSIX session of its own. So Ctrl-C at the terminal reaches only the gateway, which then ends the
// child. If the thread that started the child ends, even by a crash of the gateway, the kernel kills the child. This
// class calls waitpid() for its child. No other code of the gateway may wait for any child (waitpid(-1)), since it
// could take the exit status of this one. All functions must be called on the same thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resflow {

class ChildProcess {
 public:
  // Starts the program at the path `file`. Throws std::runtime_error if the pipe or the process cannot be created. If
  // the file cannot be executed, the child process ends at once with exit code 127.
  ChildProcess(const std::string& file, std::vector<std::string> args);
  ~ChildProcess() { end(0); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Returns the descriptor of the pipe with the child's output. The descriptor is non-blocking.
  int output() const { return output_; }

  // Returns how the child has ended, such as `exit code 1` or `signal 9`. Returns nullopt while the child runs.
  std::optional<std::string> ended();

  // Sends SIGTERM to the child and waits up to `patience_ms` milliseconds for its end. If the child still runs then,
  // kills it. Then closes output(). If the child has ended already, end() only closes output().
  void end(std::int64_t patience_ms);

 private:
  // Runs in the child process after fork(), and starts the program there. Does not return.
  [[noreturn]] void become(const char* file, char* const* argv, int output, pid_t parent);
  // Calls waitpid() with these options, and stores the exit status. Returns false if the child still runs.
  bool reap(int options);

  pid_t pid_ = 0;  // process id; 0 after waitpid() has returned the exit status
  int output_ = -1;
  int status_ = 0;  // the exit status from waitpid(); valid when pid_ is 0
};

// Returns the path of the executable file `name`, or an empty text if there is none. Looks into each folder in `path`,
// where colons separate the folders. For a folder that ends in /bin, also looks into the folder sbin beside it: servers
// are often installed there, but a user's PATH does not contain it.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace resflow
