#include "io/nats/nats_direct.hpp"

#include <dlfcn.h>

#include <utility>

#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

namespace {

// As in the library's src/conn.h and src/natsp.h, since its version 3.1.
using Filter = void (*)(natsConnection*, natsMsg**, void*);
using SetFilter = void (*)(natsConnection*, Filter, void*);

template <typename Function>
Function library_function(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

}  // namespace

NatsClient::Direct::~Direct() {
  destroy_done();
}

bool NatsClient::Direct::install(natsConnection* connection) {
  const auto set_filter = library_function<SetFilter>("natsConn_setFilterWithClosure");
  if (set_filter == nullptr) return false;
  free_message_ = library_function<FreeMessage>("natsMsg_free");
  set_filter(connection, on_filter, this);
  return true;
}

// What nobody wants any more is taken as well, and let go.
void NatsClient::Direct::on_filter(natsConnection*, natsMsg** msg, void* closure) {
  auto& self = *static_cast<Direct*>(closure);
  natsMsg* taken = std::exchange(*msg, nullptr);
  Subscription target;
  if (self.subscriptions_.find(natsMsg_GetSubject(taken), target)) target.deliver(target, taken);
  self.dispose(taken);
}

// natsMsg_Destroy() has a message freed on a thread of the library's own, which it wakes for each that comes alone.
// That costs as much as the delivery, so the function which that thread calls is called here; without it messages go to
// that thread together.
void NatsClient::Direct::dispose(natsMsg* msg) {
  if (free_message_ != nullptr) return free_message_(msg);
  done_.push_back(msg);
  done_bytes_ += static_cast<std::size_t>(natsMsg_GetDataLength(msg));
  if (done_.size() >= kMaxDone || done_bytes_ >= kMaxDoneBytes) destroy_done();
}

void NatsClient::Direct::destroy_done() {
  for (natsMsg* msg : done_) natsMsg_Destroy(msg);
  done_.clear();
  done_bytes_ = 0;
}

}  // namespace resflow
