// Delivers NATS messages directly on the thread that reads the socket.
//
// By default the NATS library (nats.c 3.4) hands each message to a delivery thread, which then wakes the loop. These
// two hand-overs cost more time and CPU than all other work on an event. The library has a filter hook between its
// parser and its queues. The filter of this class takes each message from the parser and delivers it at once, on the
// thread that reads the socket. So messages stay in the order of the connection.
//
// The library contains the hook, but its header does not declare it. So this class looks the hook up at run time, and
// also the function that frees a message. If the hook is missing, the library delivers on its own thread; that is
// slower, but works.
//
// Private to the files nats_*.cpp. Owned by the NatsClient. Loop thread only.
#pragma once

#include <nats/nats.h>

#include <vector>

#include "io/nats/nats_client.hpp"

namespace resflow {

// Says where the messages of a subscription go.
struct NatsClient::Subscription {
  void (*deliver)(const Subscription&, natsMsg*) = nullptr;  // delivers a message; the caller frees the message
  NatsClient* client = nullptr;
  ServiceSink* sink = nullptr;  // sink of the lane that gets the messages; null: `deliver` itself chooses the lanes
  SubscriptionHandle handle = 0;
};

class NatsClient::Direct {
 public:
  explicit Direct(const Subscriptions& subscriptions) : subscriptions_(subscriptions) {}
  ~Direct();

  // Makes the library call on_filter() for each message of the connection. Returns false if the library does not
  // support filters. The caller must call install() before it makes the first subscription of the connection.
  bool install(natsConnection* connection);

 private:
  using FreeMessage = void (*)(void*);

  // When done_ has this many messages or this many bytes, dispose() destroys all messages in it.
  static constexpr std::size_t kMaxDone = 64;
  static constexpr std::size_t kMaxDoneBytes = 256 * 1024;

  // The library calls this function for each message that it has read. The function sets `*msg` to null, which tells
  // the library that the message now belongs to this class.
  static void on_filter(natsConnection*, natsMsg** msg, void* closure);
  void dispose(natsMsg* msg);
  void destroy_done();

  const Subscriptions& subscriptions_;
  FreeMessage free_message_ = nullptr;  // natsMsg_free() of the library; null if the library does not have it
  std::vector<natsMsg*> done_;          // messages that were delivered but not destroyed yet
  std::size_t done_bytes_ = 0;
};

}  // namespace resflow
