// The length of the lines with which a client of NATS asks for something ("NATS client protocol"): a server ends the
// connection on one that is longer than its max_control_line. Without the end of the line. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace resflow {

inline constexpr std::size_t kEndOfLine = 2;

// "PUB <subject> <reply-to> <#bytes>"
constexpr std::size_t publish_line(std::size_t subject, std::size_t reply, std::size_t payload) {
  std::size_t digits = 1;
  for (; payload >= 10; payload /= 10) ++digits;
  return std::string_view("PUB   ").size() + subject + reply + digits;
}

// "SUB <subject> <sid>", with the longest number that a subscription may get.
constexpr std::size_t subscribe_line(std::size_t subject) {
  return std::string_view("SUB  18446744073709551615").size() + subject;
}

}  // namespace resflow
