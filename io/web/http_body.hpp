// Reads the body of an HTTP/1.1 request from bytes that may be cut anywhere. Finds the end of the body by its
// Content-Length or by its chunks (RFC 9112, sections 6 and 7). Boost.Beast does the parsing. No I/O; any thread may
// use it. The reader never keeps more of a body than the limit `max_size`. Chunk headers and trailers have another
// limit, kMaxChunkHead.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace resflow {

// The most bytes of a chunk header (its size and its extensions), or of the trailers. If a chunk header or the trailers
// are longer, the body is malformed.
inline constexpr std::size_t kMaxChunkHead = 16 * 1024;

class HttpBodyReader {
 public:
  enum class State : std::uint8_t {
    more,       // more bytes are needed
    done,       // body() is complete
    malformed,  // the body is malformed, or other servers may see a different end of it (request smuggling)
    too_large,  // the body is larger than the limit
  };

  // `head`: the head of the request, from its first line to the empty line. The caller must have checked the head with
  // parse_http_head(). `max_size`: the most bytes that the body may have.
  HttpBodyReader(std::string_view head, std::size_t max_size);
  ~HttpBodyReader();

  // Parses bytes of the body, and returns how many it used. If state() is `more`, the caller must pass the unused bytes
  // again, followed by newly received bytes.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  std::string& body();

 private:
  class Parser;

  std::unique_ptr<Parser> parser_;
  State state_ = State::more;
};

}  // namespace resflow
