// A message on its way through the flow graph: a plain pointer that TBB may copy, owned by whoever takes it. oneTBB
// copies messages and never moves them, so the handle is what is copied.
//
// Invariant: every parcel that is put is taken exactly once; Parcel::take() ends it.
#pragma once

#include <memory>

namespace resflow {

template <typename T>
struct Parcel {
  T* message = nullptr;

  static Parcel of(T&& value) { return Parcel{new T(std::move(value))}; }
  std::unique_ptr<T> take() const { return std::unique_ptr<T>(message); }
};

}  // namespace resflow
