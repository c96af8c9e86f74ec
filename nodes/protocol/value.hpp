// RES values (RES protocol, "Values"): a primitive, a resource reference, a soft reference, or a data value; and in
// change events the delete action. A value keeps the JSON text it came with. Pure; any thread.
#pragma once

#include <boost/container/flat_map.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/rid.hpp"

namespace resflow {

enum class ValueKind : std::uint8_t { primitive, reference, soft_reference, data, delete_action };

struct Value {
  ValueKind kind = ValueKind::primitive;
  RidPtr rid;        // of a reference or soft reference
  std::string text;  // JSON; the inner value when a data value holds a primitive

  bool is_reference() const { return kind == ValueKind::reference; }
};

// Equal in kind and value: references by resource id, all else by text.
bool operator==(const Value& a, const Value& b);

// "Model" and "Collection". Properties are kept in order of their names, in one block of memory.
using Properties = boost::container::flat_map<std::string, Value, std::less<>>;
using Values = std::vector<Value>;

// Properties as a message has them: in any order, and of those with the same name the last one counts.
Properties make_properties(Properties::sequence_type&& members);

// Sets what `changes` has, and removes where it has a delete action. Takes a time that grows with the size of both, not
// with their product.
void apply_changes(Properties& properties, Properties&& changes);

const Value& delete_value();

// Reads one value. On text that is no value it returns false with the reason in `error`, worded as Resgate words it;
// `field` is where in the message the value stands. The members of a value's object are known in any letter case;
// `other_case`, if given, is set when one was not as the protocol spells it. The value's text then is, for clients know
// these members by their exact names.
bool read_value(json::Cursor& in, std::string_view field, Value& value, std::string& error, bool* other_case = nullptr);

// Resgate's words for a member of the wrong JSON type: its users find them in their logs and their clients' errors.
std::string type_mismatch(json::Kind found, std::string_view field, std::string_view expected);

// Whether clients before RES protocol 1.2.1 need another text for this value than for the newer ones.
inline bool differs_for_legacy(const Value& v) {
  return v.kind == ValueKind::soft_reference || v.kind == ValueKind::data;
}

// Appends the value for a client; for clients before 1.2.1 a soft reference becomes its resource id and a data value
// the string "[Data]".
void append_value(std::string& out, const Value& v, bool legacy);

// Appends a model or collection.
void append_properties(std::string& out, const Properties& properties, bool legacy);
void append_values(std::string& out, const Values& values, bool legacy);

}  // namespace resflow
