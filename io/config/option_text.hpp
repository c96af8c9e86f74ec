// Reads the values of options from text. Each function returns nullopt if the text is not valid. Used at start to read
// the options, and by the admin page to read numbers. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/text_list.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Reads true or false, in the spellings that Go's package flag accepts: 1, t, T, true, TRUE and True for true; 0, f, F,
// false, FALSE and False for false.
std::optional<bool> to_flag(std::string_view text);

// Reads a whole number from `min` to `max`, spelled as in Go's source code, since Resgate's options accept numbers in
// this form.
std::optional<std::int64_t> to_number(std::string_view text, std::int64_t min, std::int64_t max);

// Accepts an IPv4 or IPv6 address without brackets, or an empty text.
std::optional<std::string> to_address(std::string_view text);

// Reads lists of IP addresses, separated by semicolons. The only entry may also be *, which means all addresses.
// IpAddress must be able to read each address. Drops empty entries, so an empty text is an empty list.
std::optional<std::vector<std::string>> to_addresses(const std::vector<std::string>& lists);

// Reads lists of IP addresses and networks (10.0.0.0/8), separated by semicolons. IpNetwork must be able to read each
// entry. Drops empty entries, so an empty text is an empty list.
std::optional<std::vector<std::string>> to_networks(const std::vector<std::string>& lists);

// Returns the path. Adds a slash at its end if it has none.
std::optional<std::string> to_path_prefix(std::string_view text);

// Reads `<resource>.<method>`, split at the last dot. An empty text is valid and means that there is no method.
std::optional<std::optional<HeaderAuth>> to_header_auth(std::string_view text);

// Reads the name of a call method. An empty text is valid and means that there is no method.
std::optional<std::optional<std::string>> to_method(std::string_view text);

// Reads the beginning of a NATS subject: tokens without wildcards, white space or control characters, at most 100
// bytes.
std::optional<std::string> to_subject_prefix(std::string_view text);

// Reads "json" or "jsonflat", in upper or lower case.
std::optional<ApiEncoding> to_encoding(std::string_view text);

// Reads lists of origins separated by semicolons, or * alone. An origin is <scheme>://<hostname>[:<port>], or null. The
// result is in lower case and sorted, as WebOptions needs it.
std::optional<std::vector<std::string>> to_origins(const std::vector<std::string>& lists);

}  // namespace resflow
