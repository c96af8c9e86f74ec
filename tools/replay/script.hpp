// The records of a capture, sorted by lane. A thread of its own reads and checks the files. The thread of each lane
// takes the lane's records in order, and waits when the reader has none yet.
//
// Bound: the reader pauses while kAhead records have been read and not been taken, unless a lane waits. It must go on
// then, because replayed lanes wait for each other, and the next record of one lane may be much later in the file.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "io/capture/capture_reader.hpp"

namespace resflow::replay {

// Records of one lane in order, and the buffers that hold their texts.
struct ScriptPiece {
  std::vector<CaptureRecord> records;
  std::vector<std::shared_ptr<CaptureSource::Buffer>> buffers;
};

class Script {
 public:
  using Pieces = std::deque<ScriptPiece>;

  explicit Script(std::unique_ptr<CaptureReader> reader);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  const CaptureHeader& header() const { return reader_->header(); }

  // Moves all pieces of a lane that have been read to the end of `to`. Waits until there is at least one. Returns false
  // at the end of the capture. The lane's thread.
  bool take(LaneId lane, Pieces& to);

  // Any thread: how much has been read, from 0 to 1.
  double progress() const;

  // Call this after the replay. If a lane has reached the end of the capture, it throws the exception of the reader, or
  // returns why the capture has no proper end. Otherwise it returns an empty text: what is wrong later in the file does
  // not matter then.
  std::string finish();

 private:
  // The reader stays so little ahead that the records are still in the processor's cache when they are taken.
  static constexpr std::size_t kAhead = 1'024;  // records that no lane has taken
  static constexpr std::size_t kPiece = 128;    // records of all lanes that are handed over together

  void read_all();
  bool read_one();
  bool hand_over();

  std::unique_ptr<CaptureReader> reader_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::condition_variable room_;
  std::vector<Pieces> lanes_;
  std::size_t count_ = 0;     // records in lanes_
  std::size_t starving_ = 0;  // lanes that wait in take()
  double progress_ = 0;
  bool ended_ = false;
  bool end_wanted_ = false;  // a lane has reached the end
  bool stopping_ = false;
  std::exception_ptr error_;
  // Used by the reader's thread only: records that are not handed over yet, by lane.
  std::vector<ScriptPiece> read_;
  LaneId lane_ = 0;  // lane of the last record
  // Records in read_.
  std::size_t kept_ = 0;
  std::thread thread_;
};

// The records of one lane, with a look ahead. The lane's thread.
class LaneScript {
 public:
  LaneScript(Script& script, LaneId lane) : script_(script), lane_(lane) {}

  // Returns the record after the next `ahead` records; null if there are not so many.
  CaptureRecord* peek(std::size_t ahead = 0) {
    return ahead < static_cast<std::size_t>(end_ - next_) ? next_ + ahead : find(ahead);
  }
  // Goes past the next record, which must exist. The record and its text stay in place until release().
  void pass();
  // Frees the pieces that have been passed completely.
  void release();

 private:
  CaptureRecord* find(std::size_t ahead);
  void go_to(std::size_t piece);

  Script& script_;
  LaneId lane_;
  Script::Pieces pieces_;
  std::size_t piece_ = 0;          // index of the piece that is being played
  CaptureRecord* next_ = nullptr;  // next record in it
  CaptureRecord* end_ = nullptr;
};

}  // namespace resflow::replay
