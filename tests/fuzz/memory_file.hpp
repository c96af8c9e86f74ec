// A file in memory that has a path, for code that opens its input by path. One thread.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "tests/fuzz/cuts.hpp"

namespace resflow::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content = {}) : file_(memfd_create("fuzz", 0)) {
    demand(file_ >= 0);
    demand(::write(file_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace resflow::fuzz
