// Compares what a turn brings out with what was recorded: line by line, in order. Lines that are in another order, are
// missing, or are new are the differences; a recorded line and a new one that come at the same place make one.
//
// After a request more or less than was recorded, all later ones have other numbers. That is one difference, not
// thousands: requests and subscriptions that differ in nothing but their number are taken for the same.
//
// One lane; its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/replay/script.hpp"
#include "tools/replay/selection.hpp"

namespace resflow::replay {

struct Difference {
  std::size_t line = 0;  // of the capture; of the turn when nothing was recorded
  LaneId lane = 0;
  std::int64_t us = 0;              // since the capture began
  std::string recorded;             // empty: nothing
  std::string got;                  // empty: nothing
  std::vector<std::string> inputs;  // that entered since the turn before
};

class Comparison {
 public:
  // Of `selection` alone; null: of everything.
  Comparison(LaneScript& script, LaneId lane, const Selection* selection, std::size_t keep)
      : script_(script), lane_(lane), selection_(selection), keep_(keep) {}

  // A turn begins.
  void begin(std::size_t line, std::int64_t us);
  // An input of the coming turn, or of this one; the record of it is passed, not more.
  void input(std::string_view text);

  // Takes the line that `out` begins with, which came out, when it is the one that is recorded next: returns its size
  // with its end. Else 0: then it is for got().
  std::size_t got_next(std::string_view out);
  // A line that came out.
  void got(std::string_view line);
  // All that could still come of the recorded turn has come.
  void end();

  // Looks for the record behind the outputs that are still expected; null at the end of the turn.
  const CaptureRecord* behind_outputs();
  // Goes there.
  void pass_outputs();

  // How many lines have come in the places of recorded ones that have not come.
  std::size_t unmatched() const { return unmatched_; }

  // The numbers of recorded requests and handles, as they are now; nullopt when nothing of the kind was asked for.
  std::optional<ServiceRequestId> request_now(ServiceRequestId recorded) const;
  std::optional<SubscriptionHandle> handle_now(SubscriptionHandle recorded) const;
  SubscriptionHandle handle_then(SubscriptionHandle now) const;

  std::size_t equal() const { return equal_; }
  std::size_t different() const { return different_; }
  const std::vector<Difference>& differences() const { return differences_; }

  // Whether differences count from now on (they do unless this was called with false).
  void count(bool on) { counts_ = on; }

 private:
  struct Line {
    std::size_t number = 0;
    std::string text;
  };
  using Numbers = std::unordered_map<std::uint64_t, std::uint64_t>;

  bool counts(std::string_view line) const;
  void same_number(std::string_view line);
  bool find(std::string_view line);
  bool same_but_number(std::string_view recorded, std::string_view line);
  bool find_other_number(std::string_view line);
  bool was_skipped(std::string_view line);
  void skip(std::size_t outputs);
  void take(std::string_view line);
  void replace_number(const Line* recorded, std::string_view got);
  void report(const Line* recorded, std::string_view got);

  LaneScript& script_;
  LaneId lane_;
  const Selection* selection_;
  std::size_t keep_;
  bool counts_ = true;
  std::size_t turn_line_ = 0;
  std::int64_t us_ = 0;
  std::vector<std::string_view> inputs_;
  std::deque<Line> missing_;  // recorded, and not come yet
  std::deque<std::string> extra_;
  std::size_t unmatched_ = 0;
  Numbers requests_;  // recorded -> now, since they differ
  Numbers handles_;
  Numbers handles_then_;                      // now -> recorded
  std::uint64_t first_request_ = UINT64_MAX;  // from which recorded number on they may differ
  std::size_t equal_ = 0;
  std::size_t different_ = 0;
  std::vector<Difference> differences_;
};

}  // namespace resflow::replay
