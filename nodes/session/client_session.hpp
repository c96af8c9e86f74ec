// The session of one client connection: its requests under way, and the resources that the client holds (RES-Client
// protocol, "Subscriptions", "Request types", "Events"). Session makes a ClientSession for each connection, and hands
// the client's messages to it. ClientSession takes the messages in order, and does the work that they lead to in slices
// and without recursion (agenda.hpp). client.hpp lists the parts that do the work.
//
// The session must know exactly what its client holds. So with each message to the client, it records what a client
// that follows the protocol holds after that message. A direct subscription counts from the positive answer to its
// request until the answer to an unsubscribe request, or until an unsubscribe event. A message that makes the client
// hold more resources carries all of these resources that the client does not have yet. So an operation (a request, or
// an event with new references) first loads its closure, that is, all resources that it needs and everything these
// refer to. When the closure is complete, the session commits the operation in one step: it sends the message, and
// records what the client then holds.
//
// No I/O; owned by Session, called by its lane only.
#pragma once

#include <optional>
#include <utility>

#include "nodes/protocol/web_options.hpp"
#include "nodes/session/client.hpp"

namespace resflow {

class ClientSession {
 public:
  ClientSession(SessionContext& context, ConnId conn, ClientInfoPtr info)
      : client_(context, *this, conn, std::move(info)) {}

  ConnId conn() const { return client_.conn(); }
  bool legacy() const { return client_.identity.legacy(); }  // true if the client's protocol version is below 1.2.1

  // Handles a message. While earlier work is left over, the message waits in the inbox.
  template <typename Message>
  void take(Message&& m) {
    if (is_busy()) return defer(std::move(m));
    handle(std::move(m));
    run();
  }
  // Handles an Unread message, which says whether the client reads what it is sent. Records at once whether the client
  // reads. If the client reads again, continues the parked operations (ClientOutput::park), but only after the messages
  // that came earlier.
  void take_unread(Unread&& m);
  // take_loaded(): handles a LoadResult for one subscription of this client. Session calls it after it has removed the
  // subscription's ticket. defer_loaded(): puts the LoadResult into the inbox. Session calls it if the ClientSession is
  // busy; the ticket then stays valid. Session does not make a message for each subscription, because one LoadResult
  // may be for very many subscriptions.
  void take_loaded(Subscription& s, const LoadResult& m);
  void defer_loaded(Ticket ticket, const LoadResult& m) {
    defer(WaitingLoadResult{ticket, m.resource, m.snapshot, m.error});
  }
  // Does work that is left over for the client, until the client has used up its share of work in this turn.
  void run();
  // Does the same as run(). Session calls it when it has taken the client out of Session::ring_, the queue of clients
  // with work left over.
  void run_again();
  // Returns true while work is left over. Further messages wait in the inbox then.
  bool is_busy() const { return client_.work.is_left(); }

  // serve(): serves one web request. If `auth` is set, first sends an auth request to a service, and waits for the
  // answer. decide_opening(): sends an auth request, whose answer decides whether the gateway opens a WebSocket
  // connection.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  void decide_opening(const HeaderAuth& auth);
  // Returns true if this session has sent its HTTP response, so that Session must end it.
  bool done() const;

  // Closes the client's connection, or answers the web request with an error. Session calls this after an exception,
  // since what the ClientSession knows of the client may be wrong then. The ClientSession does no more work until
  // Session calls end().
  void fail();
  // end(): drops all work. Session calls it when the connection is gone. release(): removes the subscriptions, as many
  // as the turn allows. Session calls release() after end(), again and again until it returns true. Between these
  // calls, Session may call only take_loaded().
  void end();
  bool release() { return client_.records.release(); }

  std::size_t subscription_count() const { return client_.records.subscription_count(); }

 private:
  void handle(Boxed<Request>&& m);
  void handle(Boxed<CallReply>&& m);
  void handle(Boxed<TokenSet>&& m);
  void handle(WaitingLoadResult&& m);
  void handle(EventFor&& m);
  void handle(Unread&& m);
  void handle(Verdict&& m);
  void defer(ClientInput&& m);
  void step(Task&& task);

  Client client_;
  bool ended_ = false;
};

}  // namespace resflow
