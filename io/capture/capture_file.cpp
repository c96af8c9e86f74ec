#include "io/capture/capture_file.hpp"

#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "io/capture/capture_lines.hpp"

namespace resflow {

namespace {

constexpr std::size_t kMaxWaiting = 64 << 20;  // bytes that may wait for the disk; if there are more, the capture ends
constexpr std::size_t kPiece = 1 << 20;        // bytes; when so many wait, append() wakes the writing thread
constexpr std::size_t kKept = 2 * kPiece;      // bytes; if lines_ takes more memory after a write, run() frees it
constexpr std::chrono::milliseconds kRest{100};  // run() collects lines for at most this time before it writes again

}  // namespace

CaptureFile::CaptureFile(CaptureFileOptions options, std::string header, LogPort& log)
    : options_(std::move(options)), header_(std::move(header)), log_(log) {
  begin_part();
  thread_ = std::thread([this] { run(); });
}

void CaptureFile::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

bool CaptureFile::append(std::string_view lines) {
  bool too_slow = false;
  bool worth_waking = false;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return false;
    too_slow = waiting_.size() + lines.size() > kMaxWaiting;
    if (!too_slow) {
      const bool was_little = waiting_.size() < kPiece;
      waiting_ += lines;
      bytes_ += lines.size();
      worth_waking = idle_ || (was_little && waiting_.size() >= kPiece);
    }
  }
  if (too_slow) give_up("the disk cannot keep up");
  if (worth_waking) work_.notify_one();
  return !too_slow;
}

std::uint64_t CaptureFile::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::string CaptureFile::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

// The function of the writing thread. Writes the lines that append() has accepted. After each write, it collects lines
// for up to kRest, so that it writes many lines at once. If no line comes in that time, it sleeps until the next line,
// and writes that line without delay.
void CaptureFile::run() {
  for (bool stopping = false; !stopping;) {
    lines_.clear();
    if (lines_.capacity() > kKept) lines_ = std::string();
    {
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, kRest, [this] { return stopping_ || waiting_.size() >= kPiece; });
      idle_ = true;
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      idle_ = false;
      stopping = stopping_;
      lines_.swap(waiting_);
      // After a failure, lines are missing. So the file is closed without a last line, which would say that it is
      // complete.
      if (!failure_.empty()) sink_ = nullptr;
    }
    if (sink_ == nullptr) continue;
    try {
      write();
      if (stopping) end_part("stopped");
    } catch (const std::runtime_error& e) {
      give_up(e.what());
      sink_ = nullptr;
    }
  }
}

void CaptureFile::write() {
  if (part_is_over()) {
    end_part("continued");
    begin_part();
  }
  if (lines_.empty()) return;
  sink_->write(lines_);
  sink_->flush();
  written_ = written_before_ + sink_->size();
}

bool CaptureFile::part_is_over() const {
  if (options_.part_bytes > 0 && sink_->size() >= options_.part_bytes) return true;
  return options_.part_age.count() > 0 && Clock::now() - part_began_ >= options_.part_age;
}

void CaptureFile::begin_part() {
  sink_ = open_capture_sink(path_of(++part_));
  part_began_ = Clock::now();
  sink_->write(first_line(header_, part_));
  sink_->flush();
  written_ = written_before_ + sink_->size();
  if (options_.keep_parts > 0 && part_ > options_.keep_parts) {
    ::unlink(path_of(part_ - options_.keep_parts).c_str());
  }
}

void CaptureFile::end_part(std::string_view how) {
  sink_->write(last_line(how));
  sink_->close();
  written_before_ += sink_->size();
  written_ = written_before_;
  sink_ = nullptr;
}

// Returns the path of a part: the capture consists of several files, called parts. For example, part 2 of
// "calls.jsonl.gz" is "calls.2.jsonl.gz", and part 1 is "calls.jsonl.gz" itself.
std::string CaptureFile::path_of(unsigned part) const {
  if (part == 1) return options_.path;
  std::size_t end = options_.path.size();
  for (const std::string_view ending : {".gz", ".zst", ".jsonl", ".json"}) {
    if (std::string_view(options_.path).substr(0, end).ends_with(ending)) end -= ending.size();
  }
  return options_.path.substr(0, end) + '.' + std::to_string(part) + options_.path.substr(end);
}

// Ends the capture because of an error: logs the error, and drops the lines that wait to be written. Ignores all errors
// after the first one. Any thread.
void CaptureFile::give_up(std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return;
    failure_ = reason;
    waiting_ = {};
  }
  log_.log(LogLevel::error, std::string("The capture has ended: ").append(reason));
}

}  // namespace resflow
