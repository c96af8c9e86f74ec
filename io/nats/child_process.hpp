// A program run as a child. Its standard error comes here through a pipe. It has a session of its own, so that the
// terminal's Ctrl-C reaches this process alone and the child is ended in order; and the kernel kills it when the thread
// that started it goes, whatever becomes of this process. Reaps its child itself: nobody else may wait for all
// children. One thread.
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
  // `file` is a path. Throws std::runtime_error when there can be no child; a file that cannot be executed makes one
  // that ends at once.
  ChildProcess(const std::string& file, std::vector<std::string> args);
  ~ChildProcess() { end(0); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its standard error; reads do not wait.
  int output() const { return output_; }

  // How it has ended: `exit code 1`, `signal 9`; nothing while it runs.
  std::optional<std::string> ended();

  // Asks it to end (SIGTERM) and kills it when it has not after `patience_ms`. Nothing happens when it has ended.
  void end(std::int64_t patience_ms);

 private:
  [[noreturn]] void become(const char* file, char* const* argv, int output, pid_t parent);
  bool reap(int options);

  pid_t pid_ = 0;  // 0 once it is reaped
  int output_ = -1;
  int status_ = 0;  // when it is reaped
};

// The executable file of that name in the folders of `path`, which are separated by colons, and in the sbin beside each
// bin: servers are there, where the PATH of users does not lead. Empty: there is none.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace resflow
