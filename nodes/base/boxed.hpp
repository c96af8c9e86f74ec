// A value on the heap, owned by a pointer. Some messages are std::variants with a few large, rare alternatives. A
// variant is as large as its largest alternative, so these alternatives are put on the heap. This saves memory, because
// thousands of messages may wait at the same time. A Boxed<T> converts to T&&, so a function that takes a T&& also
// takes a Boxed<T>.
#pragma once

#include <memory>
#include <utility>

namespace resflow {

template <typename T>
class Boxed {
 public:
  Boxed(T&& value) : value_(std::make_unique<T>(std::move(value))) {}
  Boxed(const T& value) : value_(std::make_unique<T>(value)) {}
  Boxed(const Boxed& other) : Boxed(*other) {}
  Boxed(Boxed&&) noexcept = default;  // a moved-from Boxed is empty; it may only be assigned to or destroyed
  Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
  Boxed& operator=(Boxed&&) noexcept = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  operator T&&() && { return std::move(*value_); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace resflow
