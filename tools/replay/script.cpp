#include "tools/replay/script.hpp"

#include <utility>

namespace resflow::replay {

Script::Script(std::unique_ptr<CaptureReader> reader)
    : reader_(std::move(reader)), lanes_(reader_->header().options.lanes), read_(lanes_.size()) {
  thread_ = std::thread([this] { read_all(); });
}

Script::~Script() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.notify_all();
  thread_.join();
}

void Script::read_all() {
  std::exception_ptr error;
  try {
    while (read_one()) {
      if (kept_ >= kPiece && !hand_over()) break;
    }
  } catch (...) {
    error = std::current_exception();
  }
  hand_over();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    error_ = error;
  }
  more_.notify_all();
}

// Reads one record of the capture into the list of its lane. Returns false at the end of the capture. The record is
// first read into the list of the previous record's lane, because its own lane is known only after reading. If its lane
// is another one, it is then moved to that lane's list.
bool Script::read_one() {
  auto& records = read_[lane_].records;
  if (records.empty()) records.reserve(kPiece);
  CaptureRecord& record = records.emplace_back();
  struct Removal {
    std::vector<CaptureRecord>* from;
    ~Removal() {
      if (from != nullptr) from->pop_back();
    }
  } removal{&records};
  if (!reader_->next(record)) return false;
  if (record.lane >= lanes_.size()) {
    throw CaptureError("line " + std::to_string(record.line) + " is of lane " + std::to_string(record.lane) +
                       ", and the capture has " + std::to_string(lanes_.size()));
  }
  if (record.lane == lane_) {
    removal.from = nullptr;
  } else {
    lane_ = record.lane;
    read_[lane_].records.push_back(std::move(record));
  }
  auto& buffers = read_[lane_].buffers;
  if (buffers.empty() || buffers.back() != reader_->buffer()) buffers.push_back(reader_->buffer());
  ++kept_;
  return true;
}

// Waits until the lanes need more records, and hands the records in read_ over to them. Returns false if the script is
// being destroyed.
bool Script::hand_over() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return count_ < kAhead || starving_ > 0 || stopping_; });
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!read_[i].records.empty()) lanes_[i].push_back(std::exchange(read_[i], {}));
  }
  count_ += kept_;
  kept_ = 0;
  progress_ = reader_->progress();
  more_.notify_all();
  return !stopping_;
}

bool Script::take(LaneId lane, Pieces& to) {
  std::unique_lock lock(mutex_);
  auto& own = lanes_[lane];
  if (own.empty() && !ended_) {
    ++starving_;
    room_.notify_all();
    more_.wait(lock, [&] { return !own.empty() || ended_; });
    --starving_;
  }
  if (own.empty()) {
    end_wanted_ = true;
    return false;
  }
  for (ScriptPiece& piece : own) {
    count_ -= piece.records.size();
    to.push_back(std::move(piece));
  }
  own.clear();
  room_.notify_all();
  return true;
}

double Script::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

std::string Script::finish() {
  const std::lock_guard lock(mutex_);
  if (!end_wanted_) return {};
  if (error_) std::rethrow_exception(error_);
  return reader_->cut_off();
}

CaptureRecord* LaneScript::find(std::size_t ahead) {
  const auto is_there = [this](std::size_t piece) { return piece < pieces_.size() || script_.take(lane_, pieces_); };
  if (next_ == end_) {
    const std::size_t following = pieces_.empty() ? 0 : piece_ + 1;
    if (!is_there(following)) return nullptr;
    go_to(following);
    return peek(ahead);
  }
  ahead -= static_cast<std::size_t>(end_ - next_);
  for (std::size_t piece = piece_ + 1; is_there(piece); ++piece) {
    auto& records = pieces_[piece].records;
    if (ahead < records.size()) return &records[ahead];
    ahead -= records.size();
  }
  return nullptr;
}

void LaneScript::pass() {
  if (++next_ == end_ && piece_ + 1 < pieces_.size()) go_to(piece_ + 1);
}

void LaneScript::go_to(std::size_t piece) {
  piece_ = piece;
  auto& records = pieces_[piece].records;
  next_ = records.data();
  end_ = next_ + records.size();
}

void LaneScript::release() {
  for (; piece_ > 0; --piece_) pieces_.pop_front();
}

}  // namespace resflow::replay
