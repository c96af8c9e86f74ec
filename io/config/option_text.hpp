// Reads the values of options from text. Each function returns nullopt if the text is not valid. Used when the gateway
// starts, and by the admin page to read numbers. No I/O and no shared state; any thread may use it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/text_list.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

// Reads true or false: 1, t, T, true, TRUE and True mean true; 0, f, F, false, FALSE and False mean false.
std::optional<bool> to_flag(std::string_view text);

// Reads a whole number from `min` to `max`. The number may be written as in Go's source code: 8080, 8_080 or 0x1F90.
std::optional<std::int64_t> to_number(std::string_view text, std::int64_t min, std::int64_t max);

// Returns the text unchanged if it is an IPv4 address, an IPv6 address without brackets, or empty.
std::optional<std::string> to_address(std::string_view text);

// Reads IP addresses, which are separated by semicolons in each text. A single * in place of the addresses means all
// addresses. Returns nullopt if IpAddress::read() rejects an address. Drops empty entries, so the result may be empty.
std::optional<std::vector<std::string>> to_addresses(const std::vector<std::string>& lists);

// Reads IP addresses and networks (such as 10.0.0.0/8), which are separated by semicolons in each text. Returns nullopt
// if IpNetwork::read() rejects one of them. Drops empty entries, so the result may be empty.
std::optional<std::vector<std::string>> to_networks(const std::vector<std::string>& lists);

// Returns the path with a slash at its end. Adds the slash if it is missing.
std::optional<std::string> to_path_prefix(std::string_view text);

// Reads the name of a resource and of one of its methods, with a dot between them. For example, `auth.login` is the
// method `login` of the resource `auth`. An empty text is valid, too: then the inner optional is empty.
std::optional<std::optional<HeaderAuth>> to_header_auth(std::string_view text);

// Reads the name of a call method (a method of a resource that clients can call). An empty text is valid, too: then the
// inner optional is empty.
std::optional<std::optional<std::string>> to_method(std::string_view text);

// Reads the beginning of a NATS subject, such as _INBOX: at most 100 bytes, without wildcards, white space and control
// characters.
std::optional<std::string> to_subject_prefix(std::string_view text);

// Reads the name of a format for HTTP responses: "json" or "jsonflat", in upper or lower case.
std::optional<ApiEncoding> to_encoding(std::string_view text);

// Reads origins of web pages, which are separated by semicolons in each text. An origin is
// <scheme>://<hostname>[:<port>], or null. A single * in place of the origins means all origins. The result is in lower
// case and sorted.
std::optional<std::vector<std::string>> to_origins(const std::vector<std::string>& lists);

}  // namespace resflow
