// Objects of the RES protocol, read by the names of their members. A member is known by its name as the protocol spells
// it, or else in any letter case, as Go has it, so that services written for Resgate are understood. Where both are
// there, the exact one counts. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "nodes/base/ascii.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow::json {

// What reads the value of the member of that name.
template <typename Read>
struct Member {
  std::string_view name;
  Read read;
  bool exact = false;  // it was there as it is spelled here

  bool take(std::string_view key) {
    if (key != name) return false;
    exact = true;
    read();
    return true;
  }
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

// What was found besides the members that were named.
struct OtherMembers {
  std::size_t count = 0;    // that have other names
  bool other_case = false;  // one was spelled in another letter case
};

// Reads the object that starts here; what has another name is passed. False when it is none.
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
