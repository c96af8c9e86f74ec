#include "io/nats/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "io/text_list.hpp"

namespace resflow {

namespace {

// The child's exit code if the program cannot be executed. Shells use the same code for this error.
constexpr int kCannotExecute = 127;

bool is_executable(const std::string& file) {
  std::error_code ec;
  return std::filesystem::is_regular_file(file, ec) && access(file.c_str(), X_OK) == 0;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& file, std::vector<std::string> args) {
  std::vector<char*> argv{const_cast<char*>(file.c_str())};
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(file.c_str(), argv.data(), ends[1], parent);
  const int error = errno;
  close(ends[1]);
  output_ = ends[0];
  if (pid_ > 0) {
    fcntl(output_, F_SETFL, O_NONBLOCK);
    return;
  }
  pid_ = 0;
  close(output_);
  throw std::runtime_error(std::string("no process: ") + std::strerror(error));
}

// Runs in the child process between fork() and execv(), and starts the program with execv(). Only async-signal-safe
// functions may be called here, since the parent process has several threads. The program inherits no descriptors
// except the standard ones. For the program, all signals are unblocked, and SIGPIPE has its default action.
void ChildProcess::become(const char* file, char* const* argv, int output, pid_t parent) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // the parent ended before prctl() took effect
  dup2(output, STDERR_FILENO);
  dup2(output, STDOUT_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(file, argv);
  constexpr std::string_view complaint = "it cannot be executed\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, complaint.data(), complaint.size());
  _exit(kCannotExecute);
}

bool ChildProcess::reap(int options) {
  if (pid_ == 0) return true;
  pid_t reaped = 0;
  do {
    reaped = waitpid(pid_, &status_, options);
  } while (reaped < 0 && errno == EINTR);
  if (reaped == 0) return false;
  pid_ = 0;
  return true;
}

std::optional<std::string> ChildProcess::ended() {
  if (!reap(WNOHANG)) return std::nullopt;
  if (WIFSIGNALED(status_)) return "signal " + std::to_string(WTERMSIG(status_));
  return "exit code " + std::to_string(WEXITSTATUS(status_));
}

void ChildProcess::end(std::int64_t patience_ms) {
  if (!reap(WNOHANG)) {
    kill(pid_, SIGTERM);
    // Waits until the child's pidfd becomes readable: then the child has ended. If the kernel has no pidfd_open(), this
    // code kills the child at once instead of waiting.
    const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    pollfd waited{watch, POLLIN, 0};
    if (watch >= 0 && patience_ms > 0) poll(&waited, 1, static_cast<int>(patience_ms));
    if (watch >= 0) close(watch);
    if (!reap(WNOHANG)) kill(pid_, SIGKILL);
    reap(0);
  }
  if (output_ >= 0) close(output_);
  output_ = -1;
}

std::string find_program(std::string_view name, std::string_view path) {
  for (std::string folder : split(path, ':')) {
    if (folder.empty()) continue;
    for (const bool beside : {false, true}) {
      if (beside) {
        if (!folder.ends_with("/bin")) continue;
        folder.insert(folder.size() - 3, 1, 's');
      }
      const std::string file = folder + '/' + std::string(name);
      if (is_executable(file)) return file;
    }
  }
  return {};
}

}  // namespace resflow
