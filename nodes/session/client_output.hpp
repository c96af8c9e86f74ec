// Sends answers and events to one client, and can close its connection. A session is for one WebSocket connection, or
// for one web request (plain HTTP), which gets one response. Services can set the response's headers and status
// (RES-Service protocol, "Meta object").
//
// No I/O; owned by the client's session.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/session/client_identity.hpp"
#include "nodes/session/client_work.hpp"
#include "nodes/session/session_context.hpp"
#include "nodes/session/web_exchange.hpp"

namespace resflow {

class ClientOutput {
 public:
  ClientOutput(SessionContext& session, const ClientIdentity& identity) : session_(session), identity_(identity) {}

  // Answers a request. If this session is for one web request (plain HTTP), and not for a WebSocket connection, the
  // answer becomes the HTTP response.
  void reply(const RequestId& id, ReplyForm form, ErrorPtr error = nullptr, std::string result = {},
             RidPtr rid = nullptr, ResourceSet set = {});
  // Sends the client an event of the resource. `set` has the resources that the event refers to and that the client
  // does not have yet.
  void deliver(const Subscription& s, const EventPtr& event, ResourceSet set = {});
  // Closes the client's connection. `code` is the WebSocket close code. The default is 1008 (policy violation), for a
  // client that has exceeded a limit.
  void close(std::string reason, std::uint16_t code = 1008);

  // The HTTP request that this session serves, or the WebSocket handshake that it may accept or refuse. Null if the
  // client is an open WebSocket connection.
  std::unique_ptr<WebExchange>& web() { return web_; }
  const WebExchange* web() const { return web_.get(); }
  // Sends the response to the web request, with the headers that services have asked for. `status` is the HTTP status
  // that a service has asked for. If it is not set, the status is the one for success, or the one for the error in the
  // reply.
  void respond(Reply&& reply, std::optional<unsigned> status = std::nullopt);

  // unread(): returns true while the client does not read from its connection, so that sent data piles up. Answers that
  // contain resources must wait then. set_unread(): sets what unread() returns. park(): notes that the operation with
  // this key (Operation::key) waits to send its answer. take_parked(): returns the keys of all these operations, and
  // forgets them; called when the client reads again.
  bool unread() const { return unread_; }
  void set_unread(bool on) { unread_ = on; }
  void park(std::uint32_t operation) { parked_.push(operation); }
  OperationKeys take_parked();

  // Sends the admit node a Standing message, which says two things. First, whether to hold back the client's next
  // requests: this is so while work is left over for the client, or while the client does not read. Second, how many of
  // its requests were answered since the previous message. Sends it only if the first has changed since then, or if at
  // least SessionContext::answers_per_report requests were answered.
  void tell_standing(bool work_is_left);

 private:
  SessionContext& session_;
  const ClientIdentity& identity_;
  std::unique_ptr<WebExchange> web_;
  LazyQueue<std::uint32_t> parked_;  // keys of the operations that wait until the client reads again
  std::uint32_t answered_ = 0;       // requests answered since the latest message of type Standing
  bool unread_ = false;              // the client does not read what it was sent
  bool held_ = false;                // the latest message of type Standing told the admit node to hold back requests
};

}  // namespace resflow
