#include "graph/mailbox.hpp"

#include <algorithm>
#include <iterator>

namespace resflow {

void count(const LaneBatch& batch, Waiting& waiting) {
  const auto size = [](const auto& messages) { return messages.size(); };
  for (const LaneItem& item : batch) waiting[item.index()] += std::visit(size, item);
}

bool Mailbox::post(LaneBatch& batch, LaneId from) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = items_.empty();
  note(from, batch.size());
  if (was_empty) {
    items_.swap(batch);
  } else {
    items_.insert(items_.end(), std::move_iterator(batch.begin()), std::move_iterator(batch.end()));
  }
  batch.clear();
  arrived_.notify_one();
  return was_empty;
}

bool Mailbox::post_waiting(LaneItem item) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return items_.size() < kBound || closed_; });
  const bool was_empty = items_.empty();
  note(MailRun::kOutside, 1);
  items_.push_back(std::move(item));
  return was_empty;
}

void Mailbox::note(LaneId from, std::size_t count) {
  if (runs_.empty() || runs_.back().from != from) runs_.push_back({from, 0});
  runs_.back().count += count;
}

void Mailbox::take(LaneBatch& batch, MailRuns& runs) {
  {
    const std::lock_guard lock(mutex_);
    items_.swap(batch);
    runs_.swap(runs);
  }
  if (batch.size() >= kBound) room_.notify_all();
}

bool Mailbox::take_exactly(const MailRuns& runs, LaneBatch& batch) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] {
    const auto sender = missing(runs);
    return !sender || ended_[*sender] || closed_;
  });
  if (missing(runs)) return false;
  for (const MailRun& run : runs) take_first(run, batch);
  return true;
}

std::optional<LaneId> Mailbox::missing(const MailRuns& runs) const {
  std::array<std::size_t, 256> here{};
  for (const MailRun& run : runs_) here[run.from] += run.count;
  for (const MailRun& run : runs) {
    if (here[run.from] < run.count) return run.from;
    here[run.from] -= run.count;
  }
  return std::nullopt;
}

void Mailbox::take_first(MailRun wanted, LaneBatch& batch) {
  std::size_t at = 0;
  for (MailRun& run : runs_) {
    if (run.from != wanted.from) {
      at += run.count;
      continue;
    }
    const std::size_t n = std::min(run.count, wanted.count);
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = first + static_cast<std::ptrdiff_t>(n);
    batch.insert(batch.end(), std::move_iterator(first), std::move_iterator(last));
    items_.erase(first, last);
    run.count -= n;
    wanted.count -= n;
    at += run.count;
    if (wanted.count == 0) break;
  }
  std::erase_if(runs_, [](const MailRun& run) { return run.count == 0; });
}

void Mailbox::count(Waiting& waiting) const {
  const std::lock_guard lock(mutex_);
  resflow::count(items_, waiting);
}

void Mailbox::end_of(LaneId lane) {
  {
    const std::lock_guard lock(mutex_);
    ended_.set(lane);
  }
  arrived_.notify_all();
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  room_.notify_all();
  arrived_.notify_all();
}

}  // namespace resflow
