// A set of resource name patterns that tells whether a name matches one of them. All patterns without wildcards
// together cost one look-up; each pattern with wildcards is compared with the name. No I/O and no shared state.
//
// Bound: with more than kMax patterns, the set becomes ">", which matches all names. This is safe: if the set matches
// too many names, this only costs time; only a name that the set misses would be an error.
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

  // Returns the number of patterns with wildcards, each of which is compared with each name.
  std::size_t wildcards() const { return wildcards_.size(); }

 private:
  using Patterns = std::set<std::string, std::less<>>;

  Patterns names_;      // patterns without wildcards
  Patterns wildcards_;  // patterns with wildcards
};

}  // namespace resflow
