// The load tool's connection to a NATS server. The load tool's event loop reads the socket, and the NATS library queues
// the messages that arrive. take() takes the messages from these queues.
//
// Loop thread only. Throws RunError if it cannot connect or the connection is lost.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/loop.hpp"

namespace resflow::bench {

class NatsLink {
 public:
  NatsLink(Loop& loop, const std::string& urls);
  ~NatsLink();
  NatsLink(const NatsLink&) = delete;
  NatsLink& operator=(const NatsLink&) = delete;

  void subscribe(const std::string& subject);

  // Calls f(subject, reply subject) for each message that has arrived. Both texts are valid only during the call. The
  // reply subject is null if the message has none.
  void take(const std::function<void(std::string_view, const char*)>& f);

  // Queues a message; the next flush() sends it.
  void publish(const char* subject, std::string_view payload);
  void flush();

  std::size_t max_payload() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow::bench
