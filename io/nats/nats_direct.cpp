#include "io/nats/nats_direct.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <utility>

#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

namespace {

// Private functions of the library are used only in the versions 3.1 to 3.4 of nats.c. Their types are as in
// src/conn.h and src/natsp.h in these versions; in a later version the same names may mean something else.
constexpr std::uint32_t kFirstVersion = 0x030100;
constexpr std::uint32_t kBehindLastVersion = 0x030500;
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
  const std::uint32_t version = nats_GetVersionNumber();
  if (version < kFirstVersion || version >= kBehindLastVersion) return false;
  const auto set_filter = library_function<SetFilter>("natsConn_setFilterWithClosure");
  if (set_filter == nullptr) return false;
  free_message_ = library_function<FreeMessage>("natsMsg_free");
  set_filter(connection, on_filter, this);
  return true;
}

// Messages without a subscription are taken as well, and freed.
void NatsClient::Direct::on_filter(natsConnection*, natsMsg** msg, void* closure) {
  auto& self = *static_cast<Direct*>(closure);
  natsMsg* taken = std::exchange(*msg, nullptr);
  Subscription target;
  if (self.subscriptions_.find(natsMsg_GetSubject(taken), target)) target.deliver(target, taken);
  self.dispose(taken);
}

// Frees a message. natsMsg_Destroy() leaves that to a thread of the library and wakes the thread for each message that
// comes alone, which costs as much as the delivery. So this calls natsMsg_free(), which that thread would call. If
// natsMsg_free() is not found, messages are gathered and given to that thread together.
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
