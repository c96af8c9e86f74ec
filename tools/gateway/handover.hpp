// Hands a value from any thread to the thread of a lane (one of the gateway's parallel pipelines). The lane looks for a
// value each time before it processes what has arrived. A Handover holds at most one value: a new value replaces a
// value that the lane has not taken yet.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

namespace resflow {

template <typename T>
class Handover {
 public:
  // Any thread: hands over a value.
  void put(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    here_ = true;
  }

  // The lane's thread: takes the value, or returns nullopt if there is none. Without a value, take() only reads an
  // atomic flag, so the lane can afford to call it very often.
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
