// An owning pointer to a libuv handle. The handle is on the heap, because libuv uses it until its close callback has
// run. The close callback frees the handle. The owner of the pointer may be destroyed before this callback runs. After
// the last such pointer is destroyed, the loop must run once more before it is closed, so that all close callbacks run.
// Loop thread only.
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

// Creates a handle and initializes it: `init(handle)` calls the uv_*_init function. `data` becomes the data pointer of
// the handle, for use in callbacks. Throws std::runtime_error if `init` returns an error.
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
