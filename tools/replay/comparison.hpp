// Compares the outputs of a replayed lane with the recorded ones: turn by turn, line by line, in order. A line that is
// missing, new, or in another order is a difference. A missing line and a new line in the same place count as one
// difference.
//
// If the replay makes one request more or less than was recorded, all later requests have other ids. That is one
// difference, not thousands: requests and subscriptions that differ only in their number count as equal.
//
// LanePlayer has one instance for each lane, on the lane's thread.
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
  std::size_t line = 0;  // line number in the capture; for a new line the number of its turn
  LaneId lane = 0;
  std::int64_t us = 0;              // microseconds since the capture began
  std::string recorded;             // the recorded line; empty if nothing was recorded
  std::string got;                  // the line that came out; empty if none did
  std::vector<std::string> inputs;  // inputs since the previous turn
};

class Comparison {
 public:
  // Compares the traffic in `selection`, or all traffic if it is null. Keeps the first `keep` differences and counts
  // the others.
  Comparison(LaneScript& script, LaneId lane, const Selection* selection, std::size_t keep)
      : script_(script), lane_(lane), selection_(selection), keep_(keep) {}

  // A turn begins. `line` is its line in the capture, `us` its time.
  void begin(std::size_t line, std::int64_t us);
  // Notes an input of this turn or the coming one, to report it with the differences. `text` must stay in place until
  // end().
  void input(std::string_view text);

  // Takes the first line of `out` if it equals the next record of the capture. Returns its size with the line end.
  // Returns 0 if the line is another one; then it must be given to got().
  std::size_t got_next(std::string_view out);
  // Takes a line that came out and does not equal the next record: looks for it elsewhere in the turn.
  void got(std::string_view line);
  // Ends the turn, when all its outputs have come out. Reports the lines that are missing or new.
  void end();

  // Returns the next record of this turn that is not an output; null if the turn has none.
  const CaptureRecord* behind_outputs();
  // Goes to that record. The recorded outputs before it are missing from now on.
  void pass_outputs();

  // How many lines have come out, since the last line that matched a record, without matching one. Each is taken to be
  // in the place of one recorded line.
  std::size_t unmatched() const { return unmatched_; }

  // Convert the number of a recorded request or subscription handle to its number in this replay. request_now() returns
  // nullopt if the replay has not made that request, handle_now() if another subscription has that number now.
  std::optional<ServiceRequestId> request_now(ServiceRequestId recorded) const;
  std::optional<SubscriptionHandle> handle_now(SubscriptionHandle recorded) const;
  // Returns the recorded number of a handle of this replay.
  SubscriptionHandle handle_then(SubscriptionHandle now) const;

  std::size_t equal() const { return equal_; }
  std::size_t different() const { return different_; }
  const std::vector<Difference>& differences() const { return differences_; }

  // Says whether differences count from now on. At first they do.
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
  std::deque<Line> missing_;  // recorded lines that have been passed and have not come out
  // Lines that have come out and match no record.
  std::deque<std::string> extra_;
  std::size_t unmatched_ = 0;
  Numbers requests_;  // recorded request id -> id in this replay
  // Recorded handle -> handle in this replay, if they differ.
  Numbers handles_;
  Numbers handles_then_;                      // handle in this replay -> recorded handle
  std::uint64_t first_request_ = UINT64_MAX;  // recorded requests below this id have the same id now
  std::size_t equal_ = 0;
  std::size_t different_ = 0;
  std::vector<Difference> differences_;
};

}  // namespace resflow::replay
