// A program that runs as a child process. Its standard output and standard error arrive here through one pipe.
//
// The child has a session of its own, so the terminal's Ctrl-C reaches only this process, and this process then ends
// the child in order. The kernel kills the child when the thread that started the child ends, even if this process
// crashes. This class fetches the exit status of its child by itself. So no other code of this process may wait for any
// child that ends: that code would take the exit status. One thread.
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
  // Starts the program at the path `file`. Throws std::runtime_error if there can be no pipe or no process. If the file
  // cannot be executed, there is a child that ends at once with exit code 127.
  ChildProcess(const std::string& file, std::vector<std::string> args);
  ~ChildProcess() { end(0); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Returns the descriptor of the pipe with the child's output. Reads from it do not block.
  int output() const { return output_; }

  // Returns how the child has ended, such as `exit code 1` or `signal 9`; nullopt while the child runs.
  std::optional<std::string> ended();

  // Sends SIGTERM to the child, waits up to `patience_ms` milliseconds, and kills it if it still runs. Then closes
  // output(). If the child has ended already, end() only closes output().
  void end(std::int64_t patience_ms);

 private:
  // Runs in the child process, and starts the program there in its place.
  [[noreturn]] void become(const char* file, char* const* argv, int output, pid_t parent);
  // Fetches the exit status with waitpid(). Returns false while the child runs.
  bool reap(int options);

  pid_t pid_ = 0;  // 0 after waitpid() has returned the exit status
  int output_ = -1;
  int status_ = 0;  // the exit status from waitpid(); valid when pid_ is 0
};

// Returns the path of an executable file with this name, or an empty text if there is none. Looks into the folders of
// `path`, which are separated by colons, and into the sbin folder beside each bin folder: servers are installed in sbin
// folders, and a user's PATH does not contain these.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace resflow
