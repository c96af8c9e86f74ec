// Reads one JSON message of a service member by member, and remembers the first thing that is wrong with it in
// Resgate's words. null counts as an absent member, except where the raw text is asked for. Used by service_*.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nodes/service_protocol.hpp"

namespace resflow {

class Decoder {
 public:
  explicit Decoder(std::string_view payload) : payload_(payload), in_(payload) {}

  // Reads an object, calling f(name) for each member; f must read the member's value. False when it is no object.
  template <typename F>
  bool object(std::string_view field, std::string_view type, F&& f) {
    if (!expect(json::Kind::object, field, type)) return false;
    return in_.members(f);
  }

  // Reads an array, calling f() for each element, which must read it. False when it is no array.
  template <typename F>
  bool array(std::string_view field, std::string_view type, F&& f) {
    if (!expect(json::Kind::array, field, type)) return false;
    return in_.elements(f);
  }

  void skip() { in_.value(); }
  std::string raw() { return std::string(in_.value()); }
  std::string text(std::string_view field);
  bool boolean(std::string_view field);
  std::int64_t integer(std::string_view field);
  std::vector<std::string> texts(std::string_view field);

  Value value(std::string_view field);
  std::optional<Properties> properties(std::string_view field);
  std::optional<Values> values(std::string_view field);
  ErrorPtr error_object(std::string_view field);

  json::Kind kind() { return in_.kind(); }

  // After the last member: the error to answer with, or nullptr when the message was sound.
  ErrorPtr finish();

  // Sets the error unless there was one before.
  void complain(std::string message) {
    if (complaint_.empty()) complaint_ = std::move(message);
  }

 private:
  bool expect(json::Kind wanted, std::string_view field, std::string_view type);

  std::string_view payload_;
  json::Cursor in_;
  std::string complaint_;
};

}  // namespace resflow
