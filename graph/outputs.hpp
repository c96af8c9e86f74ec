// How the graph sees what a node sends: the vectors of its output struct, each known by the struct's own member.
//
//   template <>
//   struct Outputs<SessionOut> : OutputList<&SessionOut::authorize, &SessionOut::cache> {};
//
// An edge is then made by connect<&SessionOut::cache>(...), and its name in the picture, metrics and log lines is the
// member's, `cache`. At compile time only.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace resflow {

// The output struct's list; to be specialized for each.
template <typename Out>
struct Outputs;

namespace detail {

// The compiler's name of this function ends with "Member = &resflow::SessionOut::cache]", or with more behind a
// semicolon.
template <auto Member>
consteval std::string_view member_name() {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("Member = "));
  name = name.substr(0, name.find_first_of(";])"));
  return name.substr(name.rfind(':') + 1);
}

template <typename Out, typename Vector>
Out struct_of(Vector Out::*);

template <auto First, auto...>
struct FirstOf {
  using Struct = decltype(struct_of(First));
};

}  // namespace detail

template <auto... Members>
struct OutputList {
  using Out = typename detail::FirstOf<Members...>::Struct;

  static constexpr std::array<std::string_view, sizeof...(Members)> names{detail::member_name<Members>()...};
  static auto tie(Out& out) { return std::tie(out.*Members...); }

  // The place of a member in the list; a program that asks for one that is not in it does not compile.
  template <auto Member>
  static consteval std::size_t place() {
    constexpr std::array same{is_same<Member, Members>()...};
    static_assert((is_same<Member, Members>() || ...), "this is no output of the node");
    std::size_t at = 0;
    while (!same[at]) ++at;
    return at;
  }

 private:
  template <auto A, auto B>
  static consteval bool is_same() {
    if constexpr (std::is_same_v<decltype(A), decltype(B)>) {
      return A == B;
    } else {
      return false;
    }
  }
};

// Of a node that sends nothing.
template <typename Nothing>
struct NoOutputs {
  static constexpr std::array<std::string_view, 0> names{};
  static auto tie(Nothing&) { return std::tie(); }
};

}  // namespace resflow
