// Reads one JSON message of a service member by member, and remembers the first thing that is wrong with it in
// Resgate's words. null counts as an absent member, except where the raw text is asked for. Members are known in any
// letter case (json_members.hpp), and that it was another one is remembered. Used by service_*.cpp only.
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

  // Reads an object: each of the named members that is there has its value read. False when it is no object.
  template <typename... Read>
  bool object(std::string_view field, std::string_view type, json::Member<Read>&&... members) {
    if (!expect(json::Kind::object, field, type)) return false;
    return json::read_members(in_, others_, std::move(members)...);
  }

  // Reads an object whose members have names of the service's own, calling f(name) for each; f must read the member's
  // value. False when it is no object.
  template <typename F>
  bool map(std::string_view field, std::string_view type, F&& f) {
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
  // Adds them to what is there. False when it is no object.
  bool add_properties(std::string_view field, Properties::sequence_type& members);
  std::optional<Values> values(std::string_view field);
  ErrorPtr error_object(std::string_view field);

  json::Kind kind() { return in_.kind(); }

  // Members of objects that were not asked for.
  std::size_t other_members() const { return others_.count; }
  // The text of the members that the whole message has besides that one, each with a comma before it.
  std::string others_than(std::string_view name) const;

  // After the last member: the error to answer with, or nullptr when the message was sound.
  ErrorPtr finish();

  // The same as a whole: what was read, with the error.
  template <typename T>
  Decoded<T> finish(T value) {
    ErrorPtr error = finish();
    return {std::move(value), std::move(error), false, other_case()};
  }
  bool other_case() const { return others_.other_case; }

  // Sets the error unless there was one before.
  void complain(std::string message) {
    if (complaint_.empty()) complaint_ = std::move(message);
  }

 private:
  bool expect(json::Kind wanted, std::string_view field, std::string_view type);

  std::string_view payload_;
  json::Cursor in_;
  json::OtherMembers others_;
  std::string complaint_;
};

}  // namespace resflow
