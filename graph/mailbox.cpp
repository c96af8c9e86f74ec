#include "graph/mailbox.hpp"

#include <iterator>

namespace resflow {

void count(const LaneBatch& batch, Waiting& waiting) {
  const auto size = [](const auto& messages) { return messages.size(); };
  for (const LaneItem& item : batch) waiting[item.index()] += std::visit(size, item);
}

bool Mailbox::post(LaneBatch& batch) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = items_.empty();
  if (was_empty) {
    items_.swap(batch);
  } else {
    items_.insert(items_.end(), std::move_iterator(batch.begin()), std::move_iterator(batch.end()));
  }
  batch.clear();
  return was_empty;
}

bool Mailbox::post_waiting(LaneItem item) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return items_.size() < kBound || closed_; });
  const bool was_empty = items_.empty();
  items_.push_back(std::move(item));
  return was_empty;
}

void Mailbox::take(LaneBatch& batch) {
  {
    const std::lock_guard lock(mutex_);
    items_.swap(batch);
  }
  if (batch.size() >= kBound) room_.notify_all();
}

void Mailbox::count(Waiting& waiting) const {
  const std::lock_guard lock(mutex_);
  resflow::count(items_, waiting);
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  room_.notify_all();
}

}  // namespace resflow
