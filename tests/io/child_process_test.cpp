// ChildProcess: how a child ends, and what it inherits from this process.
#include "io/nats/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace resflow;

namespace {

constexpr int kPatienceMs = 60'000;  // only a failing test waits that long

// Returns the output of the child up to its end, or until it contains `enough`.
std::string said(ChildProcess& child, const std::string& enough = "\1") {
  std::string all;
  for (pollfd output{child.output(), POLLIN, 0}; poll(&output, 1, kPatienceMs) > 0;) {
    std::array<char, 256> part{};
    const ssize_t size = read(child.output(), part.data(), part.size());
    if (size <= 0) break;
    all.append(part.data(), static_cast<std::size_t>(size));
    if (all.find(enough) != std::string::npos) break;
  }
  return all;
}

ChildProcess shell(const std::string& script) {
  return ChildProcess("/bin/sh", {"-c", script});
}

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("resflow-child-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }

  std::string program(const std::string& name, mode_t mode = 0755) const {
    const std::filesystem::path file = path / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "#!/bin/sh\n";
    chmod(file.c_str(), mode);
    return file;
  }
};

}  // namespace

TEST_CASE("child: what it says on both streams comes here, and how it ended is told") {
  ChildProcess child = shell("echo out; echo error >&2; exit 7");
  CHECK(said(child) == "out\nerror\n");
  child.end(kPatienceMs);
  CHECK(child.ended() == "exit code 7");
}

TEST_CASE("child: one that runs has not ended; asked to end it does") {
  ChildProcess child = shell("trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.01; done");
  CHECK(said(child, "ready\n") == "ready\n");
  CHECK_FALSE(child.ended());
  child.end(kPatienceMs);
  CHECK(child.ended() == "exit code 3");
  child.end(kPatienceMs);  // the second call does nothing
}

TEST_CASE("child: one that does not listen is killed") {
  ChildProcess child = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  CHECK(said(child, "ready\n") == "ready\n");
  child.end(1);
  CHECK(child.ended() == "signal 9");
}

TEST_CASE("child: it keeps no descriptors, no session and no ignored signals of this process") {
  const int leaked = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ChildProcess child = shell(
      "ls /proc/self/fd | wc -l; [ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads; kill -PIPE $$; echo survived");
  const std::string text = said(child);
  CHECK(text == "4\nleads\n");  // the three standard ones, and the directory that ls reads
  child.end(kPatienceMs);
  CHECK(child.ended() == "signal 13");
  std::signal(SIGPIPE, before);
  close(leaked);
}

TEST_CASE("child: a file that cannot be executed makes one that ends at once, and says so") {
  const Folder folder;
  ChildProcess child(folder.program("plain", 0644), {});
  CHECK(said(child) == "it cannot be executed\n");
  child.end(kPatienceMs);
  CHECK(child.ended() == "exit code 127");
}

TEST_CASE("programs are found on the path, and in the sbin beside a bin") {
  const Folder folder;
  const std::string root = folder.path;
  folder.program("plain/server", 0644);
  CHECK(find_program("server", root + "/plain").empty());
  const std::string beside = folder.program("sbin/server");
  CHECK(find_program("server", root + "/bin") == beside);
  CHECK(find_program("server", root + "/plain::" + root + "/bin") == beside);
  CHECK(find_program("server", root + "/robin").empty());
  const std::string first = folder.program("bin/server");
  CHECK(find_program("server", root + "/bin") == first);
  CHECK(find_program("server", "").empty());
  CHECK(find_program("bin", root).empty());  // a folder, not a program
}
