// Encodes and decodes bytes in a line of a capture (a recording of the gateway's traffic): as a JSON string, or in
// base64 if the bytes are not UTF-8. No state; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/capture/byte_buffer.hpp"

namespace resflow {

// Returns whether the bytes are valid UTF-8.
bool is_text(std::string_view bytes);

// Returns whether all bytes are ASCII, and none is a control character.
bool is_plain(std::string_view bytes);

// Appends a text as a JSON string. Must be fast, since it writes most of the bytes of a capture.
void append_quoted(ByteBuffer& out, std::string_view text);

// Decodes a JSON string (with quotes and escapes) to the text it stands for; nullopt if `string` is no JSON string.
std::optional<std::string> decode_quoted(std::string_view string);

void append_base64(ByteBuffer& out, std::string_view bytes);
// Returns the decoded bytes; nullopt if the text is not valid base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace resflow
