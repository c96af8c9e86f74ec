#include "graph/mailbox.hpp"

#include <iterator>
#include <utility>

namespace resflow {

namespace {

std::size_t size_of(const LaneItem& item) {
  return std::visit([](const auto& messages) { return messages.size(); }, item);
}

}  // namespace

void append(LaneBatch& batch, LaneItem&& item) {
  if (batch.empty() || batch.back().index() != item.index() || size_of(batch.back()) >= kItemSize) {
    batch.push_back(std::move(item));
    return;
  }
  const auto join = [&](auto& messages) {
    auto& more = std::get<std::decay_t<decltype(messages)>>(item);
    messages.insert(messages.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
  };
  std::visit(join, batch.back());
}

void count(const LaneBatch& batch, Waiting& waiting) {
  for (const LaneItem& item : batch) waiting[item.index()] += size_of(item);
}

bool Mailbox::post(LaneBatch& batch) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = items_.empty();
  for (const LaneItem& item : batch) messages_ += size_of(item);
  if (was_empty) {
    items_.swap(batch);
  } else {
    for (LaneItem& item : batch) append(items_, std::move(item));
  }
  batch.clear();
  return was_empty;
}

bool Mailbox::post_waiting(LaneItem item) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return messages_ < kBound || closed_; });
  const bool was_empty = items_.empty();
  messages_ += size_of(item);
  append(items_, std::move(item));
  return was_empty;
}

void Mailbox::take(LaneBatch& batch) {
  bool was_full = false;
  {
    const std::lock_guard lock(mutex_);
    items_.swap(batch);
    was_full = std::exchange(messages_, 0) >= kBound;
  }
  if (was_full) room_.notify_all();
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
