// The session of one client connection: its requests under way, and the resources that it holds (RES-Client protocol,
// "Subscriptions", "Request types", "Events"). Session makes one for each connection and hands it the client's
// messages. This class takes the messages in order, and does the work that they lead to in slices and without
// recursion (agenda.hpp). client.hpp tells of the parts that do the work.
//
// The session must know exactly what its client holds: after every message, it has recorded what a client that follows
// the protocol then holds. A direct subscription counts from its positive answer until the answer to its unsubscribe. A
// message that makes the client hold more resources carries all of them that the client does not have yet. So an
// operation (a request, or an event with new references) first loads its closure, that is, all resources that it needs
// and everything they refer to. It is committed in one step when the closure is complete.
//
// Pure; owned by Session, called by its lane only.
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
  bool legacy() const { return client_.identity.legacy(); }  // the client's protocol is below 1.2.1

  // Handles a message. While earlier work is left over, the message waits in the inbox.
  template <typename Message>
  void take(Message&& m) {
    if (is_busy()) return defer(std::move(m));
    handle(std::move(m));
    run();
  }
  // Handles an Unread message. Not reading takes effect at once; reading again takes effect in order with other
  // messages.
  void take_unread(Unread&& m);
  // Handle a LoadResult for one subscription of this client: take_loaded() if the session is free, and the ticket is
  // redeemed; defer_loaded() if it is busy, and the ticket is still valid. One LoadResult may be for very many
  // subscriptions, so it is not split into messages.
  void take_loaded(Subscription& s, const LoadResult& m);
  void defer_loaded(Ticket ticket, const LoadResult& m) {
    defer(WaitingLoadResult{ticket, m.resource, m.snapshot, m.error});
  }
  // Does the work that is left over, as far as the client's share of the turn allows.
  void run();
  void run_again();  // the same, when Session has taken the client out of its ring
  // Returns true while work is left over. Events have to wait then.
  bool is_busy() const { return client_.work.is_left(); }

  // Serves one web request, or decides whether a WebSocket connection is opened. With `auth`, a service is asked first.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  void decide_opening(const HeaderAuth& auth);
  // Returns true if the answer has been given and the session has to be ended.
  bool done() const;

  // Must be called when another function has thrown. What the session knows of the client may be wrong now, so it does
  // nothing any more until end() is called, and the client's connection is closed. A web request gets an error.
  void fail();
  // end() is called when the connection is gone. Then release() gives the subscriptions back to the cache, in slices,
  // until it has returned true. Only take_loaded() may still be called meanwhile.
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
