// Delivers NATS messages directly on the thread that reads the socket: the thread of the event loop.
//
// By default the NATS library (nats.c 3.4) hands each message to a delivery thread, which then wakes the event loop.
// These two steps cost more time and CPU than all other work on a message. The library can instead call a filter
// function for each message that it has read, before it queues the message. The filter of this class takes every
// message and delivers it at once, on the loop's thread. So messages are delivered in the order in which they arrive.
//
// The library has a function that sets the filter, but its header does not declare it. So this class looks up the
// function at run time, and also the function that frees a message. If the filter cannot be set, the library delivers
// messages on its own thread, which works too, but is slower.
//
// Private to the files nats_*.cpp. Owned by the NatsClient. The functions of the class must be called on the loop's
// thread.
#pragma once

#include <nats/nats.h>

#include <vector>

#include "io/nats/nats_client.hpp"

namespace resflow {

// Where the messages of a subscription go.
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

  // Makes the library call on_filter() for each message of the connection. Returns false if this version of the library
  // has no filters. Must be called before the first subscription of the connection is made.
  bool install(natsConnection* connection);

 private:
  using FreeMessage = void (*)(void*);

  // dispose() frees all messages in done_ when there are kMaxDone of them, or when their payloads have kMaxDoneBytes in
  // total.
  static constexpr std::size_t kMaxDone = 64;
  static constexpr std::size_t kMaxDoneBytes = 256 * 1024;

  // The library calls this function for each message that it has read. The function takes over the message: it sets
  // `*msg` to null, and frees the message after delivery.
  static void on_filter(natsConnection*, natsMsg** msg, void* closure);
  void dispose(natsMsg* msg);
  void destroy_done();

  const Subscriptions& subscriptions_;
  FreeMessage free_message_ = nullptr;  // natsMsg_free(); null if the library does not have this function
  std::vector<natsMsg*> done_;          // messages that were delivered but not freed yet
  std::size_t done_bytes_ = 0;
};

}  // namespace resflow
