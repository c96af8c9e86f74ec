// The interfaces through which nodes reach the outside world: clients, services and the log. io/ implements them with
// sockets and NATS; tests and the replay of recorded traffic implement them in memory. A node calls them only on the
// thread of its lane (one of the gateway's parallel threads).
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

// Bytes that are ready to be sent (whole WebSocket frames). Immutable, and shared by all clients that receive them.
using Frame = std::shared_ptr<const std::string>;

// Why the gateway ends a connection. The numbers are RFC 6455 close codes (7.4.1).
struct CloseReason {
  std::uint16_t code = 1000;
  std::string text;  // the reason, at most 123 bytes
};

// The connections to the clients of one lane (one of the gateway's parallel threads).
class ClientPort {
 public:
  virtual ~ClientPort() = default;

  // Writes whole frames, in order, in one system call. Returns true if the port has accepted the frames or the
  // connection is gone. Returns false if the socket is still busy with an earlier write: no frame was accepted, and a
  // Writable message follows when the socket is free. A call without frames only asks whether the socket is busy.
  virtual bool send(ConnId conn, std::span<const Frame> frames) = 0;

  // Sends a close frame after all frames that send() has accepted, then ends the connection. If the client does not
  // read, ends the connection without sending these frames. A Disconnected message follows.
  virtual void close(ConnId conn, const CloseReason& reason) = 0;

  // Accepts a WebSocket handshake that is not answered yet (ClientKind::held). `headers` are added to the response to
  // the handshake.
  virtual void accept(ConnId conn, const Headers& headers) = 0;

  // Answers a web request, or refuses a WebSocket handshake that is not answered yet (ClientKind::held). The client
  // with this id then no longer exists: no further message comes from it, not even Disconnected.
  virtual void respond(ConnId conn, const WebResponse& response) = 0;

  // pause(): stops reading from an open WebSocket connection. resume(): starts to read again. Between the two, the data
  // that the client sends waits in the kernel. Messages that were read before may still come. If the client of a paused
  // connection goes away, Disconnected comes as usual. Neither function has an effect on connections of other kinds. A
  // second call of the same function has no further effect.
  virtual void pause(ConnId conn) = 0;
  virtual void resume(ConnId conn) = 0;
};

// The connection to the services, over NATS.
class ServicePort {
 public:
  virtual ~ServicePort() = default;

  // Sends a request. The reply comes as a ServiceReply message with the same `id`. The caller must have checked that
  // `subject` is valid.
  virtual void request(ServiceRequestId id, std::string_view subject, std::string_view payload) = 0;

  // Subscribes to a NATS subject. Each message of the subscription goes to the caller's lane, with the `handle` that
  // the caller has chosen. Returns false if the subscription is refused; the lane then gets a SubscriptionRefused
  // message. This message may also come later, after subscribe() has returned true.
  virtual bool subscribe(SubscriptionHandle handle, std::string_view subject) = 0;
  virtual void unsubscribe(SubscriptionHandle handle) = 0;

  // Sends all requests and subscriptions that nodes have made since the previous flush(). The lane calls this when its
  // nodes have processed all messages that had come.
  virtual void flush() = 0;

  // The ask node calls this when the connection to NATS is restored after a loss. While there was no connection, the
  // port may have kept requests instead of sending them. Now it sends the kept requests for which `wanted` returns
  // true, and drops the others. The default, for ports that keep no requests, does nothing.
  virtual void send_kept(const std::function<bool(ServiceRequestId)>& wanted) { static_cast<void>(wanted); }
};

// The levels of log messages. The log counts the messages of each level.
enum class LogLevel : std::uint8_t { error, info, debug, trace };

// The log, to which nodes report what clients and services did wrong.
class LogPort {
 public:
  virtual ~LogPort() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void log(LogLevel level, std::string_view text) = 0;
};

}  // namespace resflow
