// The records of a capture, lane by lane. A thread of its own reads and checks the file; each lane takes its own part,
// in order, and waits when it is ahead of the file.
//
// Bound: the reader waits while much has been read that nobody has taken, unless a lane waits for it: lanes that are
// played again wait for each other, so what one lane wants next may stand far behind in the file.
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

// Records that follow each other, and what their texts are in.
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

  // Moves the pieces of a lane that are here to the end of `to`, at least one of them. False at the end.
  bool take(LaneId lane, Pieces& to);

  // Any thread.
  double progress() const;

  // After the end: throws what the reader has thrown, and says why the capture has no proper end. What is behind all
  // that lanes have wanted does not count.
  std::string finish();

 private:
  // Little enough to be in the processor's cache still when it is taken.
  static constexpr std::size_t kAhead = 1'024;  // records that nobody has taken
  static constexpr std::size_t kPiece = 128;    // of all lanes, that are handed over together

  void read_all();
  bool read_one();
  bool hand_over();

  std::unique_ptr<CaptureReader> reader_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::condition_variable room_;
  std::vector<Pieces> lanes_;
  std::size_t count_ = 0;     // of records in all of them
  std::size_t starving_ = 0;  // lanes that wait
  double progress_ = 0;
  bool ended_ = false;
  bool end_wanted_ = false;  // a lane has come to it
  bool stopping_ = false;
  std::exception_ptr error_;
  // Of the reader: what is not handed over yet.
  std::vector<ScriptPiece> read_;
  LaneId lane_ = 0;  // of the record that came last
  std::size_t kept_ = 0;
  std::thread thread_;
};

// The part of one lane, with a view ahead. The lane's thread.
class LaneScript {
 public:
  LaneScript(Script& script, LaneId lane) : script_(script), lane_(lane) {}

  // The record that comes after `ahead` others; null when there are not so many.
  CaptureRecord* peek(std::size_t ahead = 0) {
    return ahead < static_cast<std::size_t>(end_ - next_) ? next_ + ahead : find(ahead);
  }
  // Passes the next record, which must be there. It, and its text, stay until release().
  void pass();
  // Lets go of what was passed.
  void release();

 private:
  CaptureRecord* find(std::size_t ahead);
  void go_to(std::size_t piece);

  Script& script_;
  LaneId lane_;
  Script::Pieces pieces_;
  std::size_t piece_ = 0;          // the one that is being played
  CaptureRecord* next_ = nullptr;  // in it
  CaptureRecord* end_ = nullptr;
};

}  // namespace resflow::replay
