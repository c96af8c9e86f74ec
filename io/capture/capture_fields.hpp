// The fields of a line of a capture: each is asked for by name, and in the end none may be left over. Any thread.
// Errors: std::runtime_error, naming the field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"

namespace resflow {

class CaptureFields {
 public:
  // `line` must outlast the fields.
  explicit CaptureFields(std::string_view line);

  // The name of the first field, which says what kind of line it is.
  std::string_view first() const { return count_ == 0 ? std::string_view() : fields_[0].name; }

  std::optional<std::string_view> find(std::string_view name);  // its JSON text
  std::string_view get(std::string_view name);
  std::string string(std::string_view name);  // also one in base64
  std::string string_if_any(std::string_view name);
  std::uint64_t number(std::string_view name);
  bool flag(std::string_view name);  // false when there is none
  ConnId conn(LaneId lane);
  Headers headers();

  // A lane by its number; 0 when there is none.
  LaneId lane();

  // Throws when there is a field that nobody has asked for.
  void finish() const;

 private:
  std::optional<std::string> find_string(std::string_view name);

  struct Field {
    std::string_view name;
    std::string_view text;
    bool used = false;
  };

  std::array<Field, 16> fields_{};
  std::size_t count_ = 0;
};

ConnId parse_conn(std::string_view json, LaneId lane);
LaneId parse_lane(std::string_view json);
std::uint64_t parse_number(std::string_view json);
// A string, or an object with its bytes in base64.
std::string parse_bytes(std::string_view json);

}  // namespace resflow
