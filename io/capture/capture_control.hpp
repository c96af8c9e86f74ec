// Starts and stops the captures (recordings of the traffic) of a gateway. Only one capture runs at a time. It begins
// when the gateway starts, or when an operator starts it by SIGUSR1 or on the admin page. Each lane (thread of the
// gateway) records its traffic through its LaneCapture.
//
// Opening and finishing a file may wait for the disk. So this class does both on a thread of its own, and no lane waits
// for the disk. There is one exception: begin() opens its file on the main thread, before the lanes run.
//
// Created and destroyed on the main thread. Before the destruction, the lanes must have released every capture.
// begin(): main thread. All other functions: any thread.
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

// The status of the capture that runs now or, if no capture runs, of the last capture. The state `ending` means that
// the capture was stopped, but its file is not complete yet.
struct CaptureStatus {
  enum class State : std::uint8_t { none, running, ending, ended, failed } state = State::none;
  std::string path;         // path of the file with the capture's first part
  std::int64_t since = 0;   // when the capture began, in seconds of Unix time
  std::uint64_t bytes = 0;  // size of the capture's files
  std::string failure;      // why the capture ended by itself, or did not start; empty: no failure
};

class CaptureControl {
 public:
  using Capture = std::shared_ptr<RunningCapture>;
  // Gives a new capture to the lanes, so that they record into it. A null pointer tells the lanes to stop recording.
  using HandOut = std::function<void(Capture)>;
  // Receives the result of start() or stop(): an empty text after a success, else why it failed.
  using Done = std::function<void(std::string error)>;

  CaptureControl(CaptureOptions options, LogPort& log);
  ~CaptureControl();
  CaptureControl(const CaptureControl&) = delete;
  CaptureControl& operator=(const CaptureControl&) = delete;

  // Starts the capture that runs from the start of the gateway. Must be called before open(). Throws std::runtime_error
  // if the file cannot be written.
  Capture begin(const PipelineOptions& pipeline);

  // open(): accepts the commands start(), stop() and toggle() from now on. Until close() has returned, the thread of
  // this class calls `hand_out` when a capture starts or stops. close(): refuses all commands that still wait, and
  // returns when the command that runs now has ended.
  void open(const PipelineOptions& pipeline, HandOut hand_out);
  void close();

  // start(): starts a capture. stop(): stops the capture that runs. Both call `done` once with the result, on any
  // thread. If start() cannot write the file, it also logs this error.
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
  // Captures that all lanes have released. The thread of this class will finish their files.
  std::vector<std::unique_ptr<RunningCapture>> gone_;
  Capture current_;  // the capture that was started last, until it is stopped; else null
  // The capture that was stopped last, until its file is complete or another capture starts; else null.
  const RunningCapture* ending_ = nullptr;
  // The status of current_ or, if no capture runs, of the last capture. While a capture runs or ends, status() takes
  // `bytes` and `failure` from the capture's file instead.
  CaptureStatus last_;
  bool open_ = false;
  bool busy_ = false;  // true while the thread carries out a command
  bool over_ = false;  // tells the thread to end
  std::thread thread_;
};

}  // namespace resflow
