// What a client of the load tool reads of the gateway's messages (RES-Client protocol, "Client JSONRPC"). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resflow::bench {

// Whether the message is an event. Only its start is looked at: this is done for every frame, millions a second.
bool is_event(std::string_view text);

// The stamp of an event that the tool's own service made: when it was due, in nanoseconds; nothing in other events.
std::optional<std::int64_t> stamp_of(std::string_view event);

// The property of an event that carries the stamp.
inline constexpr std::string_view kStampKey = "\"t\":";

struct Answer {
  std::uint64_t id = 0;
  bool failed = false;
  std::string_view error;   // its text, of a failed one
  std::string_view result;  // else
};

// Nothing when the text is no answer.
std::optional<Answer> read_answer(std::string_view text);

// How many models the resource set of a result holds.
std::size_t count_models(std::string_view result);

}  // namespace resflow::bench
