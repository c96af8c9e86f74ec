// Sends messages to one client: answers, events, and the close of the connection. A web request gets one response,
// whose headers and status the metadata of services can change (RES-Service protocol, "Meta object").
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

  // Answers a request. If the client is a web request, the answer becomes its HTTP response.
  void reply(const RequestId& id, ReplyForm form, ErrorPtr error = nullptr, std::string result = {},
             RidPtr rid = nullptr, ResourceSet set = {});
  // Sends the client an event of the resource. `set` has the resources that the client gets with the event.
  void deliver(const Subscription& s, const EventPtr& event, ResourceSet set = {});
  // Closes the client's connection. The default code, 1008, says that the client or a service has gone beyond a limit.
  void close(std::string reason, std::uint16_t code = 1008);

  // The web request that the session serves, or the WebSocket handshake that it decides about. Null for an open
  // WebSocket connection.
  std::unique_ptr<WebExchange>& web() { return web_; }
  const WebExchange* web() const { return web_.get(); }
  // Sends the response to the web request, with the headers from the metadata that services have sent. `status` is the
  // HTTP status from the metadata, if there is one.
  void respond(Reply&& reply, std::optional<unsigned> status = std::nullopt);

  // unread(): returns true while the client does not read what it was sent. Session then parks the operations that
  // answer requests: it puts them aside until the client reads again. park(): remembers the key of a parked operation.
  // take_parked(): returns all these keys, and forgets them.
  bool unread() const { return unread_; }
  void set_unread(bool on) { unread_ = on; }
  void park(std::uint32_t operation) { parked_.push(operation); }
  OperationKeys take_parked();

  // Sends the node admit a Standing message if something has changed. The message says whether admit must hold back the
  // client's next requests: admit must do so while work is left over, and while the client does not read. The message
  // also says how many requests session has answered. If only this number has changed, session sends the message when
  // the number is large enough (SessionContext::answers_per_report).
  void tell_standing(bool work_is_left);

 private:
  SessionContext& session_;
  const ClientIdentity& identity_;
  std::unique_ptr<WebExchange> web_;
  LazyQueue<std::uint32_t> parked_;  // the keys of the parked operations
  std::uint32_t answered_ = 0;       // requests answered since the latest Standing message
  bool unread_ = false;              // the client does not read what it was sent
  bool held_ = false;                // the latest Standing message told the node admit to hold back requests
};

}  // namespace resflow
