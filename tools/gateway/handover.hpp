// One value on its way from any thread to a lane's own, which looks for it before its next turn. A later value takes
// the place of one that was not taken yet, so no more than one is ever here.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

namespace resflow {

template <typename T>
class Handover {
 public:
  // Any thread.
  void put(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    here_ = true;
  }

  // The lane's thread. It costs a glance while there is nothing.
  std::optional<T> take() {
    if (!here_.load(std::memory_order_relaxed)) return std::nullopt;
    const std::lock_guard lock(mutex_);
    here_ = false;
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::atomic<bool> here_ = false;
  std::mutex mutex_;
  std::optional<T> value_;
};

}  // namespace resflow
