// Starts and stops the captures of a gateway. Only one runs at a time. One may begin with the gateway; others are
// started on demand, by SIGUSR1 or the admin page. Each lane records through its LaneCapture.
//
// Opening and finishing a file may wait for the disk, so this class does both on a thread of its own. The lane whose
// loop has received the signal does not wait, nor does the lane that is the last to release a capture.
//
// Made and destroyed on the main thread, and destroyed only after the lanes have released every capture. begin() is
// called on the main thread as well. All other calls: any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "io/capture/capture_options.hpp"
#include "io/capture/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

// The status of the capture that runs, or else of the last one. The state `ending` means that it was stopped and its
// file is not complete yet.
struct CaptureStatus {
  enum class State : std::uint8_t { none, running, ending, ended, failed } state = State::none;
  std::string path;         // file of its first part
  std::int64_t since = 0;   // when it began, in seconds of Unix time
  std::uint64_t bytes = 0;  // size of its files
  std::string failure;      // why it ended by itself or could not start; empty: no failure
};

class CaptureControl {
 public:
  using Capture = std::shared_ptr<RunningCapture>;
  // Gives a capture to the lanes. Null tells them to stop recording.
  using HandOut = std::function<void(Capture)>;
  // Receives the result of a command: an empty text, or why the command was not carried out.
  using Done = std::function<void(std::string error)>;

  CaptureControl(CaptureOptions options, LogPort& log);
  ~CaptureControl();
  CaptureControl(const CaptureControl&) = delete;
  CaptureControl& operator=(const CaptureControl&) = delete;

  // Starts the capture that the options ask for at the start of the gateway. Must be called before open(). Throws
  // std::runtime_error when its file cannot be written.
  Capture begin(const PipelineOptions& pipeline);

  // open() makes this class accept commands. `hand_out` is called on this class's own thread, until close() has
  // returned. close() refuses commands that have not begun, and waits for the one that has.
  void open(const PipelineOptions& pipeline, HandOut hand_out);
  void close();

  // Start and stop a capture. `done` is called once, on any thread. If the file cannot be written, that is logged as
  // well.
  void start(Done done);
  void stop(Done done);
  // Stops the capture that runs, or starts one if none runs.
  void toggle();

  CaptureStatus status() const;

 private:
  using Command = std::function<std::string()>;
  struct Order {
    Command command;
    Done done;
  };

  Capture shared(std::unique_ptr<RunningCapture> capture);
  void let_go(std::unique_ptr<RunningCapture> capture);
  void order(Command command, Done done);
  void run();
  void obey(const Order& order);
  void end(std::unique_ptr<RunningCapture> capture);
  bool runs() const;
  std::string start_now();
  std::string stop_now();
  void replace(Capture capture, const CaptureStatus& status);

  const CaptureOptions options_;
  LogPort& log_;
  PipelineOptions pipeline_;
  HandOut hand_out_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable rest_;
  std::deque<Order> orders_;
  // Captures that all lanes have released. Their files are to be finished.
  std::vector<std::unique_ptr<RunningCapture>> gone_;
  Capture current_;  // null: none runs
  // The capture that was stopped last, until its file is complete; else null.
  const RunningCapture* ending_ = nullptr;
  CaptureStatus last_;  // of current_, or of the last capture; its byte count is not up to date
  bool open_ = false;
  bool busy_ = false;  // an order is being carried out
  bool over_ = false;  // the thread is to end
  std::thread thread_;
};

}  // namespace resflow
