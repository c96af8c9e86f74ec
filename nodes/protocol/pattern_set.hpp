// Resource name patterns, and whether a name matches one of them. Patterns without wildcards cost a look-up, however
// many there are. Pure.
//
// Bound: beyond kMax patterns it is the set of all names; who matches too much loses time, who matches too little is
// wrong.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace resflow {

class PatternSet {
 public:
  static constexpr std::size_t kMax = 4'096;

  // What is no pattern matches nothing.
  void add(std::string_view pattern);
  void add(const PatternSet& others);

  bool matches(std::string_view name) const;

  // Patterns that are compared with each name.
  std::size_t wildcards() const { return wildcards_.size(); }

 private:
  using Patterns = std::set<std::string, std::less<>>;

  Patterns names_;
  Patterns wildcards_;
};

}  // namespace resflow
