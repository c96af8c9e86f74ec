// Plays one lane again: feeds it the recorded inputs, turn by turn, stands at its ports, and has what comes out
// compared. What a port was told then (a socket was busy, a request could not be sent) it is told now.
//
// All on one thread, which play() is called on.
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

// The part of a capture that counts, in microseconds since it began.
struct Span {
  std::int64_t from = 0;
  std::int64_t to = INT64_MAX;
};

// What was played.
struct Tally {
  std::size_t turns = 0;
  std::size_t inputs = 0;
  std::size_t dropped = 0;  // replies to requests that were not made again
  bench::Histogram times;   // of turns
};

class LanePlayer final : public Tap, public ClientPort, public ServicePort {
 public:
  // What of it is compared: the time, and a part of the traffic; null: all of it.
  LanePlayer(Script& script, LaneId lane, Span span, Selection* selection, std::size_t keep_differences)
      : span_(span),
        selection_(selection),
        script_(script, lane),
        comparison_(script_, lane, selection, keep_differences),
        lines_(lane, false) {}

  // Called before each turn: waits for its time.
  void pace(std::function<void(std::int64_t us)> wait) { wait_ = std::move(wait); }
  // Who is told of all that the lane's tap is told; null: nobody.
  void forward_to(Tap* tap) { next_ = tap; }

  // To the end of the capture, or of the time that was chosen. `lane` has this for its tap and ports.
  void play(Lane& lane);

  std::int64_t us() const { return us_; }
  // Any thread: whether the lane may be waiting for another one, and a number that changes as it goes on.
  bool waits() const { return waits_.load(std::memory_order_relaxed); }
  std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }

  const Comparison& comparison() const { return comparison_; }
  const Tally& tally() const { return tally_; }

  // Tap
  void entered(const ParseIn& message) override;
  void entered(const WriteIn& message) override;
  void entered(const ServiceReply& message) override;
  void entered(const ServiceMessage& message) override;
  void entered(const ServiceNotice& notice) override;
  void turn(Millis now) override;
  bool taking(MailRuns& runs) override;
  void took(const MailRuns& runs) override;
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
  // The record that comes next, which is an input.
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
  Tap* next_ = nullptr;
  Lane* lane_ = nullptr;  // while it plays
  std::int64_t us_ = 0;
  std::optional<ServiceRequestId> asking_;         // the request that is being made: it may fail at once
  std::optional<SubscriptionHandle> subscribing_;  // the subscription that is being made: it may be refused at once
  std::size_t receivers_ = 0;                      // in the line that is open
  std::size_t counted_line_ = 0;                   // whose receivers were counted last
  std::size_t counted_ = 0;
  std::atomic<bool> waits_ = false;
  std::atomic<std::uint64_t> steps_ = 0;
};

}  // namespace resflow::replay
