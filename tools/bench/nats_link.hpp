// The load tool's connection to a NATS server, on its event loop and without the library's own threads for messages:
// what the server sent is read on the loop and taken from the library's queues there.
//
// Loop thread only. Throws RunError when it cannot connect, or the connection is lost.
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

  // Calls f(subject, reply subject) for each message that came; the texts live as long as the call.
  void take(const std::function<void(std::string_view, const char*)>& f);

  // Leaves at the next flush().
  void publish(const char* subject, std::string_view payload);
  void flush();

  std::size_t max_payload() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace resflow::bench
