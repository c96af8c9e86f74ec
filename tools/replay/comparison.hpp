// Compares what a lane (one of the gateway's parallel pipelines) sends in a replay with what it sent in the recording
// (the capture). Each output is one line of text. Lines are compared within one turn (in a turn, a lane processes
// everything that has arrived). A difference is a recorded line that is missing in the replay, a new line, or a line in
// another place. A missing line and a new line in the same place count as one difference.
//
// Lines are also equal if they differ only in a request id or in the handle of a subscription. Both are numbers that
// are counted up. So one more or one less request in the replay, which changes all later ids, counts as one difference
// and not as thousands.
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
  // Line number in the capture: normally of the recorded output that is missing, late or different in the replay. If
  // the replay put out a line that has no counterpart in the recording, it is the number of the line that begins the
  // turn (a turn is one round of processing).
  std::size_t line = 0;
  LaneId lane = 0;
  std::int64_t us = 0;              // when the turn was recorded, in microseconds since the capture began
  std::string recorded;             // the recorded line; empty if `got` has no counterpart in the recording
  std::string got;                  // the line that came out in the replay; empty if no line came out
  std::vector<std::string> inputs;  // what the lane got since the previous turn: at most the first 64 messages
};

class Comparison {
 public:
  // Compares only the outputs that belong to `selection` (traffic that the user has chosen), or all outputs if
  // `selection` is null. Keeps the first `keep` differences, and only counts the others.
  Comparison(LaneScript& script, LaneId lane, const Selection* selection, std::size_t keep)
      : script_(script), lane_(lane), selection_(selection), keep_(keep) {}

  // Begins a turn (a round of the lane's processing). `line` is the number of its first line in the capture. `us` is
  // the time at which the turn was recorded, in microseconds since the capture began.
  void begin(std::size_t line, std::int64_t us);
  // Notes a message that the lane gets. The next call of end() reports it together with the differences of the turn
  // (round of processing). The text must stay in memory until that call.
  void input(std::string_view text);

  // Compares the first line in `out` (output lines of the replay) with the next record of the capture. If they are
  // equal, counts the line as equal, and returns its size in bytes, including the line end. Otherwise returns 0, and
  // the caller must pass the line to got().
  std::size_t got_next(std::string_view out);
  // Compares an output line of the replay for which got_next() has returned 0. Looks for an equal line elsewhere in the
  // recorded turn. If there is none, end() reports the line as new.
  void got(std::string_view line);
  // Ends the turn (round of processing). Call this after all its outputs have been passed to got_next() or got().
  // Reports the lines that are missing or new.
  void end();

  // Skips outputs: returns the next record of the current turn (round of processing) that is not an output, such as an
  // input. Does not change the position. Returns null if only outputs are left in the turn.
  const CaptureRecord* behind_outputs();
  // Moves to the record that behind_outputs() returns. The replay has not produced the outputs before that record, so
  // they count as missing from now on.
  void pass_outputs();

  // Returns how many output lines of the replay match no recorded line. The count begins again at 0 when a line
  // matches, and in each turn. LanePlayer assumes that each counted line stands in place of one recorded line.
  std::size_t unmatched() const { return unmatched_; }

  // Translate a recorded number to the number in this replay. request_now(): translates the id of a request; returns
  // nullopt if the replay has not made the request. handle_now(): translates the handle of a subscription. If no other
  // handle is known for the subscription, returns the recorded handle; but returns nullopt if that one belongs to
  // another subscription in this replay.
  std::optional<ServiceRequestId> request_now(ServiceRequestId recorded) const;
  std::optional<SubscriptionHandle> handle_now(SubscriptionHandle recorded) const;
  // Translates back: returns the recorded handle for the handle of a subscription in this replay.
  SubscriptionHandle handle_then(SubscriptionHandle now) const;

  std::size_t equal() const { return equal_; }
  std::size_t different() const { return different_; }
  const std::vector<Difference>& differences() const { return differences_; }

  // Switches the counting of equal() and different() on or off, for all outputs that come out from now on. At first,
  // counting is on.
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
  // Recorded outputs that were skipped because the replay did not produce them when it should. If it produces one of
  // them later in the current turn (round of processing), that counts as a difference, too.
  std::deque<Line> missing_;
  // Lines that the replay has put out in the current turn (round of processing), but that were not recorded in it.
  std::deque<std::string> extra_;
  std::size_t unmatched_ = 0;
  Numbers requests_;  // recorded request id -> id in this replay
  // Recorded handle of a subscription -> its handle in this replay. Has only the subscriptions whose two handles
  // differ.
  Numbers handles_;
  Numbers handles_then_;  // handle in this replay -> recorded handle
  // The lowest recorded id of a request that was missing, late, or had another id in this replay; UINT64_MAX: none so
  // far. Requests with a lower recorded id have the same id in this replay.
  std::uint64_t first_request_ = UINT64_MAX;
  std::size_t equal_ = 0;
  std::size_t different_ = 0;
  std::vector<Difference> differences_;
};

}  // namespace resflow::replay
