// Messages on the thread that reads them. nats.c 3.4 hands each message to a delivery thread, which wakes the loop
// again: two hand-overs that cost more, in time and in CPU, than all the rest of an event's way. The library has a hook
// for filters between its parser and its queues; a filter that keeps the message has it delivered there and then, in
// the order of the connection. The hook is in the library but not in its header, so it is looked up when the program
// runs: a library without it delivers on its thread, which works as well. So it is with the function that frees a
// message.
//
// Private to nats_client.cpp. Owned by the NatsClient; messages come on the loop's thread, subscriptions from those of
// all lanes.
#pragma once

#include <nats/nats.h>

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/nats_client.hpp"
#include "nodes/text_hash.hpp"

namespace resflow {

// What is done with a message. In the library's hands it is freed when the last callback of its subscription is over.
struct NatsClient::Subscription {
  void (*deliver)(const Subscription&, natsMsg*);  // the message stays the caller's
  NatsClient* client;
  ServiceSink* sink;  // null: all lanes
  std::uint64_t handle;
};

class NatsClient::Direct {
 public:
  ~Direct();

  // Whether the library can; before the first subscription of the connection.
  bool install(natsConnection* connection);

  // `subject` ends in ".*".
  void add(const std::string& subject, const Subscription& subscription);
  void remove(const std::string& subject);

 private:
  using FreeMessage = void (*)(void*);

  static constexpr std::size_t kMaxDone = 64;               // messages
  static constexpr std::size_t kMaxDoneBytes = 256 * 1024;  // and bytes of them

  static void on_filter(natsConnection*, natsMsg** msg, void* closure);
  void dispose(natsMsg* msg);
  void destroy_done();

  std::mutex mutex_;
  std::unordered_map<std::string, Subscription, TextHash, std::equal_to<>>
      targets_;                         // by the subject up to its last dot
  FreeMessage free_message_ = nullptr;  // the library's; null when it does not show it
  std::vector<natsMsg*> done_;          // delivered, not destroyed yet
  std::size_t done_bytes_ = 0;
};

}  // namespace resflow
