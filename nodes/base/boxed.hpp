// A value behind a pointer, for the large and rare among the alternatives of a message: a variant is as large as its
// largest, and there are bursts of many thousands of the small ones. It is taken for the value wherever that is wanted
// to be moved. Pure.
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
  Boxed(Boxed&&) noexcept = default;  // the other is empty then, and can only be assigned to or destroyed
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
