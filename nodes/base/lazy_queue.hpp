// A queue, first in first out, that costs one pointer while it is empty: most subscriptions and resource names never
// have anything wait. (An empty std::deque holds more than half a kilobyte.) Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace resflow {

template <typename T>
class LazyQueue {
 public:
  bool empty() const { return items_ == nullptr; }
  std::size_t size() const { return items_ ? items_->size() : 0; }
  void clear() { items_ = nullptr; }

  void push(T item) {
    if (!items_) items_ = std::make_unique<std::deque<T>>();
    items_->push_back(std::move(item));
  }

  // There must be one.
  T pop() {
    T item = std::move(items_->front());
    items_->pop_front();
    if (items_->empty()) items_ = nullptr;
    return item;
  }

 private:
  std::unique_ptr<std::deque<T>> items_;  // null when empty
};

}  // namespace resflow
