// Reads the parts that the load tool needs from the gateway's messages to clients. The messages are JSON (RES-Client
// protocol, section "Client JSONRPC"). Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resflow::bench {

// Returns true if the message is an event. Looks only at the start of the text, because the load tool calls this for
// every frame, millions of times a second.
bool is_event(std::string_view text);

// Returns the time stamp in an event: the time when the event was due, in nanoseconds, as now_ns() measures it. Only
// the load tool's own service adds a time stamp to its events. Returns nullopt if there is none.
std::optional<std::int64_t> stamp_of(std::string_view event);

// The JSON key of the time stamp in an event.
inline constexpr std::string_view kStampKey = "\"t\":";

struct Answer {
  std::uint64_t id = 0;
  bool failed = false;
  std::string_view error;   // the error, as JSON; empty if the request succeeded
  std::string_view result;  // the result, as JSON; empty if the request failed
};

// Reads an answer. Returns nullopt if the text is not an answer. The views in the answer point into `text`.
std::optional<Answer> read_answer(std::string_view text);

// Returns how many models (resources with named values) the result of a request contains.
std::size_t count_models(std::string_view result);

}  // namespace resflow::bench
