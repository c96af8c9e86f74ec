// Starts and stops the captures (recordings of the traffic) of a gateway. Only one capture runs at a time. It begins
// when the gateway starts, or when an operator starts it by SIGUSR1 or on the admin page. Each lane (thread of the
// gateway) records its traffic through its LaneCapture.
//
// Opening and finishing a file may wait for the disk. So a thread of this class does both, and no lane waits for the
// disk. Only begin() opens its file on the main thread, before the lanes run.
//
// Created and destroyed on the main thread; the lanes must have released every capture before. begin(): main thread.
// All other functions: any thread.
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

// The status of the capture that runs now or, if none runs, of the last capture. The state `ending` means: the capture
// was stopped, but its file is not complete yet.
struct CaptureStatus {
  enum class State : std::uint8_t { none, running, ending, ended, failed } state = State::none;
  std::string path;         // path of the file with the capture's first part
  std::int64_t since = 0;   // when the capture began, in seconds of Unix time
  std::uint64_t bytes = 0;  // size of all files of the capture, in bytes
  std::string failure;      // why the capture failed to start or ended too early; empty: no failure
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

  // Starts the capture that the configuration asks for (CaptureOptions::path), which records all traffic from the
  // beginning. Must be called before open(). Throws std::runtime_error if the file cannot be written.
  Capture begin(const PipelineOptions& pipeline);

  // open(): from now on, start(), stop() and toggle() are accepted. When a capture starts or stops, the thread of this
  // class calls `hand_out`. close(): refuses all commands that still wait, and waits until the command that runs is
  // done. After close(), `hand_out` is not called any more.
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
  // Captures that no lane uses any more. The thread of this class must still finish their files.
  std::vector<std::unique_ptr<RunningCapture>> gone_;
  Capture current_;  // the capture that was started and has not been stopped yet; null: there is none
  // A capture that was stopped, but its file is not complete yet. Null if there is none, or if another capture has
  // started since.
  const RunningCapture* ending_ = nullptr;
  // What status() returns. But while a capture runs or its file is being finished, status() takes `bytes` and `failure`
  // from that file.
  CaptureStatus last_;
  bool open_ = false;
  bool busy_ = false;  // true while the thread carries out a command
  bool over_ = false;  // tells the thread to end
  std::thread thread_;
};

}  // namespace resflow
