#include "io/nats/nats_direct.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <utility>

#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

namespace {

// This file calls private functions of the NATS library (nats.c) if its version is at least 3.1 and below 3.5. The
// types below are copied from src/conn.h and src/natsp.h of these versions. Later versions may declare these functions
// differently.
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

// Delivers a message to its subscription, then frees the message. If no subscription has the message's subject, only
// frees the message.
void NatsClient::Direct::on_filter(natsConnection*, natsMsg** msg, void* closure) {
  auto& self = *static_cast<Direct*>(closure);
  natsMsg* taken = std::exchange(*msg, nullptr);
  Subscription target;
  if (self.subscriptions_.find(natsMsg_GetSubject(taken), target)) target.deliver(target, taken);
  self.dispose(taken);
}

// Frees a message with natsMsg_free(), if the library has this function. Otherwise collects messages, and calls
// natsMsg_Destroy() for many of them in a row. natsMsg_Destroy() wakes a thread of the library if this thread sleeps.
// In a row, mostly only the first call has to wake it. To wake it for each message would cost as much time as the
// delivery.
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
