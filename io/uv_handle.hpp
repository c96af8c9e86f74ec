// Ownership of libuv handles. A handle must outlive its close callback, so it is on the heap and frees itself there;
// the owner can go at once. Loop thread only; the loop has to turn once more before it is closed.
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

// `init(handle)` is the uv_*_init call; throws std::runtime_error when it fails. `data` is for the callbacks.
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
