// The texts of option values, read. Each is nullopt when the text is not what it must be. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/text_list.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// What Go's flag package takes: 1, t, T, true, TRUE, True, and the same of false.
std::optional<bool> to_flag(std::string_view text);

// A whole number in the spelling of Go's source, which is that of Resgate's options.
std::optional<std::int64_t> to_number(std::string_view text, std::int64_t min, std::int64_t max);

// An IPv4 or IPv6 address without brackets, or nothing at all.
std::optional<std::string> to_address(std::string_view text);

// Lists of addresses separated by semicolons, as IpAddress reads them, or * alone; of nothing there is nothing.
std::optional<std::vector<std::string>> to_addresses(const std::vector<std::string>& lists);

// Lists of addresses and networks, as 10.0.0.0/8, separated by semicolons, as IpNetwork reads them; of nothing there is
// nothing.
std::optional<std::vector<std::string>> to_networks(const std::vector<std::string>& lists);

// Ends with a slash even if the text did not.
std::optional<std::string> to_path_prefix(std::string_view text);

// `<resource>.<method>`, split at the last dot; an empty text is none.
std::optional<std::optional<HeaderAuth>> to_header_auth(std::string_view text);

// The name of a call method; an empty text is none.
std::optional<std::optional<std::string>> to_method(std::string_view text);

// Of a NATS subject: tokens without wildcards, white space or control characters, at most 100 bytes.
std::optional<std::string> to_subject_prefix(std::string_view text);

// In any case.
std::optional<ApiEncoding> to_encoding(std::string_view text);

// Lists of origins <scheme>://<hostname>[:<port>], or null, separated by semicolons, or * alone, as WebOptions has
// them.
std::optional<std::vector<std::string>> to_origins(const std::vector<std::string>& lists);

}  // namespace resflow
