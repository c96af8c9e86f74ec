// A first-in, first-out queue that takes only one pointer of memory while it is empty. (An empty std::deque takes more
// than half a kilobyte.) The gateway has very many queues, one for each subscription and each resource name, and most
// of them are empty. No I/O and no shared state.
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

  // Removes the first item and returns it. The queue must not be empty.
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
