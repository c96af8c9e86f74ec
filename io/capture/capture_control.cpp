#include "io/capture/capture_control.hpp"

#include <ctime>
#include <stdexcept>
#include <utility>

#include "io/capture/capture.hpp"

namespace resflow {

namespace {

constexpr std::size_t kMaxOrders = 64;  // how many start or stop commands may wait; order() refuses more

using State = CaptureStatus::State;

std::string announcement(const StartedCapture& started) {
  return "Capturing traffic to " + started.path + (started.redacted ? " (secrets are hidden)" : "");
}

}  // namespace

CaptureControl::CaptureControl(CaptureOptions options, LogPort& log)
    : options_(std::move(options)), log_(log), thread_([this] { run(); }) {}

CaptureControl::~CaptureControl() {
  close();
  Capture last;
  {
    const std::lock_guard lock(mutex_);
    last = std::move(current_);
  }
  last = nullptr;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  work_.notify_one();
  thread_.join();
}

CaptureControl::Capture CaptureControl::begin(const PipelineOptions& pipeline) {
  StartedCapture started = start_capture(options_, pipeline, log_);
  Capture capture = shared(std::move(started.capture));
  replace(capture, {State::running, started.path, std::time(nullptr), 0, {}});
  log_.log(LogLevel::info, announcement(started));
  return capture;
}

void CaptureControl::open(const PipelineOptions& pipeline, HandOut hand_out) {
  const std::lock_guard lock(mutex_);
  pipeline_ = pipeline;
  hand_out_ = std::move(hand_out);
  open_ = true;
}

void CaptureControl::close() {
  std::deque<Order> refused;
  {
    std::unique_lock lock(mutex_);
    open_ = false;
    refused.swap(orders_);
    rest_.wait(lock, [this] { return !busy_; });
  }
  for (const Order& o : refused) o.done("the gateway stops");
}

void CaptureControl::start(Done done) {
  order([this] { return runs() ? "a capture is running already" : start_now(); }, std::move(done));
}

void CaptureControl::stop(Done done) {
  order([this] { return runs() ? stop_now() : "no capture is running"; }, std::move(done));
}

void CaptureControl::toggle() {
  order([this] { return runs() ? stop_now() : start_now(); }, [](const std::string&) {});
}

CaptureStatus CaptureControl::status() const {
  const std::lock_guard lock(mutex_);
  CaptureStatus status = last_;
  const RunningCapture* capture = current_ ? current_.get() : ending_;
  if (capture == nullptr) return status;
  status.bytes = capture->file.written();
  status.failure = capture->file.failure();
  if (!status.failure.empty()) status.state = State::failed;
  return status;
}

// Returns a shared pointer to the capture. When its last owner releases it, let_go() hands the capture to the thread of
// this class, which finishes the file. So the last owner does not wait for the disk.
CaptureControl::Capture CaptureControl::shared(std::unique_ptr<RunningCapture> capture) {
  return {capture.release(), [this](RunningCapture* gone) { let_go(std::unique_ptr<RunningCapture>(gone)); }};
}

void CaptureControl::let_go(std::unique_ptr<RunningCapture> capture) {
  {
    const std::lock_guard lock(mutex_);
    gone_.push_back(std::move(capture));
  }
  work_.notify_one();
}

void CaptureControl::order(Command command, Done done) {
  std::string error;
  {
    const std::lock_guard lock(mutex_);
    if (!open_) {
      error = "the gateway starts or stops";
    } else if (orders_.size() >= kMaxOrders) {
      error = "the disk keeps too much else waiting";
    } else {
      orders_.push_back({std::move(command), std::move(done)});
    }
  }
  if (!error.empty()) return done(error);
  work_.notify_one();
}

void CaptureControl::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return over_ || !orders_.empty() || !gone_.empty(); });
    if (!orders_.empty()) {
      const Order next = std::move(orders_.front());
      orders_.pop_front();
      busy_ = true;
      lock.unlock();
      obey(next);
      lock.lock();
      busy_ = false;
      rest_.notify_all();
    } else if (!gone_.empty()) {
      auto capture = std::move(gone_.back());
      gone_.pop_back();
      lock.unlock();
      end(std::move(capture));
      lock.lock();
    } else {
      return;
    }
  }
}

void CaptureControl::obey(const Order& order) {
  order.done(order.command());
}

// Finishes the file of a capture that all lanes have released, and then destroys the capture. While the file is being
// finished, status() may read the capture's size and failure through ending_. So the capture is destroyed only after
// ending_ no longer points to it.
void CaptureControl::end(std::unique_ptr<RunningCapture> capture) {
  capture->file.finish();
  const std::string failure = capture->file.failure();
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    tell = open_ && failure.empty();
    if (ending_ == capture.get()) {
      last_.state = failure.empty() ? State::ended : State::failed;
      last_.bytes = capture->file.written();
      last_.failure = failure;
      ending_ = nullptr;
    }
  }
  if (tell) log_.log(LogLevel::info, "The capture has ended");
}

// Returns whether a capture runs. Returns false if a failure, such as a full disk, has ended the capture.
bool CaptureControl::runs() const {
  const std::lock_guard lock(mutex_);
  return current_ && current_->file.failure().empty();
}

std::string CaptureControl::start_now() {
  try {
    StartedCapture started = start_capture_on_demand(options_, pipeline_, log_);
    const Capture capture = shared(std::move(started.capture));
    replace(capture, {State::running, started.path, std::time(nullptr), 0, {}});
    hand_out_(capture);
    log_.log(LogLevel::info, announcement(started));  // the lanes know of the capture before users do
    return {};
  } catch (const std::runtime_error& e) {
    log_.log(LogLevel::error, std::string("Cannot capture: ") + e.what());
    replace(nullptr, {State::failed, {}, std::time(nullptr), 0, e.what()});
    return e.what();
  }
}

std::string CaptureControl::stop_now() {
  Capture stopped;
  {
    const std::lock_guard lock(mutex_);
    ending_ = current_.get();
    last_.state = State::ending;
    stopped.swap(current_);
  }
  hand_out_(nullptr);
  return {};
}

// Makes `capture` the current capture, and releases the previous one. The release may call let_go(), which locks the
// same mutex. So the previous capture is swapped into the parameter `capture`, which is destroyed only after this
// function has unlocked the mutex.
void CaptureControl::replace(Capture capture, const CaptureStatus& status) {
  const std::lock_guard lock(mutex_);
  current_.swap(capture);
  ending_ = nullptr;
  last_ = status;
}

}  // namespace resflow
