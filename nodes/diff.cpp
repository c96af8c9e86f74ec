#include "nodes/diff.hpp"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <utility>

#include "nodes/base/text_hash.hpp"

namespace resflow {

namespace {

using Numbers = std::vector<std::uint32_t>;
// A value that is neither removed nor added: its position in the old collection, and its position in the new one.
using Match = std::pair<std::size_t, std::size_t>;
using Matches = std::vector<Match>;  // sorted by position, ascending

// Gives each value a number, and equal values the same number. The algorithms then compare numbers instead of texts.
class Numbering {
 public:
  std::uint32_t number(const Value& v) {
    key_.assign(1, static_cast<char>(v.kind));
    key_ += v.rid ? v.rid->text() : v.text;
    return numbers_.try_emplace(key_, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::string key_;
  boost::unordered_flat_map<std::string, std::uint32_t, TextHash> numbers_;
};

// Finds the shortest way to turn `a` into `b` by removals and additions. Returns the values that stay, as matches
// (pairs of positions). Returns nullopt if this would need more than `limit` edits, or if the search takes more than
// kMaxSteps steps (a step is a pair of positions where it finds equal values). The latter happens when values repeat
// very often.
//
// Algorithm: Myers, "An O(ND) Difference Algorithm and Its Variations". In round d (0, 1, 2, ...), the function
// computes how far into `a` and `b` one can get with d edits, and keeps the results. When a round reaches the end of
// both, the function goes back through the kept results to find the matches.
std::optional<Matches> shortest_edit(const Numbers& a, const Numbers& b, std::size_t limit) {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  const auto m = static_cast<std::ptrdiff_t>(b.size());
  const std::ptrdiff_t max = std::min(n + m, static_cast<std::ptrdiff_t>(limit));
  std::vector<std::ptrdiff_t> reach(static_cast<std::size_t>(2 * max + 3), 0);
  const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t& { return reach[static_cast<std::size_t>(k + max + 1)]; };
  // trace[d]: a copy of `reach` from before round d. Each entry belongs to a number k, and is the largest x such that
  // fewer than d edits turn the first x values of `a` into the first x - k values of `b`; 0: there is none.
  std::vector<std::vector<std::int32_t>> trace;
  std::ptrdiff_t steps = 0;
  const auto equal = [&](std::ptrdiff_t x, std::ptrdiff_t k) {
    return x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)];
  };
  for (std::ptrdiff_t d = 0; d <= max && steps <= Diff::kMaxSteps; ++d) {
    std::vector<std::int32_t>& row = trace.emplace_back();
    row.reserve(static_cast<std::size_t>(2 * d + 3));
    for (std::ptrdiff_t k = -d - 1; k <= d + 1; ++k) row.push_back(static_cast<std::int32_t>(at(k)));
    for (std::ptrdiff_t k = -d; k <= d; k += 2) {
      std::ptrdiff_t x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      if (equal(x, k)) {
        steps -= x;
        while (equal(++x, k)) {
        }
        steps += x;
      }
      at(k) = x;
      if (x < n || x - k < m) continue;
      // Both ends are reached. Go back from there to the start, and collect the matches.
      Matches matches;
      std::ptrdiff_t i = n;
      std::ptrdiff_t j = m;
      for (std::ptrdiff_t e = d; e >= 0; --e) {
        const std::vector<std::int32_t>& before = trace[static_cast<std::size_t>(e)];
        const auto was = [&](std::ptrdiff_t diagonal) {
          return static_cast<std::ptrdiff_t>(before[static_cast<std::size_t>(diagonal + e + 1)]);
        };
        const std::ptrdiff_t diagonal = i - j;
        const bool down = diagonal == -e || (diagonal != e && was(diagonal - 1) < was(diagonal + 1));
        const std::ptrdiff_t from = e == 0 ? 0 : down ? was(diagonal + 1) : was(diagonal - 1) + 1;
        while (i > from) matches.emplace_back(static_cast<std::size_t>(--i), static_cast<std::size_t>(--j));
        if (e > 0) (down ? j : i) -= 1;
      }
      std::reverse(matches.begin(), matches.end());
      return matches;
    }
  }
  return std::nullopt;
}

// Matches only values that occur exactly once in `a` and exactly once in `b`. Of these matches, returns as many as
// possible such that the positions in `a` and those in `b` both ascend (longest increasing subsequence).
Matches unique_matches(const Numbers& a, const Numbers& b) {
  struct Place {
    std::size_t count_a = 0;
    std::size_t count_b = 0;
    std::size_t at_b = 0;
  };
  boost::unordered_flat_map<std::uint32_t, Place> places;
  for (const std::uint32_t v : a) ++places[v].count_a;
  for (std::size_t j = 0; j < b.size(); ++j) {
    Place& place = places[b[j]];
    ++place.count_b;
    place.at_b = j;
  }
  struct Link {
    Match match;
    std::ptrdiff_t previous;
  };
  std::vector<Link> links;
  // The best list of matches for each length. A list is better if its last match is earlier in `b`, since this leaves
  // more room for further matches. ends[n] is the last match of the best list with n + 1 matches, as an index into
  // `links`. From there, Link::previous leads to the earlier matches of the list.
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Place& place = places[a[i]];
    if (place.count_a != 1 || place.count_b != 1) continue;
    const auto it = std::lower_bound(ends.begin(), ends.end(), place.at_b,
                                     [&](std::size_t end, std::size_t at) { return links[end].match.second < at; });
    links.push_back({{i, place.at_b}, it == ends.begin() ? -1 : static_cast<std::ptrdiff_t>(*(it - 1))});
    if (it == ends.end()) {
      ends.push_back(links.size() - 1);
    } else {
      *it = links.size() - 1;
    }
  }
  Matches matches;
  for (std::ptrdiff_t at = ends.empty() ? -1 : static_cast<std::ptrdiff_t>(ends.back()); at >= 0;
       at = links[static_cast<std::size_t>(at)].previous) {
    matches.push_back(links[static_cast<std::size_t>(at)].match);
  }
  std::reverse(matches.begin(), matches.end());
  return matches;
}

}  // namespace

std::vector<Edit> diff_models(const Properties& from, const Properties& to) {
  Properties changed;
  auto old = from.begin();
  const auto drop_up_to = [&](const std::string* name) {
    for (; old != from.end() && (name == nullptr || old->first < *name); ++old) {
      changed.emplace_hint(changed.end(), old->first, delete_value());
    }
  };
  for (const auto& [name, value] : to) {
    drop_up_to(&name);
    const bool had = old != from.end() && old->first == name;
    if (!had || !(old->second == value)) changed.emplace_hint(changed.end(), name, value);
    if (had) ++old;
  }
  drop_up_to(nullptr);
  std::vector<Edit> edits;
  if (!changed.empty()) edits.emplace_back(std::move(changed));
  return edits;
}

std::vector<Edit> diff_collections(const Values& from, const Values& to) {
  std::size_t start = 0;
  std::size_t from_end = from.size();
  std::size_t to_end = to.size();
  while (start < from_end && start < to_end && from[start] == to[start]) ++start;
  while (from_end > start && to_end > start && from[from_end - 1] == to[to_end - 1]) {
    --from_end;
    --to_end;
  }
  Numbering numbering;
  Numbers a;
  Numbers b;
  for (std::size_t i = start; i < from_end; ++i) a.push_back(numbering.number(from[i]));
  for (std::size_t j = start; j < to_end; ++j) b.push_back(numbering.number(to[j]));
  std::optional<Matches> matches = shortest_edit(a, b, Diff::kMaxEdits);
  if (!matches) matches = unique_matches(a, b);

  std::vector<Edit> edits;
  std::size_t left = matches->size();
  for (std::size_t i = a.size(); i-- > 0;) {
    if (left > 0 && (*matches)[left - 1].first == i) {
      --left;
    } else {
      edits.emplace_back(static_cast<std::int64_t>(start + i));
    }
  }
  std::size_t next = 0;
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (next < matches->size() && (*matches)[next].second == j) {
      ++next;
    } else {
      edits.emplace_back(AddEvent{static_cast<std::int64_t>(start + j), to[start + j]});
    }
  }
  return edits;
}

void Diff::process(DiffIn&& message, DiffOut& out) {
  const Resource& from = *message.from;
  const Resource& to = *message.to;
  out.cache.emplace_back(DiffResult{
      message.name_handle, message.resource,
      from.is_model ? diff_models(from.properties, to.properties) : diff_collections(from.values, to.values)});
}

}  // namespace resflow
