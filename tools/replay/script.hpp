// The records of a capture (a recording of a gateway's traffic), sorted by lane (one of the gateway's parallel
// pipelines). A thread of its own, the reader, reads and checks the files. The thread of each lane takes the lane's
// records in order, and waits if the reader has not read the next record of the lane yet.
//
// Bound: the reader pauses when it has read kAhead records that no lane has taken. It does not pause while a lane waits
// for records: the next record of that lane may be much later in the file, and other lanes may wait for that lane.
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

// Consecutive records of one lane, and the buffers that hold their texts.
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

  // Appends to `to` all pieces (groups of consecutive records) that have been read for a lane since the last call.
  // Waits until there is at least one piece. Returns false at the end of the capture. Called on the lane's thread.
  bool take(LaneId lane, Pieces& to);

  // Any thread: returns how much of the capture has been read, from 0 to 1.
  double progress() const;

  // Call this after the replay. If the replay stopped before the end of the capture, returns an empty text: errors in
  // the rest of the capture do not matter. Otherwise, throws the reader's error if reading has failed; returns the
  // reason if the capture is cut off; returns an empty text if the capture is complete.
  std::string finish();

 private:
  // The reader thread stays only a little ahead of the lanes, so that the records are still in the processor's cache
  // when a lane takes them.
  static constexpr std::size_t kAhead = 1'024;  // how many records, of all lanes together, the reader may be ahead
  static constexpr std::size_t kPiece = 128;  // how many records, of all lanes together, the reader hands over at once

  void read_all();
  bool read_one();
  bool hand_over();

  std::unique_ptr<CaptureReader> reader_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::condition_variable room_;
  std::vector<Pieces> lanes_;
  std::size_t count_ = 0;     // how many records are in lanes_
  std::size_t starving_ = 0;  // how many lanes wait for records in take()
  double progress_ = 0;
  bool ended_ = false;
  // True: a lane has asked for a record after the last one that could be read. So finish() must report why there are no
  // more records.
  bool end_wanted_ = false;
  bool stopping_ = false;
  std::exception_ptr error_;
  // Records that the reader has not handed over yet, by lane. Only the reader's thread uses read_, lane_ and kept_.
  std::vector<ScriptPiece> read_;
  LaneId lane_ = 0;  // the lane of the record that was read last
  // How many records are in read_.
  std::size_t kept_ = 0;
  std::thread thread_;
};

// The records of one lane, in order. A caller can look at the next records with peek() before it moves past them with
// pass(). Used on the lane's thread.
class LaneScript {
 public:
  LaneScript(Script& script, LaneId lane) : script_(script), lane_(lane) {}

  // Returns the next record (`ahead` = 0), the record after it (`ahead` = 1), and so on, without moving on. Returns
  // null if the capture has no such record of this lane.
  CaptureRecord* peek(std::size_t ahead = 0) {
    return ahead < static_cast<std::size_t>(end_ - next_) ? next_ + ahead : find(ahead);
  }
  // Moves on by one record, so that the next call of peek() returns the record after it. The capture must have a next
  // record. The passed record and its text stay in memory until release().
  void pass();
  // Frees the pieces (groups of consecutive records) whose records have all been passed.
  void release();

 private:
  CaptureRecord* find(std::size_t ahead);
  void go_to(std::size_t piece);

  Script& script_;
  LaneId lane_;
  Script::Pieces pieces_;
  std::size_t piece_ = 0;          // the index in pieces_ of the piece with the next record
  CaptureRecord* next_ = nullptr;  // the next record; equal to end_ if it has not been taken from script_ yet
  CaptureRecord* end_ = nullptr;
};

}  // namespace resflow::replay
