#include "io/file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace resflow {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::string read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) throw std::runtime_error(path + ": " + std::strerror(errno));
  std::string content;
  std::array<char, 4096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
    content.append(part.data(), size);
    if (content.size() > kMaxSmallFile) throw std::runtime_error(path + ": the file is too large");
  }
  // If the path is a folder, fopen() succeeds, and the error appears only when fread() reads.
  if (std::ferror(file.get()) != 0) throw std::runtime_error(path + ": " + std::strerror(errno));
  return content;
}

}  // namespace resflow
