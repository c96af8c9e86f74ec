// The file of a capture, which a thread of its own writes: lanes hand over whole lines and go on. It is split into
// parts by size and age; each begins with the same header and ends with a line that says whether another follows.
//
// Errors: the constructor throws std::runtime_error when the first part cannot be opened. Later ones, a full disk or
// one that cannot keep up, end the capture with a line in the log, and nothing else.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "io/capture/capture_sink.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

struct CaptureFileOptions {
  std::string path;
  std::uint64_t part_bytes = 0;           // a part that is longer is the last but one; 0: no limit
  std::chrono::milliseconds part_age{0};  // the same; 0: no limit
  unsigned keep_parts = 0;                // older ones are removed; 0: none is
};

class CaptureFile {
 public:
  // `header`: the members of the first line of each part, but its number, as JSON without the braces.
  CaptureFile(CaptureFileOptions options, std::string header, LogPort& log);
  // Finishes.
  ~CaptureFile() { finish(); }
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  // Any thread: whole lines. False when the capture has ended.
  bool append(std::string_view lines);

  // Writes what has been handed over, and waits for that; nothing is appended afterwards.
  void finish();

  // Any thread: bytes of lines so far, and those that have reached the files.
  std::uint64_t bytes() const;
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  // Any thread: why the capture has ended; empty while it has not.
  std::string failure() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void write();
  bool part_is_over() const;
  void begin_part();
  void end_part(std::string_view how);
  std::string path_of(unsigned part) const;
  void give_up(std::string_view reason);

  const CaptureFileOptions options_;
  const std::string header_;
  LogPort& log_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::string waiting_;
  std::uint64_t bytes_ = 0;
  bool idle_ = false;  // the writer waits for something to write
  bool stopping_ = false;
  std::string failure_;  // empty: none

  std::atomic<std::uint64_t> written_ = 0;

  // Of the writing thread.
  std::string lines_;  // changes places with those that wait, so that neither grows anew
  std::unique_ptr<CaptureSink> sink_;
  unsigned part_ = 0;
  std::uint64_t written_before_ = 0;  // in earlier parts
  Clock::time_point part_began_;
  std::thread thread_;
};

}  // namespace resflow
