// An owning pointer to a libuv handle. libuv uses a handle until its close callback has run, so the handle is on the
// heap and the callback frees it; the owner can be destroyed at once. Loop thread only. The loop must run once more
// after the last handle is released, before the loop itself is closed.
#pragma once

#include <uv.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace resflow {

template <class Handle>
struct UvClose {
  void operator()(Handle* handle) const {
    uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* h) { delete reinterpret_cast<Handle*>(h); });
  }
};

template <class Handle>
using UvHandle = std::unique_ptr<Handle, UvClose<Handle>>;

// Creates a handle and initializes it: `init(handle)` makes the uv_*_init call. `data` becomes the handle's data
// pointer, for use in callbacks. Throws std::runtime_error if `init` returns an error.
template <class Handle, class Init>
UvHandle<Handle> make_uv_handle(void* data, Init init) {
  auto handle = std::make_unique<Handle>();
  if (const int error = init(handle.get()); error != 0) {
    throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
  }
  handle->data = data;
  return UvHandle<Handle>(handle.release());
}

}  // namespace resflow
