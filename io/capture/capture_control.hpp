// The captures of a gateway, one at a time: one from the start, and others on demand while it runs. Each lane takes
// part by its LaneCapture. What may wait for the disk, to begin a file and to end it, is done on a thread of its own:
// neither the lane whose loop has got a signal nor the one that lets go of a capture last is held up.
//
// Made and ended on the main thread, after every capture it has handed out has been let go of. The other calls: any
// thread.
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

// Of the capture that runs, or else of the last one. It is ending until its file is whole.
struct CaptureStatus {
  enum class State : std::uint8_t { none, running, ending, ended, failed } state = State::none;
  std::string path;         // of its first part
  std::int64_t since = 0;   // when it began, in seconds of Unix time
  std::uint64_t bytes = 0;  // of its files
  std::string failure;      // why it ended by itself, or why there is none
};

class CaptureControl {
 public:
  using Capture = std::shared_ptr<RunningCapture>;
  // Hands a capture to the lanes; null: no more.
  using HandOut = std::function<void(Capture)>;
  // What has come of a command: empty, or why nothing has.
  using Done = std::function<void(std::string error)>;

  CaptureControl(CaptureOptions options, LogPort& log);
  ~CaptureControl();
  CaptureControl(const CaptureControl&) = delete;
  CaptureControl& operator=(const CaptureControl&) = delete;

  // The capture that is asked for at the start, before open(). Throws std::runtime_error when its file cannot be
  // written.
  Capture begin(const PipelineOptions& pipeline);

  // From now on commands are obeyed, and `hand_out` is called, on a thread of its own, until close() has returned.
  void open(const PipelineOptions& pipeline, HandOut hand_out);
  void close();

  // `done` is called on any thread, once. A file that cannot be written is told in the log as well.
  void start(Done done);
  void stop(Done done);
  // Stops the one that runs, or starts one.
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
  std::vector<std::unique_ptr<RunningCapture>> gone_;  // which nobody has any more
  Capture current_;                                    // null: none
  const RunningCapture* ending_ = nullptr;             // the last one that was stopped, until its file is whole
  CaptureStatus last_;                                 // of current_, or the last one; what it counts is not up to date
  bool open_ = false;
  bool busy_ = false;  // with an order
  bool over_ = false;
  std::thread thread_;
};

}  // namespace resflow
