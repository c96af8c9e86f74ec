// Replays one lane. It puts the recorded inputs into the lane turn by turn, takes the place of the lane's ports, and
// has the outputs compared with the recorded ones. A port answers as it did in the recording: for example that a socket
// is busy, or that a request could not be sent.
//
// Everything is on the thread that calls play(), except what is marked "any thread".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/lane.hpp"
#include "io/capture/capture_lines.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/tap.hpp"
#include "tools/bench/histogram.hpp"
#include "tools/replay/comparison.hpp"
#include "tools/replay/script.hpp"

namespace resflow::replay {

// The part of a capture that is compared, in microseconds since the capture began. What is before `from` is played
// without being compared; the replay ends at `to`.
struct Span {
  std::int64_t from = 0;
  std::int64_t to = INT64_MAX;
};

// How much was played.
struct Tally {
  std::size_t turns = 0;
  std::size_t inputs = 0;
  std::size_t dropped = 0;  // inputs left out: their request or subscription was not made again
  bench::Histogram times;   // durations of turns
};

class LanePlayer final : public Tap, public ClientPort, public ServicePort {
 public:
  // `span` and `selection` say which part is compared; a null selection means all traffic. The first `keep_differences`
  // differences are kept.
  LanePlayer(Script& script, LaneId lane, Span span, Selection* selection, std::size_t keep_differences)
      : span_(span),
        selection_(selection),
        script_(script, lane),
        comparison_(script_, lane, selection, keep_differences),
        lines_(lane, false) {}

  // Sets a function that is called before each turn of the span, with the time of the turn. It returns when the turn is
  // due.
  void pace(std::function<void(std::int64_t us)> wait) { wait_ = std::move(wait); }

  // Plays to the end of the capture or of the span. The lane must have this object as its tap and its ports, directly
  // or through a LaneCapture that records the replay.
  void play(Lane& lane);

  // The time of the current turn, in microseconds since the capture began.
  std::int64_t us() const { return us_; }
  // Any thread: waits() returns true if the lane may be waiting for another lane. steps() returns a number that grows
  // as the lane goes on.
  bool waits() const { return waits_.load(std::memory_order_relaxed); }
  std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }

  const Comparison& comparison() const { return comparison_; }
  const Tally& tally() const { return tally_; }

  // Tap
  void turn(Millis now) override;
  bool taking(MailRuns& runs) override;
  void took(const MailRuns&) override;
  void turned() override;

  // ClientPort
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  // ServicePort
  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override;
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override;
  void unsubscribe(SubscriptionHandle handle) override;
  void flush() override {}

 private:
  void play_turn(const CaptureTurn& turn, std::size_t line);
  // Puts the next record, which must be an input, into the lane.
  void put_next();
  std::optional<ServiceNotice> notice_now(const CaptureRecord& record);
  void post_next();
  template <typename Put>
  void give(CaptureRecord& record, Put&& put);
  void find_taken(MailRuns& runs);
  const CaptureRecord* expected();
  std::size_t receivers_of(const CaptureRecord& record);
  void told();
  void compare();

  Span span_;
  Selection* selection_;
  LaneScript script_;
  Comparison comparison_;
  CaptureLines lines_;
  Tally tally_;
  std::function<void(std::int64_t)> wait_;
  Lane* lane_ = nullptr;  // null unless play() is running
  std::int64_t us_ = 0;
  std::optional<ServiceRequestId> asking_;         // the request being made; it may fail at once
  std::optional<SubscriptionHandle> subscribing_;  // the subscription being made; it may be refused at once
  std::size_t receivers_ = 0;                      // receivers that the open line has so far
  std::size_t counted_line_ = 0;                   // line whose receivers were counted last
  // The number of its receivers.
  std::size_t counted_ = 0;
  std::atomic<bool> waits_ = false;
  std::atomic<std::uint64_t> steps_ = 0;
};

}  // namespace resflow::replay
