// Lists the outputs of each node of the flow graph. A node writes its messages into the vectors of its output struct,
// such as SessionOut. Each vector is one output, and one edge leads from it to a receiver. A C++ pointer to member,
// such as &SessionOut::cache, identifies an output. wiring.hpp lists the outputs of each node:
//
//   template <>
//   struct Outputs<SessionOut> : OutputList<&SessionOut::authorize, &SessionOut::cache> {};
//
// connect<&SessionOut::cache>(...) then makes an edge from that output. In the picture of the graph, in metrics and in
// log lines, the output has the name of the member, here `cache`. Everything here happens at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace resflow {

// Lists the outputs of a node: those members of its output struct Out, each a vector of messages, from which an edge
// leads to a receiver. For each output struct there is a specialization, which derives from the OutputList of these
// members.
template <typename Out>
struct Outputs;

namespace detail {

// Returns the name of a member as a text, for example "cache". Takes it from __PRETTY_FUNCTION__, which ends with
// "Member = &resflow::SessionOut::cache]". Some compilers write a semicolon and more text in place of the bracket.
template <auto Member>
consteval std::string_view member_name() {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("Member = "));
  name = name.substr(0, name.find_first_of(";]"));
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

  // Returns the index of a member in the list. If the member is not in the list, the program does not compile.
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

}  // namespace resflow
