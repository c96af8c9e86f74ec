// A growing byte buffer for many small appends, used to write captures (recordings of the gateway's traffic). Unlike
// std::string, it does not fill new memory with zeros, and callers can write into its memory directly. Only one thread
// may use a buffer at a time.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace resflow {

class ByteBuffer {
 public:
  std::size_t size() const { return static_cast<std::size_t>(end_ - bytes_.get()); }
  std::string_view view() const { return {bytes_.get(), size()}; }
  char* data() { return bytes_.get(); }
  void clear() { end_ = bytes_.get(); }
  // Removes the first `n` bytes.
  void erase_front(std::size_t n) {
    if (n == 0) return;  // an empty buffer may have no memory, and memmove() must not get null pointers
    std::memmove(bytes_.get(), bytes_.get() + n, size() - n);
    end_ -= n;
  }

  // Makes room for `n` bytes at the end, and returns a pointer to this room. The caller writes its bytes there, and
  // then calls end_at() with a pointer to the end of what it has written.
  char* room(std::size_t n) {
    if (static_cast<std::size_t>(limit_ - end_) < n) grow(n);
    return end_;
  }
  void end_at(char* end) { end_ = end; }

  void add(char c) {
    char* to = room(1);
    *to = c;
    end_ = to + 1;
  }
  void add(std::string_view s) {
    char* to = room(s.size());
    std::memcpy(to, s.data(), s.size());
    end_ = to + s.size();
  }
  // Appends a string literal, whose size the compiler knows.
  template <std::size_t N>
  void add(const char (&s)[N]) {
    char* to = room(N - 1);
    std::memcpy(to, s, N - 1);
    end_ = to + N - 1;
  }
  // Appends a number in decimal.
  void add_number(std::uint64_t n) {
    constexpr std::size_t most = 20;  // digits of the largest number
    char* to = room(most);
    end_ = std::to_chars(to, to + most, n).ptr;
  }

 private:
  void grow(std::size_t n) {
    const std::size_t used = size();
    const std::size_t capacity = 2 * (used + n) + 4'096;
    std::unique_ptr<char[]> bytes(new char[capacity]);
    if (used > 0) std::memcpy(bytes.get(), bytes_.get(), used);
    bytes_ = std::move(bytes);
    end_ = bytes_.get() + used;
    limit_ = bytes_.get() + capacity;
  }

  std::unique_ptr<char[]> bytes_;
  char* end_ = nullptr;
  char* limit_ = nullptr;
};

}  // namespace resflow
