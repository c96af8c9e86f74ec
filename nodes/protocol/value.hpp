// RES values (RES protocol, "Values"), and the models and collections that consist of them. There are four kinds of
// values. A primitive is a string, number, boolean or null. A reference names another resource, which clients then get,
// too. A soft reference only names a resource. A data value wraps an object or array. In change events there is also
// the delete action, which removes a property. A value keeps the JSON text that it came with. No I/O and no shared
// state; any thread may use it.
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
  RidPtr rid;        // only for a reference or soft reference
  std::string text;  // JSON; {"data":5} counts as the primitive 5, so its text is 5; {"data":[5]} stays as it is

  bool is_reference() const { return kind == ValueKind::reference; }
};

// Compares two values: references by resource id, other values by their JSON text. Values of different kinds are never
// equal. Two delete actions are always equal.
bool operator==(const Value& a, const Value& b);

// Properties: the content of a model, sorted by name and stored in one block of memory. Values: the content of a
// collection (RES protocol, "Models" and "Collections").
using Properties = boost::container::flat_map<std::string, Value, std::less<>>;
using Values = std::vector<Value>;

// Makes a Properties map from the members of a JSON object. The members may be in any order. If a name occurs several
// times, its last value counts.
Properties make_properties(Properties::sequence_type&& members);

// Sets the properties that `changes` contains, and removes the properties for which `changes` contains a delete action.
// The time grows with the sum of both sizes, not with their product.
void apply_changes(Properties& properties, Properties&& changes);

// Returns the value {"action":"delete"}. In a change event, a property with this value is to be removed.
const Value& delete_value();

// Reads one value. If it is not valid, returns false, and sets `error` to the message that Resgate (the gateway that
// resflow replaces) gives for such a value; the message calls the value `field`. Member names such as "rid" may be in
// any letter case. If one is not spelled as in the protocol, sets *other_case to true (unless `other_case` is null),
// and corrects the spelling in value.text: clients get this text, and know only the exact names.
bool read_value(json::Cursor& in, std::string_view field, Value& value, std::string& error, bool* other_case = nullptr);

// Returns the error message for a member of the wrong JSON type. It is the message of Resgate (the gateway that resflow
// replaces), because users know it from logs and from errors that clients get.
std::string type_mismatch(json::Kind found, std::string_view field, std::string_view expected);

// Returns true if clients that speak a version of the RES protocol below 1.2.1 get another text for this value than
// newer clients.
inline bool differs_for_legacy(const Value& v) {
  return v.kind == ValueKind::soft_reference || v.kind == ValueKind::data;
}

// Appends the JSON text of the value for a client. `legacy`: the client speaks a version of the RES protocol below
// 1.2.1. Then a soft reference becomes a string with its resource id, and a data value becomes the string "[Data]".
void append_value(std::string& out, const Value& v, bool legacy);

// append_properties(): appends a model as JSON. append_values(): appends a collection as JSON. `legacy` means the same
// as for append_value().
void append_properties(std::string& out, const Properties& properties, bool legacy);
void append_values(std::string& out, const Values& values, bool legacy);

}  // namespace resflow
