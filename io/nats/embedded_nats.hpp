// A nats-server that the gateway runs as a child process. It is meant for trying things out, and is used if the gateway
// is started with `--nats embedded`. The server listens on a free port of the address 127.0.0.1, and asks for no
// credentials. The server ends when the gateway ends, even if the gateway crashes.
//
// This class copies the server's log to the gateway's log: warnings and errors as errors, other lines at debug level.
// If the server ends by itself, the gateway loses its NATS connection and ends, too; this class then logs why the
// server ended.
//
// Constructed on the main thread; afterwards used on the loop's thread only.
#pragma once

#include <uv.h>

#include <optional>
#include <string>
#include <string_view>

#include "io/nats/child_process.hpp"
#include "io/uv_handle.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

// The value of the option --nats that selects the embedded server. Any other value is the URL of a NATS server.
inline constexpr std::string_view kEmbeddedNats = "embedded";

class EmbeddedNats {
 public:
  // Starts the server, and returns when the server accepts connections. Throws std::runtime_error if the program
  // nats-server is not installed, or if the server does not start. In the second case the text of the error contains
  // the last line of the server's log.
  EmbeddedNats(uv_loop_t* loop, LogPort& log);
  ~EmbeddedNats();
  EmbeddedNats(const EmbeddedNats&) = delete;
  EmbeddedNats& operator=(const EmbeddedNats&) = delete;

  const std::string& url() const { return url_; }

 private:
  // Blocks until the server is ready. Throws std::runtime_error if the server ends, or is not ready in 10 seconds.
  void await_start();
  bool read();
  void take_line(std::string_view line);

  LogPort& log_;
  ChildProcess server_;
  std::string text_;       // the beginning of an output line whose end the gateway has not read yet
  std::string last_line_;  // last line of the server's log; tells why the server ended
  std::string url_;
  bool ready_ = false;        // true after the server has logged that it accepts connections
  UvHandle<uv_poll_t> poll_;  // watches the server's output; null after the server has closed it
};

}  // namespace resflow
