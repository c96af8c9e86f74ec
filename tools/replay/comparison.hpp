// Compares the outputs of a replayed lane with the recorded ones: turn by turn, line by line, in order. Each of these
// is a difference: a recorded line that does not come out; a line that was not recorded; a line that comes out in
// another order. A missing line and a new line in the same place count as one difference.
//
// If the replay makes one request more or less than the recording, all later requests have other ids. That counts as
// one difference, not as thousands: requests and subscriptions that differ only in their number count as equal.
//
// Each LanePlayer has an instance, used on the lane's thread.
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
  std::size_t line = 0;  // line number of the recorded line in the capture; if nothing was recorded: of the turn's line
  LaneId lane = 0;
  std::int64_t us = 0;              // microseconds since the capture began
  std::string recorded;             // the recorded line; empty if nothing was recorded
  std::string got;                  // the line that came out; empty if none did
  std::vector<std::string> inputs;  // the inputs since the end of the previous turn, but at most the first 64
};

class Comparison {
 public:
  // Compares the outputs in `selection`; if `selection` is null, all outputs. Keeps the first `keep` differences and
  // counts the others.
  Comparison(LaneScript& script, LaneId lane, const Selection* selection, std::size_t keep)
      : script_(script), lane_(lane), selection_(selection), keep_(keep) {}

  // Begins a turn. `line` is the line of the turn in the capture, `us` the recorded time of the turn.
  void begin(std::size_t line, std::int64_t us);
  // Notes an input of this turn or of the coming one, to report it with the differences. The text must stay in memory
  // until end().
  void input(std::string_view text);

  // If the first line of `out` equals the next record of the capture, takes that line and returns its size including
  // the line end. Otherwise returns 0; then the caller must give the line to got().
  std::size_t got_next(std::string_view out);
  // Takes a line that has come out and does not equal the next record. Looks for another record of this turn that
  // equals the line.
  void got(std::string_view line);
  // Ends the turn. Call this when all its outputs have come out. Reports the lines that are missing or new.
  void end();

  // Returns the next record of this turn that is not an output; null if the turn has none.
  const CaptureRecord* behind_outputs();
  // Moves on to the record that behind_outputs() returns. The recorded outputs before that record are missing from now
  // on.
  void pass_outputs();

  // Returns how many lines without a matching record have come out since the comparison last moved on in the capture.
  // LanePlayer assumes that each of these lines stands in the place of one recorded line.
  std::size_t unmatched() const { return unmatched_; }

  // request_now(): takes the recorded id of a request and returns its id in this replay; nullopt if the replay has not
  // made that request. handle_now(): takes the recorded handle of a subscription and returns its handle in this replay;
  // nullopt if another subscription of this replay has the recorded handle.
  std::optional<ServiceRequestId> request_now(ServiceRequestId recorded) const;
  std::optional<SubscriptionHandle> handle_now(SubscriptionHandle recorded) const;
  // Takes the handle of a subscription in this replay and returns its recorded handle.
  SubscriptionHandle handle_then(SubscriptionHandle now) const;

  std::size_t equal() const { return equal_; }
  std::size_t different() const { return different_; }
  const std::vector<Difference>& differences() const { return differences_; }

  // Sets whether outputs count from now on, as equal or as different. At first they do.
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
  // Recorded outputs of this turn that the replay has passed over. They may still come out later in the turn, which is
  // a difference as well.
  std::deque<Line> missing_;
  // Lines of this turn that have come out and match no record.
  std::deque<std::string> extra_;
  std::size_t unmatched_ = 0;
  Numbers requests_;  // recorded request id -> id in this replay
  // Recorded handle -> handle in this replay, if they differ.
  Numbers handles_;
  Numbers handles_then_;                      // handle in this replay -> recorded handle
  std::uint64_t first_request_ = UINT64_MAX;  // recorded requests with an id below this have the same id in this replay
  std::size_t equal_ = 0;
  std::size_t different_ = 0;
  std::vector<Difference> differences_;
};

}  // namespace resflow::replay
