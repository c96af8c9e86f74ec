// Compression of WebSocket messages, one by one: nothing is kept from one to the next ("no context takeover" both
// ways), so one object does for all connections of a lane (RFC 7692, section 7). One thread at a time.
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

  // The payload of a compressed message (section 7.2.1), valid until the next call.
  std::string_view compress(std::string_view message);

 private:
  z_stream stream_{};
  std::string out_;  // scratch
};

class Inflater {
 public:
  enum class Result : unsigned char { done, too_large, corrupt };

  // Throws std::bad_alloc.
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends the message of such a payload (section 7.2.2) to `out`, but no more than `max_size` bytes of it: a few
  // bytes can stand for a thousand times as many.
  Result expand(std::string_view payload, std::size_t max_size, std::string& out);

 private:
  Result feed(std::string_view bytes, std::size_t max_size, std::string& out);

  z_stream stream_{};
};

}  // namespace resflow
