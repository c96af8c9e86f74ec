// Compares the outputs of a lane in a replay with the outputs in the recording (the capture). A lane is one of the
// gateway's parallel pipelines. Each output is one line of text, as in the capture. The comparison goes line by line
// within each turn (in a turn, a lane processes everything that has arrived). A difference is a recorded line that does
// not come out in the replay, a line that was not recorded, or a line that comes out in another order. A missing line
// and a new line in the same place count as one difference.
//
// If the replay makes one request more or less than the recording, all later requests have other ids. That counts as
// one difference, not as thousands, because requests and subscriptions that differ only in their id or handle count as
// equal.
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
  // Number of a line in the capture: the recorded line or, if nothing was recorded, the line that begins the turn.
  std::size_t line = 0;
  LaneId lane = 0;
  std::int64_t us = 0;              // when the turn was recorded, in microseconds since the capture began
  std::string recorded;             // the recorded line; empty if nothing was recorded
  std::string got;                  // the line that came out in the replay; empty if no line came out
  std::vector<std::string> inputs;  // the inputs since the end of the previous turn, but at most the first 64
};

class Comparison {
 public:
  // Compares only the outputs that belong to `selection` (traffic that the user has chosen), or all outputs if
  // `selection` is null. Keeps the first `keep` differences, and only counts the others.
  Comparison(LaneScript& script, LaneId lane, const Selection* selection, std::size_t keep)
      : script_(script), lane_(lane), selection_(selection), keep_(keep) {}

  // Begins a turn. `line` is the number of the line in the capture that begins the turn. `us` is the recorded time of
  // the turn, in microseconds since the capture began.
  void begin(std::size_t line, std::int64_t us);
  // Notes an input of the current turn or, if called between two turns, of the next turn. The differences of that turn
  // are reported together with the input. The text must stay in memory until end().
  void input(std::string_view text);

  // `out` holds output lines of the replay. If the first of them equals the next record of the capture, counts this
  // line as equal and returns its size in bytes, including the line end. Otherwise returns 0; then the caller must pass
  // the line to got().
  std::size_t got_next(std::string_view out);
  // Compares an output line of the replay that does not equal the next record. Looks for another record of this turn
  // that equals the line. If there is none, end() reports the line as new.
  void got(std::string_view line);
  // Ends the turn. Call this when all its outputs have come out. Reports the lines that are missing or new.
  void end();

  // Returns the next record of this turn that is not an output; null if the turn has none.
  const CaptureRecord* behind_outputs();
  // Moves on to the record that behind_outputs() returns. From now on, the recorded outputs before that record count as
  // missing.
  void pass_outputs();

  // Returns how many output lines have matched no record since the comparison last moved to another record of the
  // capture. LanePlayer assumes that each of these lines has come out in the place of one recorded line.
  std::size_t unmatched() const { return unmatched_; }

  // request_now(): returns the id that a recorded request has in this replay, or nullopt if the replay has not made
  // that request. handle_now(): returns the handle that a recorded subscription has in this replay, or nullopt if
  // another subscription of this replay has the recorded handle.
  std::optional<ServiceRequestId> request_now(ServiceRequestId recorded) const;
  std::optional<SubscriptionHandle> handle_now(SubscriptionHandle recorded) const;
  // The reverse of handle_now(): returns the recorded handle of a subscription of this replay.
  SubscriptionHandle handle_then(SubscriptionHandle now) const;

  std::size_t equal() const { return equal_; }
  std::size_t different() const { return different_; }
  const std::vector<Difference>& differences() const { return differences_; }

  // Sets whether equal() and different() count the outputs that come out from now on. Before the first call of count(),
  // they count all outputs.
  void count(bool on) { counts_ = on; }

 private:
  struct Line {
    std::size_t number = 0;
    std::string text;
  };
  using Numbers = std::unordered_map<std::uint64_t, std::uint64_t>;

  bool counts(std::string_view line) const;
  void note_same_id(std::string_view line);
  bool find(std::string_view line);
  bool match_except_id(std::string_view recorded, std::string_view line);
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
  // Recorded outputs of this turn that did not come out in their place. They may still come out later in the turn, but
  // that counts as a difference, too.
  std::deque<Line> missing_;
  // Output lines of this turn that match no record.
  std::deque<std::string> extra_;
  std::size_t unmatched_ = 0;
  Numbers requests_;  // recorded request id -> id in this replay
  // Recorded handle of a subscription -> handle in this replay, if they differ.
  Numbers handles_;
  Numbers handles_then_;                      // handle in this replay -> recorded handle
  std::uint64_t first_request_ = UINT64_MAX;  // recorded requests with an id below this have the same id in this replay
  std::size_t equal_ = 0;
  std::size_t different_ = 0;
  std::vector<Difference> differences_;
};

}  // namespace resflow::replay
