#include "nodes/protocol/value.hpp"

#include <algorithm>
#include <optional>

#include "nodes/protocol/json_members.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

// The members that the protocol defines for a JSON object that stands for a value, such as {"rid":"library.book"}.
struct ValueObject {
  std::optional<std::string> rid;
  std::optional<std::string> action;
  std::string_view data;  // JSON text; empty if there is none
  bool soft = false;
  bool other_case = false;  // a member was spelled in another letter case than in the protocol
};

// Returns the name of a kind of JSON value, as it is written in error messages of Go's JSON decoder.
const char* go_kind(json::Kind kind) {
  switch (kind) {
    case json::Kind::boolean:
      return "bool";
    case json::Kind::number:
      return "number";
    case json::Kind::string:
      return "string";
    case json::Kind::array:
      return "array";
    default:
      return "object";
  }
}

// Reads a JSON object that stands for a value, such as {"rid":"library.book"}: stores its members in a ValueObject.
// Error messages call the value `field`.
class ObjectReader {
 public:
  ObjectReader(json::Cursor& in, std::string_view field, std::string& error) : in_(in), field_(field), error_(error) {}

  bool read(ValueObject& object) {
    json::OtherMembers others;
    const bool sound = json::read_members(in_, others, json::Member{"rid", [&] { object.rid = text(); }},
                                          json::Member{"action", [&] { object.action = text(); }},
                                          json::Member{"soft", [&] { object.soft = boolean(); }},
                                          json::Member{"data", [&] { object.data = in_.value(); }});
    object.other_case = others.other_case;
    return sound;
  }

 private:
  std::optional<std::string> text() {
    const json::Kind kind = in_.kind();
    if (kind == json::Kind::string) {
      std::string scratch;
      return std::string(in_.string(scratch));
    }
    skip_other_than(json::Kind::string, kind, "string");
    return std::nullopt;
  }

  bool boolean() {
    const json::Kind kind = in_.kind();
    if (kind == json::Kind::boolean) return in_.value() == "true";
    skip_other_than(json::Kind::boolean, kind, "bool");
    return false;
  }

  // Skips the value of a member that has the wrong kind, and sets the error. But null is no error; it counts as if the
  // member were absent.
  void skip_other_than(json::Kind wanted, json::Kind found, std::string_view type) {
    in_.value();
    if (found != wanted && found != json::Kind::null && error_.empty()) error_ = type_mismatch(found, field_, type);
  }

  json::Cursor& in_;
  std::string_view field_;
  std::string& error_;
};

// Sets the error message for an invalid value and returns false.
bool refuse(std::string& error, std::string_view why) {
  error = "Internal error: invalid value";
  if (!why.empty()) error.append(": ").append(why);
  return false;
}

// Returns at most 200 bytes of a service's text, for an error message.
std::string shown(std::string_view text) {
  constexpr std::size_t enough = 200;
  return text.size() <= enough ? std::string(text) : to_valid_utf8(text.substr(0, enough)) + "...";
}

// These functions find out which value the members of a JSON object stand for, and set value.kind. They also set
// value.text if it must differ from the text that the service has sent. If the members do not make a valid value, they
// set the error and return false. make_reference(): for {"rid":...}. make_action(): for {"action":...}. interpret():
// for any object.
bool make_reference(ValueObject& object, Value& value, std::string& error) {
  if (object.rid->empty()) return refuse(error, R"(resource references requires a non-empty "rid" value)");
  if (object.action || !object.data.empty()) return refuse(error, "ambiguous value type");
  value.rid = read_rid(*object.rid);
  if (!value.rid) return refuse(error, "resource reference rid \"" + shown(*object.rid) + "\" is invalid");
  value.kind = object.soft ? ValueKind::soft_reference : ValueKind::reference;
  if (object.other_case) {
    value.text = R"({"rid":)" + json::quote(value.rid->text());
    value.text += object.soft ? R"(,"soft":true})" : "}";
  }
  return true;
}

bool make_action(const ValueObject& object, Value& value, std::string& error) {
  if (!object.data.empty()) return refuse(error, "ambiguous value type");
  if (*object.action != "delete") return refuse(error, "unknown action \"" + *object.action + "\"");
  value.kind = ValueKind::delete_action;
  if (object.other_case) value.text = delete_value().text;
  return true;
}

bool interpret(ValueObject& object, Value& value, std::string& error) {
  if (object.rid) return make_reference(object, value, error);
  if (object.action) return make_action(object, value, error);
  if (object.data.empty()) return refuse(error, "nested json object must be wrapped as a data value");
  if (object.data.front() == '{' || object.data.front() == '[') {
    value.kind = ValueKind::data;
    if (object.other_case) value.text.assign(R"({"data":)").append(object.data).append("}");
  } else {
    // RES protocol: "If the contained value can be expressed as a primitive, the data value is interchangeable with the
    // primitive."
    value.kind = ValueKind::primitive;
    value.text = object.data;
  }
  return true;
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ValueKind::reference:
    case ValueKind::soft_reference:
      return a.rid == b.rid || a.rid->text() == b.rid->text();
    case ValueKind::delete_action:
      return true;
    default:
      return a.text == b.text;
  }
}

const Value& delete_value() {
  static const Value value{ValueKind::delete_action, nullptr, R"({"action":"delete"})"};
  return value;
}

Properties make_properties(Properties::sequence_type&& members) {
  const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto not_after = [](const auto& a, const auto& b) { return a.first >= b.first; };
  if (std::adjacent_find(members.begin(), members.end(), not_after) != members.end()) {
    std::stable_sort(members.begin(), members.end(), before);
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    // std::unique keeps the first of equal names. With reverse iterators, this is the last one in the object.
    const auto kept = std::unique(members.rbegin(), members.rend(), same);
    members.erase(members.begin(), kept.base());
  }
  Properties all;
  all.adopt_sequence(boost::container::ordered_unique_range, std::move(members));
  return all;
}

void apply_changes(Properties& properties, Properties&& changes) {
  bool removes = false;
  Properties::sequence_type added;
  for (auto& [name, value] : changes) {
    const auto old = properties.find(name);
    if (old == properties.end()) {
      if (value.kind != ValueKind::delete_action) added.emplace_back(std::move(name), std::move(value));
      continue;
    }
    removes = removes || value.kind == ValueKind::delete_action;
    old->second = std::move(value);
  }
  if (!removes && added.empty()) return;
  auto members = properties.extract_sequence();
  if (removes) {
    const auto removed = [](const auto& member) { return member.second.kind == ValueKind::delete_action; };
    members.erase(std::remove_if(members.begin(), members.end(), removed), members.end());
  }
  // Merges the vectors by hand, because flat_map::insert() with ordered_unique_range loses moved values in Boost 1.81.
  const auto before = members.size();
  for (auto& member : added) members.push_back(std::move(member));
  std::inplace_merge(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(before), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  properties.adopt_sequence(boost::container::ordered_unique_range, std::move(members));
}

std::string type_mismatch(json::Kind found, std::string_view field, std::string_view expected) {
  std::string message = "json: cannot unmarshal ";
  message.append(go_kind(found)).append(" into Go ");
  if (field.empty()) {
    message.append("value");
  } else {
    message.append("struct field ").append(field);
  }
  return message.append(" of type ").append(expected);
}

bool read_value(json::Cursor& in, std::string_view field, Value& value, std::string& error, bool* other_case) {
  const json::Kind kind = in.kind();
  json::Cursor ahead = in;
  value.text = in.value();
  if (in.failed()) return false;
  value.kind = ValueKind::primitive;
  value.rid = nullptr;
  if (kind == json::Kind::array) return refuse(error, "nested json array must be wrapped as a data value");
  if (kind != json::Kind::object) return true;
  ValueObject object;
  if (!ObjectReader(ahead, field, error).read(object)) {
    in.fail();
    return false;
  }
  if (object.other_case && other_case != nullptr) *other_case = true;
  return error.empty() && interpret(object, value, error);
}

void append_value(std::string& out, const Value& v, bool legacy) {
  if (legacy && v.kind == ValueKind::soft_reference) {
    json::append_string(out, v.rid->text());
  } else if (legacy && v.kind == ValueKind::data) {
    out += R"("[Data]")";
  } else {
    out += v.text;
  }
}

void append_properties(std::string& out, const Properties& properties, bool legacy) {
  char separator = '{';
  for (const auto& [name, value] : properties) {
    out += separator;
    separator = ',';
    json::append_string(out, name);
    out += ':';
    append_value(out, value, legacy);
  }
  out += separator == '{' ? "{}" : "}";
}

void append_values(std::string& out, const Values& values, bool legacy) {
  char separator = '[';
  for (const Value& value : values) {
    out += separator;
    separator = ',';
    append_value(out, value, legacy);
  }
  out += separator == '[' ? "[]" : "]";
}

}  // namespace resflow
