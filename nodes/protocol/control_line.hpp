// Computes the length of the lines that the gateway sends to the NATS server ("NATS client protocol"). The server ends
// the connection if a line is longer than its limit, the option max_control_line. The lengths do not include the end of
// the line. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstddef>
#include <string_view>

namespace resflow {

inline constexpr std::size_t kEndOfLine = 2;  // bytes: carriage return and line feed

// Returns the length of "PUB <subject> <reply-to> <#bytes>", for the given lengths of subject, reply subject and
// payload.
constexpr std::size_t publish_line(std::size_t subject, std::size_t reply, std::size_t payload) {
  std::size_t digits = 1;
  for (; payload >= 10; payload /= 10) ++digits;
  return std::string_view("PUB   ").size() + subject + reply + digits;
}

// Returns the greatest possible length of "SUB <subject> <sid>", for the given length of the subject. The sid is the
// number of the subscription; it has at most 20 digits.
constexpr std::size_t subscribe_line(std::size_t subject) {
  return std::string_view("SUB  18446744073709551615").size() + subject;
}

}  // namespace resflow
