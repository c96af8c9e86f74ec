// The session of one client connection. It knows the client's requests under way, and the resources that the client
// holds: those that it is subscribed to, directly or through references (RES-Client protocol, "Subscriptions", "Request
// types", "Events"). It handles the client's messages in order, and does long work in slices (agenda.hpp). client.hpp
// lists the classes that do the work.
//
// With each message that it sends, the session records what the client holds from then on. A direct subscription begins
// with the positive answer to its request. It ends with the answer to an unsubscribe request, or with an unsubscribe
// event. A message that makes the client hold more resources must also contain their data, if the client does not have
// it yet. So the session first loads all resources that the message names, and everything that these refer to. Only
// then it sends the message.
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

  // Handles a message at once, or puts it into the inbox if earlier work for this client is left over.
  template <typename Message>
  void take(Message&& m) {
    if (is_busy()) return defer(std::move(m));
    handle(std::move(m));
    run();
  }
  // Handles an Unread message, which says whether the client reads from its connection. Records this at once. If the
  // client reads again, the operations that were put aside meanwhile (ClientOutput::park) are continued. They are
  // continued after the messages that already wait in the inbox.
  void take_unread(Unread&& m);
  // A LoadResult is the cache's answer for a subscription: the resource's state, or an error. It contains a ticket,
  // which is a number by which Session finds the subscription. take_loaded(): handles the LoadResult now; before the
  // call, Session ends the ticket. defer_loaded(): puts the LoadResult into the inbox, because earlier work for the
  // client is left over; the ticket stays valid until the LoadResult is taken out.
  void take_loaded(Subscription& s, const LoadResult& m);
  void defer_loaded(Ticket ticket, const LoadResult& m) {
    defer(WaitingLoadResult{ticket, m.resource, m.snapshot, m.error});
  }
  // Does the work that is left over for the client, until none is left or the client has used up its share of work in
  // this turn of the event loop.
  void run();
  // Does the same as run(), for a client that Session has just taken out of the queue of clients with work left over
  // (Session::ring_).
  void run_again();
  // Returns true while work is left over. Further messages wait in the inbox then.
  bool is_busy() const { return client_.work.is_left(); }

  // Header authentication: a service identifies the user by the HTTP headers, which it gets in an auth request.
  // serve(): serves one web request, after such an auth request if `auth` is set. decide_opening(): sends such an auth
  // request, and its answer decides whether the gateway opens a WebSocket connection.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  void decide_opening(const HeaderAuth& auth);
  // Returns true if this session was made for one web request, and has sent the response. Session must then end it.
  bool done() const;

  // Closes the client's connection, or answers the web request with an error. Session calls this after an exception,
  // since the client's data may be inconsistent then. After this, no more work is done for the client.
  void fail();
  // Session calls these when the connection is gone. end(): drops all work. release(): removes the subscriptions.
  // Returns false if some are left, because this turn of the event loop allows no more work; Session then calls it
  // again in the next turn. After end(), only release() and take_loaded() may be called.
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
