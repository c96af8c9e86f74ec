// Records what enters and leaves one lane (a thread of the gateway) for a capture. A LaneCapture is a Tap
// (nodes/tap.hpp), so the lane calls it for each message that enters. It also stands between the lane and its
// ClientPort and ServicePort, through which the lane sends to clients and services: it records each call, and passes it
// on. While no capture runs, it only passes calls on.
//
// All functions: on the lane's thread. start() and stop(): only between turns (runs) of the lane.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "io/capture/capture_file.hpp"
#include "io/capture/capture_lines.hpp"
#include "io/capture/redactor.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/tap.hpp"

namespace resflow {

// A running capture. All lanes (threads of the gateway) record into the same one.
struct RunningCapture {
  RunningCapture(const CaptureFileOptions& options, std::string header, bool redact, LogPort& log)
      : file(options, std::move(header), log), redactor(redact ? std::make_unique<Redactor>() : nullptr) {}

  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  CaptureFile file;
  const std::unique_ptr<const Redactor> redactor;  // hides secrets; null: secrets are recorded as they are
};

class LaneCapture final : public Tap, public ClientPort, public ServicePort {
 public:
  using Micros = std::int64_t;

  // `clock` returns the microseconds since the capture began. If `clock` is empty, this class measures that time
  // itself.
  LaneCapture(LaneId lane, ClientPort& clients, ServicePort& services, std::function<Micros()> clock = {})
      : lane_(lane), clients_(clients), services_(services), clock_(std::move(clock)) {}

  // Starts to record into `capture`. If a recording into another capture runs already, ends that recording first. From
  // start() until stop(), this object must be registered as a Tap of the lane.
  void start(std::shared_ptr<RunningCapture> capture);
  void stop();

  // Overrides of Tap: they record what enters the lane.
  void entered(const ParseIn& message) override { record(message); }
  void entered(const WriteIn& message) override;
  void entered(const ServiceReply& message) override { record(message); }
  void entered(const ServiceMessage& message) override { record(message); }
  void entered(const ServiceNotice& notice) override;
  void turn(Millis now) override;
  void took(const MailRuns& runs) override;
  void turned() override;

  // Overrides of ClientPort: each function passes the call on to clients_, and records it.
  bool send(ConnId conn, std::span<const Frame> frames) override;
  void close(ConnId conn, const CloseReason& reason) override;
  void accept(ConnId conn, const Headers& headers) override;
  void respond(ConnId conn, const WebResponse& response) override;
  void pause(ConnId conn) override;
  void resume(ConnId conn) override;

  // Overrides of ServicePort: each function passes the call on to services_. What the lane sends is also recorded.
  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override;
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override;
  void unsubscribe(SubscriptionHandle handle) override;
  void flush() override { services_.flush(); }
  void send_kept(const std::function<bool(ServiceRequestId)>& wanted) override { services_.send_kept(wanted); }

 private:
  Micros time() const;
  template <typename Message>
  void record(const Message& message);

  LaneId lane_;
  ClientPort& clients_;
  ServicePort& services_;
  std::function<Micros()> clock_;
  std::shared_ptr<RunningCapture> capture_;  // null: no capture runs
  CaptureLines lines_{lane_};
  bool inside_ = false;  // true during a turn (run) of the lane
  // True: messages that enter now come from the mailbox. So they are recorded with `inside` false (CaptureLines), even
  // during a turn.
  bool taken_ = false;
};

}  // namespace resflow
