#include "tools/replay/script.hpp"

#include <iterator>
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
    while (auto record = reader_->next()) {
      keep(std::move(*record));
      if ((kept_ >= kPiece || starving_ > 0) && !hand_over()) break;
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

void Script::keep(CaptureRecord record) {
  if (record.lane >= lanes_.size()) {
    throw CaptureError("line " + std::to_string(record.line) + " is of lane " + std::to_string(record.lane) +
                       ", and the capture has " + std::to_string(lanes_.size()));
  }
  read_[record.lane].push_back(std::move(record));
  ++kept_;
}

bool Script::hand_over() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return count_ < kAhead || starving_ > 0 || stopping_; });
  for (std::size_t i = 0; i < lanes_.size(); ++i) move_all(read_[i], lanes_[i]);
  count_ += kept_;
  kept_ = 0;
  progress_ = reader_->progress();
  more_.notify_all();
  return !stopping_;
}

void Script::move_all(Records& from, Records& to) {
  if (to.empty()) {
    to.swap(from);
  } else {
    to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
    from.clear();
  }
}

bool Script::take(LaneId lane, Records& to) {
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
  count_ -= own.size();
  move_all(own, to);
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

const CaptureRecord* LaneScript::peek(std::size_t ahead) {
  while (records_.size() <= ahead) {
    if (!script_.take(lane_, records_)) return nullptr;
  }
  return &records_[ahead];
}

CaptureRecord LaneScript::pop() {
  return pop(0);
}

CaptureRecord LaneScript::pop(std::size_t ahead) {
  CaptureRecord record = std::move(records_.at(ahead));
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(ahead));
  return record;
}

}  // namespace resflow::replay
