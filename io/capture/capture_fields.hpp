// Reads the fields of one line of a capture (a recording of the gateway's traffic); a line is a JSON object. The caller
// asks for each field by its name, and then calls finish(), which throws if the line has any other field.
// parse_record() uses this class for the lines that the faster reader (capture_scan.hpp) cannot read.
//
// Any thread. Errors: std::runtime_error; the text names the field, if the error is in a field.
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
  // `line` must outlive this object, which keeps views of it.
  explicit CaptureFields(std::string_view line);

  // Returns the name of the first field; this name says what kind of line it is.
  std::string_view first() const { return count_ == 0 ? std::string_view() : fields_[0].name; }

  // Returns the JSON text of the field `name`; nullopt if the line has no such field. Each field is returned only once:
  // if two fields have the same name, the second call returns the second field.
  std::optional<std::string_view> find(std::string_view name);
  // get(): like find(), but throws if the field is missing. The functions below also throw if the field is missing or
  // its value is invalid. A comment says where a missing field is no error.
  std::string_view get(std::string_view name);
  // string(): returns the value of the field `name`. If the line has no such field, but one whose name is `name` with
  // 64 at its end, returns the value of that field, decoded from base64. string_if_any(): like string(), but returns ""
  // if both fields are missing.
  std::string string(std::string_view name);
  std::string string_if_any(std::string_view name);
  std::uint64_t number(std::string_view name);
  // Returns true if the line has the field, false if not. Throws if the value of the field is not `true`.
  bool flag(std::string_view name);
  ConnId conn(LaneId lane);
  Headers headers();

  // Returns the number of the lane (thread of the gateway) that the line is about; 0 if the line has no field `lane`.
  LaneId lane();

  // Throws if the line has a field that the caller has not asked for.
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
// Returns the bytes that a JSON value stands for. The value is a string, or an object whose member `bytes64` has the
// bytes in base64.
std::string parse_bytes(std::string_view json);

}  // namespace resflow
