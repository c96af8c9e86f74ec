// What the pipeline needs of the outside, as interfaces: io/ carries them out over sockets and NATS, tests and replay
// in memory. The pipeline calls them on its lane's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "nodes/protocol/client_messages.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

// Bytes ready for the wire (whole WebSocket frames), immutable and shared by all who receive them.
using Frame = std::shared_ptr<const std::string>;

// Why the gateway ends a connection. The numbers are RFC 6455 close codes (7.4.1).
struct CloseReason {
  std::uint16_t code = 1000;
  std::string text;  // at most 123 bytes
};

// The clients of one lane.
class ClientPort {
 public:
  virtual ~ClientPort() = default;

  // Writes whole frames, in order, in one system call. Returns false when the socket is still busy with an earlier
  // write (nothing was taken; a Writable message follows when it is free) and true when the frames were taken or
  // the connection is gone. With no frames it only tells whether the socket is busy.
  virtual bool send(ConnId conn, std::span<const Frame> frames) = 0;

  // Sends a close frame behind all that was taken, then ends the connection. A peer that does not read is cut off.
  // A Disconnected message follows.
  virtual void close(ConnId conn, const CloseReason& reason) = 0;

  // Opens a held WebSocket connection, with these headers in the answer.
  virtual void accept(ConnId conn, const Headers& headers) = 0;

  // Answers a web request, or a held WebSocket connection instead of opening it. That ends the id: nothing is told of
  // it any more.
  virtual void respond(ConnId conn, const WebResponse& response) = 0;

  // Stops reading from an open WebSocket connection, and starts again: what its client sends waits in the kernel
  // meanwhile. What was read before may still be told of. A paused connection whose client has gone is told of all the
  // same. No effect on others, nor when said twice.
  virtual void pause(ConnId conn) = 0;
  virtual void resume(ConnId conn) = 0;
};

// The services, over the messaging system.
class ServicePort {
 public:
  virtual ~ServicePort() = default;

  // Sends a request. `id` comes back with the reply. The subject was validated by the caller.
  virtual void request(ServiceRequestId id, std::string_view subject, std::string_view payload) = 0;

  // Starts and ends a subscription; messages on it come back to the lane that called. `handle` is the caller's. False:
  // it is refused, and a SubscriptionRefused follows. One that was taken may be refused later.
  virtual bool subscribe(SubscriptionHandle handle, std::string_view subject) = 0;
  virtual void unsubscribe(SubscriptionHandle handle) = 0;

  // The end of a batch: everything published since the last flush leaves now.
  virtual void flush() = 0;

  // Called when a ServicesRestored has been taken in: requests that could not be sent meanwhile, and were kept, leave
  // now if `wanted` says so. A port that keeps none has nothing to do.
  virtual void resume(const std::function<bool(ServiceRequestId)>& wanted) { static_cast<void>(wanted); }
};

// Where nodes report what went wrong outside; counted by level.
enum class LogLevel : std::uint8_t { error, info, debug, trace };

class LogPort {
 public:
  virtual ~LogPort() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void log(LogLevel level, std::string_view text) = 0;
};

}  // namespace resflow
