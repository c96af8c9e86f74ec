#include "nodes/protocol/pattern_set.hpp"

#include "nodes/protocol/pattern.hpp"

namespace resflow {

void PatternSet::add(std::string_view pattern) {
  if (!valid_pattern(pattern)) return;
  Patterns& patterns = pattern.find_first_of("*>") == std::string_view::npos ? names_ : wildcards_;
  patterns.emplace(pattern);
  if (names_.size() + wildcards_.size() <= kMax) return;
  names_.clear();
  wildcards_ = {">"};
}

void PatternSet::add(const PatternSet& others) {
  for (const std::string& name : others.names_) add(name);
  for (const std::string& pattern : others.wildcards_) add(pattern);
}

bool PatternSet::matches(std::string_view name) const {
  if (names_.contains(name)) return true;
  for (const std::string& pattern : wildcards_) {
    if (resflow::matches(pattern, name)) return true;
  }
  return false;
}

}  // namespace resflow
