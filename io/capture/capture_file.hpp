// The file of a capture (a recording of the gateway's traffic). The lanes, which are the gateway's threads, append
// whole lines. A thread of this class writes the lines, so that no lane waits for the disk. If the options limit the
// size or the age of a file, the capture is split into several files, called parts. Each part begins with the same
// header, and ends with a line that says whether another part follows.
//
// Errors: The constructor throws std::runtime_error if it cannot open the first part. After that, an error (a full
// disk, or a disk that is too slow) ends the capture and is logged; the gateway goes on.
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
  std::uint64_t part_bytes = 0;           // when a part reaches this size, the next lines begin a new part; 0: never
  std::chrono::milliseconds part_age{0};  // when a part reaches this age, the next lines begin a new part; 0: never
  unsigned keep_parts = 0;                // number of parts to keep; this class removes older parts; 0: keeps all
};

class CaptureFile {
 public:
  // `header` is the first line of each part: the members of a JSON object, without the braces. This class adds the
  // braces, and a member with the number of the part.
  CaptureFile(CaptureFileOptions options, std::string header, LogPort& log);
  ~CaptureFile() { finish(); }
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  // Hands whole lines to the writing thread. Returns false if a failure has ended the capture. Any thread.
  bool append(std::string_view lines);

  // Waits until the writing thread has written all lines, and ends the file. After that the caller must not call
  // append().
  void finish();

  // bytes(): how many bytes append() has accepted, before compression. written(): how many bytes are in the files,
  // after compression. Any thread.
  std::uint64_t bytes() const;
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  // Returns the error that has ended the capture; empty if there was none. Any thread.
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
  std::string waiting_;      // lines that the writing thread has not taken yet
  std::uint64_t bytes_ = 0;  // how many bytes append() has accepted so far
  bool idle_ = false;        // true while the writing thread waits for lines
  bool stopping_ = false;
  std::string failure_;  // the error that has ended the capture; empty if there was no error

  std::atomic<std::uint64_t> written_ = 0;

  // Used by the writing thread only, and by the constructor before that thread starts.
  std::string lines_;  // the lines to write now; the thread swaps it with waiting_, so both keep their memory
  std::unique_ptr<CaptureSink> sink_;
  unsigned part_ = 0;
  std::uint64_t written_before_ = 0;  // bytes in the files of earlier parts
  Clock::time_point part_began_;
  std::thread thread_;
};

}  // namespace resflow
