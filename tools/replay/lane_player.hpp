// Replays the traffic of one lane (one of the gateway's parallel pipelines). It puts the recorded inputs into the lane,
// grouped in turns (rounds of processing) as in the recording. The lane sends its outputs to this object instead of to
// clients and services, and Comparison compares them with the recorded outputs. The lane also gets the recorded answers
// to its outputs, for example that a socket is busy, or that a request could not be sent.
//
// All functions are called on the thread that calls play(), except those marked "any thread".
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

// The part of a capture in which the outputs of the replay are compared with the recorded outputs. `from` and `to` are
// in microseconds since the capture began. The replay plays what comes before `from` without comparing it, and ends at
// `to`.
struct Span {
  std::int64_t from = 0;
  std::int64_t to = INT64_MAX;
};

// How much the replay has played.
struct Tally {
  std::size_t turns = 0;
  std::size_t inputs = 0;
  // Inputs left out, because the replay has not made the request or subscription that they belong to.
  std::size_t dropped = 0;
  bench::Histogram times;  // how long each turn took (a round of processing)
};

class LanePlayer final : public Tap, public ClientPort, public ServicePort {
 public:
  // The player compares the lane's outputs with the recorded ones: those that lie within `span` (a part of the capture)
  // and belong to `selection` (traffic that the user has chosen). If `selection` is null, it compares all outputs
  // within `span`. It keeps the first `keep_differences` differences, and only counts the others.
  LanePlayer(Script& script, LaneId lane, Span span, Selection* selection, std::size_t keep_differences)
      : span_(span),
        selection_(selection),
        script_(script, lane),
        comparison_(script_, lane, selection, keep_differences),
        lines_(lane, false) {}

  // Sets a function that controls the speed of the replay. play() calls it before each turn (round of processing) in
  // the span (the part of the capture that is compared). The function must block until it is time for the turn. `us` is
  // when the turn was recorded, in microseconds since the capture began.
  void pace(std::function<void(std::int64_t us)> wait) { wait_ = std::move(wait); }

  // Replays the lane up to the end of the span (the part of the capture that is compared), or of the capture if that
  // comes first. The lane must have this object as a tap (an observer of its inputs). It must also send its outputs to
  // this object as its ClientPort and ServicePort, either directly or through a LaneCapture, which records the replay.
  void play(Lane& lane);

  // Returns the time at which the current turn (round of processing) was recorded, in microseconds since the capture
  // began.
  std::int64_t us() const { return us_; }
  // Any thread. waits(): returns true if the lane may be waiting for messages of another lane. steps(): returns a
  // number that grows each time the lane looks into its mailbox (its queue of messages from other threads). If it stops
  // growing, the lane makes no progress.
  bool waits() const { return waits_.load(std::memory_order_relaxed); }
  std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }

  const Comparison& comparison() const { return comparison_; }
  const Tally& tally() const { return tally_; }

  // Functions of Tap (an observer of a lane): the lane calls them during its turns.
  void turn(Millis now) override;
  bool taking(MailRuns& runs) override;
  void took(const MailRuns&) override;
  void turned() override;

  // Functions of ClientPort: the lane calls them to send outputs to clients.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  // Functions of ServicePort: the lane calls them to send outputs to services.
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
  void put_port_answers();
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
  std::optional<ServiceRequestId> asking_;  // during request(): the id of that request; otherwise empty
  // During subscribe(): the handle of that subscription, but empty once the subscription is refused. Otherwise empty.
  std::optional<SubscriptionHandle> subscribing_;
  // The lane sends a message to several clients by one call of send() for each. This is to how many clients it has sent
  // its newest message so far.
  std::size_t receivers_ = 0;
  // receivers_of(): the line, in the capture, of the sent message whose receivers it counted last.
  std::size_t counted_line_ = 0;
  // How many receivers the message in line counted_line_ has.
  std::size_t counted_ = 0;
  std::atomic<bool> waits_ = false;
  std::atomic<std::uint64_t> steps_ = 0;
};

}  // namespace resflow::replay
