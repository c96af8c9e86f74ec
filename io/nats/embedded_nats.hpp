// A nats-server of the gateway's own, for trying things out: `--nats embedded`. It listens on a free port of the
// loopback address, asks nobody for credentials, and ends with the gateway, however that ends. What it logs goes into
// the gateway's log: complaints as errors, the rest for debugging. When it ends by itself the connection is lost, which
// ends the gateway; this one logs why.
//
// Made on the main thread; then on the thread of the loop.
#pragma once

#include <uv.h>

#include <optional>
#include <string>
#include <string_view>

#include "io/nats/child_process.hpp"
#include "io/uv_handle.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

// In the place of a NATS URL.
inline constexpr std::string_view kEmbeddedNats = "embedded";

class EmbeddedNats {
 public:
  // Returns when the server takes connections. Throws std::runtime_error when there is no program of that name, or it
  // does not start, with what it said.
  EmbeddedNats(uv_loop_t* loop, LogPort& log);
  ~EmbeddedNats();
  EmbeddedNats(const EmbeddedNats&) = delete;
  EmbeddedNats& operator=(const EmbeddedNats&) = delete;

  const std::string& url() const { return url_; }

 private:
  void await_start();
  bool read();
  void take_line(std::string_view line);

  LogPort& log_;
  ChildProcess server_;
  std::string text_;       // read, and not yet a line
  std::string last_line_;  // for the reason when it ends
  std::string url_;
  bool ready_ = false;
  UvHandle<uv_poll_t> poll_;  // until the server closes its output
};

}  // namespace resflow
