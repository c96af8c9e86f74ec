#include "nodes/protocol/service_decoder.hpp"

#include <charconv>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

bool Decoder::pass_unexpected(std::string_view field, std::string_view type) {
  const json::Kind found = in_.kind();
  in_.value();
  if (found != json::Kind::null) complain(type_mismatch(found, field, type));
  return false;
}

std::string Decoder::text(std::string_view field) {
  if (!expect(json::Kind::string, field, "string")) return {};
  std::string scratch;
  return std::string(in_.string(scratch));
}

bool Decoder::boolean(std::string_view field) {
  return expect(json::Kind::boolean, field, "bool") && in_.value() == "true";
}

std::int64_t Decoder::integer(std::string_view field) {
  if (!expect(json::Kind::number, field, "int")) return 0;
  const std::string_view digits = in_.value();
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (ec != std::errc() || end != digits.data() + digits.size()) {
    complain("json: cannot unmarshal number " + std::string(digits) + " into Go struct field " + std::string(field) +
             " of type int");
  }
  return value;
}

std::vector<std::string> Decoder::texts(std::string_view field) {
  std::vector<std::string> all;
  array(field, "[]string", [&] { all.push_back(text(field)); });
  return all;
}

Value Decoder::value(std::string_view field) {
  Value v;
  std::string error;
  if (!read_value(in_, field, v, error, &others_.other_case)) complain(error);
  return v;
}

bool Decoder::add_properties(std::string_view field, Properties::sequence_type& members) {
  // Reserves room for as many members as an object usually has, so that the growing vector need not move them.
  constexpr std::size_t usual = 4;
  members.reserve(usual);
  return map(field, "map[string]codec.Value", [&](std::string_view name) {
    std::string key(name);  // a copy, because `members` outlives the buffer that `name` is a view of
    Value v = value(field);
    members.emplace_back(std::move(key), std::move(v));
  });
}

std::optional<Properties> Decoder::properties(std::string_view field) {
  Properties::sequence_type members;
  if (!add_properties(field, members)) return std::nullopt;
  return make_properties(std::move(members));
}

std::optional<Values> Decoder::values(std::string_view field) {
  Values all;
  if (!array(field, "[]codec.Value", [&] { all.push_back(value(field)); })) return std::nullopt;
  return all;
}

ErrorPtr Decoder::error_object(std::string_view field) {
  ResError error;
  const std::string prefix = "Error.error";
  const auto read_data = [&] {
    error.data = raw();
    if (error.data == "null") error.data.clear();
  };
  const bool present = object(field, "reserr.Error", json::Member{"code", [&] { error.code = text(prefix + ".code"); }},
                              json::Member{"message", [&] { error.message = text(prefix + ".message"); }},
                              json::Member{"data", read_data});
  if (!present) return nullptr;
  return std::make_shared<const ResError>(std::move(error));
}

std::string Decoder::others_than(std::string_view name) const {
  std::string others;
  json::Cursor in(payload_);
  in.members([&](std::string_view key) {
    const bool wanted = !equal_ignoring_case(key, name);
    if (wanted) {
      others += ',';
      json::append_string(others, key);
      others += ':';
    }
    const std::string_view value = in.value();
    if (wanted) others += value;
  });
  return others;
}

ErrorPtr Decoder::finish() {
  if (in_.failed() || !in_.at_end()) return internal_error(json::syntax_error(payload_));
  // The payload must be UTF-8 before complaint_ is used, because complaint_ may repeat text of the payload. A client
  // that gets text that is not UTF-8 closes its connection.
  if (!valid_utf8(payload_)) return internal_error("invalid UTF-8 in service message");
  if (!complaint_.empty()) return internal_error(complaint_);
  return nullptr;
}

}  // namespace resflow
