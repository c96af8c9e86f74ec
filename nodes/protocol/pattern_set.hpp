// A set of resource name patterns that tells whether a name matches one of them. One look-up finds a pattern that is
// equal to the name; patterns with wildcards are compared with the name one by one. No I/O and no shared state.
//
// Bound: at most kMax patterns. If there are more, the single pattern ">", which matches every name, replaces them all.
// The set then also matches names that it should not. This only causes needless work, but no name is missed.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace resflow {

class PatternSet {
 public:
  static constexpr std::size_t kMax = 4'096;

  // Adds a pattern. An invalid pattern is ignored.
  void add(std::string_view pattern);
  void add(const PatternSet& others);

  bool matches(std::string_view name) const;

  // Returns the number of patterns with wildcards. The time that matches() takes grows with this number.
  std::size_t wildcards() const { return wildcards_.size(); }

 private:
  using Patterns = std::set<std::string, std::less<>>;

  Patterns names_;      // patterns without wildcards
  Patterns wildcards_;  // patterns with wildcards
};

}  // namespace resflow
