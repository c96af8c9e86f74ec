// Reads JSON objects of the RES protocol: finds members by name and reads their values. Member names may be in any
// letter case, because Resgate (the gateway that resflow replaces) accepts this from services. If an object has a name
// both in the exact spelling and in another one, the value of the exact spelling counts. No I/O and no shared state;
// any thread may use it.
#pragma once

#include <cstddef>
#include <string_view>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow::json {

// A member to look for: its name, and a function that reads its value from the cursor.
template <typename Read>
struct Member {
  std::string_view name;
  Read read;
  bool exact = false;  // true once a member with exactly this name was read

  // Reads the member if `key` is its exact name. Returns false if it is not.
  bool take(std::string_view key) {
    if (key != name) return false;
    exact = true;
    read();
    return true;
  }
  // Reads the member if `key` is its name in any letter case. But if a member with the exact name was read before,
  // skips the value instead. Returns false if `key` is another name.
  bool take_in_any_case(std::string_view key, Cursor& in) {
    if (!equal_ignoring_case(key, name)) return false;
    if (exact) {
      in.value();
    } else {
      read();
    }
    return true;
  }
};

template <typename Read>
Member(std::string_view, Read) -> Member<Read>;

// What read_members() reports about an object, besides the values that the caller has asked for.
struct OtherMembers {
  std::size_t count = 0;    // members with unknown names
  bool other_case = false;  // a known member was spelled in another letter case than in the protocol
};

// Reads the object at the cursor: the values of the given members, by their `read` functions. Skips the values of
// members with unknown names. Returns false if the text at the cursor is not a well-formed object.
template <typename... Read>
bool read_members(Cursor& in, OtherMembers& others, Member<Read>&&... members) {
  return in.members([&](std::string_view key) {
    if ((members.take(key) || ...)) return;
    if ((members.take_in_any_case(key, in) || ...)) {
      others.other_case = true;
    } else {
      ++others.count;
      in.value();
    }
  });
}

}  // namespace resflow::json
