// Messages on the thread that reads them. nats.c 3.4 hands each message to a delivery thread, which wakes the loop
// again: two hand-overs that cost more, in time and in CPU, than all the rest of an event's way. The library has a hook
// for filters between its parser and its queues; a filter that keeps the message has it delivered there and then, in
// the order of the connection. The hook is in the library but not in its header, so it is looked up when the program
// runs: a library without it delivers on its thread, which works as well. So it is with the function that frees a
// message.
//
// Private to the files nats_*.cpp. Owned by the NatsClient; on the loop's thread.
#pragma once

#include <nats/nats.h>

#include <vector>

#include "io/nats/nats_client.hpp"

namespace resflow {

// What is done with a message.
struct NatsClient::Subscription {
  void (*deliver)(const Subscription&, natsMsg*) = nullptr;  // the message stays the caller's
  NatsClient* client = nullptr;
  ServiceSink* sink = nullptr;  // null: all lanes
  SubscriptionHandle handle = 0;
};

class NatsClient::Direct {
 public:
  explicit Direct(const Subscriptions& subscriptions) : subscriptions_(subscriptions) {}
  ~Direct();

  // Whether the library can; before the first subscription of the connection.
  bool install(natsConnection* connection);

 private:
  using FreeMessage = void (*)(void*);

  static constexpr std::size_t kMaxDone = 64;               // messages
  static constexpr std::size_t kMaxDoneBytes = 256 * 1024;  // and bytes of them

  static void on_filter(natsConnection*, natsMsg** msg, void* closure);
  void dispose(natsMsg* msg);
  void destroy_done();

  const Subscriptions& subscriptions_;
  FreeMessage free_message_ = nullptr;  // the library's; null when it does not show it
  std::vector<natsMsg*> done_;          // delivered, not destroyed yet
  std::size_t done_bytes_ = 0;
};

}  // namespace resflow
