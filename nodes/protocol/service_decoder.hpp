// Decoder reads one JSON message from a service, value by value, and remembers the first error. Each function moves
// past the value that it reads. The arguments `field` and `type` are only for error messages: the name of the value and
// its Go type, as Resgate (the gateway that resflow replaces) writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/json_members.hpp"
#include "nodes/protocol/service_protocol.hpp"

namespace resflow {

class Decoder {
 public:
  explicit Decoder(std::string_view payload) : payload_(payload), in_(payload) {}

  // Reads an object. Reads the values of the members listed in `members`, any of which may be missing, and skips all
  // other members. Returns false if the next value is not an object.
  template <typename... Read>
  bool object(std::string_view field, std::string_view type, json::Member<Read>&&... members) {
    if (!expect(json::Kind::object, field, type)) return false;
    return json::read_members(in_, others_, std::move(members)...);
  }

  // Reads an object whose member names are chosen by the service. Calls f(name) for each member; `f` must read the
  // value. Returns false if the next value is not an object.
  template <typename F>
  bool map(std::string_view field, std::string_view type, F&& f) {
    if (!expect(json::Kind::object, field, type)) return false;
    return in_.members(f);
  }

  // Reads an array. Calls f() for each element; `f` must read the element. Returns false if the next value is not an
  // array.
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
  // Reads an object and adds its members to `members`. Returns false if the next value is not an object.
  bool add_properties(std::string_view field, Properties::sequence_type& members);
  std::optional<Values> values(std::string_view field);
  ErrorPtr error_object(std::string_view field);

  json::Kind kind() { return in_.kind(); }

  // Returns how many members with unknown names were found in objects so far.
  std::size_t other_members() const { return others_.count; }
  // Returns all members of the message except the one called `name`, as JSON text with a comma before each member.
  std::string others_than(std::string_view name) const;

  // Ends reading. Returns what is wrong with the message, or null if it is valid.
  ErrorPtr finish();

  // The same, but returns `value` together with the error (null if the message is valid).
  template <typename T>
  Decoded<T> finish(T value) {
    ErrorPtr error = finish();
    return {std::move(value), std::move(error), false, other_case()};
  }
  bool other_case() const { return others_.other_case; }

  // Sets the error, unless there is an earlier one.
  void complain(std::string message) {
    if (complaint_.empty()) complaint_ = std::move(message);
  }

 private:
  // Returns true if the next value has the wanted kind. Otherwise skips the value and returns false. It then also sets
  // the error, unless the value is null: a member with the value null counts as absent.
  bool expect(json::Kind wanted, std::string_view field, std::string_view type) {
    return in_.kind() == wanted || pass_unexpected(field, type);
  }
  bool pass_unexpected(std::string_view field, std::string_view type);

  std::string_view payload_;
  json::Cursor in_;
  json::OtherMembers others_;
  std::string complaint_;
};

}  // namespace resflow
