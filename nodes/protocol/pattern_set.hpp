// A set of resource name patterns, such as "library.book.*". Tells whether a name matches one of them. To find a
// pattern without wildcards, one hash look-up is enough; each pattern with wildcards is compared with the name. No I/O
// and no shared state.
//
// Bound: at most kMax patterns. If more are added, the pattern ">" replaces them all. It matches every name, so the
// gateway then asks services about more resources than necessary, but never about too few.
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
