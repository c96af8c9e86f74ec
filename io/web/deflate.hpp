// Compresses and decompresses WebSocket messages (RFC 7692, section 7). zlib starts anew with each message ("no context
// takeover" in both directions), so one object serves all connections of a thread. Only one thread at a time may use an
// object.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace resflow {

class Deflater {
 public:
  // Throws std::bad_alloc.
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // Compresses a message. Returns the payload of the compressed message (RFC 7692, section 7.2.1). The result is valid
  // until the next call.
  std::string_view compress(std::string_view message);

 private:
  z_stream stream_{};
  std::string out_;  // the buffer for the result of compress()
};

class Inflater {
 public:
  enum class Result : unsigned char { done, too_large, corrupt };

  // Throws std::bad_alloc.
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Decompresses the payload of a compressed message (RFC 7692, section 7.2.2) and appends the message to `out`. A few
  // bytes can become a thousand times as many, so this function returns `too_large` if `out` would grow beyond
  // `max_size` bytes. Returns `corrupt` if the payload is malformed or cut off.
  Result expand(std::string_view payload, std::size_t max_size, std::string& out);

 private:
  Result feed(std::string_view bytes, std::size_t max_size, std::string& out);

  z_stream stream_{};
};

}  // namespace resflow
