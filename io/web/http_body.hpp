// The body of an HTTP/1.1 request from bytes, cut anywhere: by its length, or in chunks (RFC 9112, sections 6 and 7),
// by Boost.Beast's parser. Pure, no sockets; any thread. It never holds more than the limit, and what surrounds the
// chunks has one of its own, as nothing of it is taken before it is whole.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace resflow {

// The most bytes of a chunk's size with its extensions, or of the trailers: what is longer is malformed.
inline constexpr std::size_t kMaxChunkHead = 16 * 1024;

class HttpBodyReader {
 public:
  enum class State : std::uint8_t {
    more,       // bytes are missing
    done,       // body() is whole
    malformed,  // or framed in a way that two readers might understand differently
    too_large,
  };

  // `head` is that of the request, from its first line to the empty line, known to be sound.
  HttpBodyReader(std::string_view head, std::size_t max_size);
  ~HttpBodyReader();

  // Takes what belongs to the body, and returns how many bytes that were. Bytes that are not taken come again, with
  // more behind them.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  std::string& body();

 private:
  class Parser;

  std::unique_ptr<Parser> parser_;
  State state_ = State::more;
};

}  // namespace resflow
