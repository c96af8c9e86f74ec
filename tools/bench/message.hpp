// Reads the parts of the gateway's messages that the load tool needs (RES-Client protocol, "Client JSONRPC"). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resflow::bench {

// Returns true if the message is an event. It looks only at the start of the text, because this is called for every
// frame, millions of times a second.
bool is_event(std::string_view text);

// Returns the time stamp of an event that the load tool's own service published: when it was due, in nanoseconds of
// now_ns(). Returns nullopt for other events.
std::optional<std::int64_t> stamp_of(std::string_view event);

// The property of an event's values that carries the time stamp.
inline constexpr std::string_view kStampKey = "\"t\":";

struct Answer {
  std::uint64_t id = 0;
  bool failed = false;
  std::string_view error;   // if it failed: the error, as JSON
  std::string_view result;  // otherwise: the result, as JSON
};

// Returns the answer, or nullopt if the text is not an answer. The views point into `text`.
std::optional<Answer> read_answer(std::string_view text);

// Returns how many models are in the resource set of a result.
std::size_t count_models(std::string_view result);

}  // namespace resflow::bench
