// Bytes in a line of a capture: JSON strings, and base64 for what is no text. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/capture/byte_buffer.hpp"

namespace resflow {

// Whether the bytes are UTF-8.
bool is_text(std::string_view bytes);

// Whether they are ASCII without control characters.
bool is_plain(std::string_view bytes);

// Appends a text as a JSON string. Much of a capture goes through here.
void append_quoted(ByteBuffer& out, std::string_view text);

// The text of a JSON string; nullopt when it is none.
std::optional<std::string> decode_quoted(std::string_view string);

void append_base64(ByteBuffer& out, std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace resflow
