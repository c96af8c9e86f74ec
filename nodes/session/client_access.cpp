#include "nodes/session/client_access.hpp"

namespace resflow {

// Makes the operation (the work for one answer) wait for the verdict: may the client read the resource? Returns true if
// the session must ask the authorize node. Returns false if the session already waits for a verdict on the resource;
// that verdict then serves this operation, too.
bool ClientAccess::await_verdict(Operation& op) {
  Subscription& s = *op.subject;
  op.awaits_verdict = true;
  s.make_progress().awaiting_verdict.push_back(&op);
  return s.access.question();
}

// Asks the authorize node whether the client may read the operation's resource. Normally sends a Question message; the
// authorize node may answer it with the verdict that it remembers. But this verdict may be out of date while the
// session gets no events of the resource (as after a failed load), because services announce a change of access by an
// event. Then the session sends a Recheck message instead, and the authorize node asks the service again.
void ClientAccess::question(Operation& op) {
  Subscription& s = *op.subject;
  const bool remembered = s.access.is_known();
  if (!await_verdict(op)) return;
  const bool hears_events = s.linked() || s.state == SubscriptionState::loading;
  s.question = client_.session.next_serial();
  if (remembered && !hears_events) {
    s.reaccess = false;
    client_.out().authorize.emplace_back(Recheck{client_.conn(), s.rid, s.target, true, 0, s.question});
    return;
  }
  client_.out().authorize.emplace_back(std::in_place_type<Question>, client_.conn(), s.rid, s.target, s.question);
}

// Handles a new token of the client. RES-Service protocol, "Connection token event": "A change of token will invalidate
// any previous access response". So the session asks for a new verdict for each unanswered subscribe or get request,
// even if the request already has a verdict or one is on its way. It also asks for each resource to which the client
// has a direct subscription.
void ClientAccess::token_set(TokenEvent&& event) {
  TokenChanged changed{client_.conn(), std::move(event), {}};
  const auto add_question = [&](Subscription& s) {
    s.question = client_.session.next_serial();
    changed.questions.push_back({client_.conn(), s.rid, s.target, s.question});
  };
  client_.records.for_each_operation([&](Operation& op) {
    if (op.kind == Operation::Kind::event) return;
    if (!op.awaits_verdict) await_verdict(op);
    add_question(*op.subject);
  });
  client_.records.for_each_subscription([&](Subscription& s) {
    if (s.direct == 0) return;
    s.access.recheck();
    add_question(s);
  });
  client_.out().authorize.emplace_back(std::move(changed));
}

// Makes the authorize node forget its verdict on the resource, since the client's access may have changed. Asks for a
// new verdict if the client has a direct subscription on the resource, or unanswered requests for it. Until the new
// verdict comes, these requests wait; with a direct subscription, the resource's events wait, too.
void ClientAccess::recheck(Subscription& s) {
  s.reaccess = false;
  await_verdict_again(s);
  const bool ask = s.direct > 0 || s.access.verdict_is_awaited();
  if (!ask && !s.access.is_known()) return;
  if (s.direct > 0) s.access.recheck();
  if (ask) s.question = client_.session.next_serial();
  const ThrottleId throttle = s.progress().reaccess_throttle;
  client_.out().authorize.emplace_back(Recheck{client_.conn(), s.rid, s.target, ask, throttle, s.question});
}

// Makes all unanswered requests for the resource wait for a new verdict, even if they already have a verdict.
void ClientAccess::await_verdict_again(const Subscription& s) {
  if (!s.has_requests()) return;
  client_.work.spend(client_.records.operation_count());
  client_.records.for_each_operation([&](Operation& op) {
    if (op.subject == &s && op.kind != Operation::Kind::event && !op.awaits_verdict) await_verdict(op);
  });
}

void ClientAccess::revoke(Subscription& s, const ErrorPtr& reason) {
  auto event = std::make_shared<ResourceEvent>();
  event->kind = EventKind::unsubscribe;
  event->name = "unsubscribe";
  event->data = R"({"reason":)";
  append_error(event->data, *reason);
  event->data += '}';
  client_.output.deliver(s, event);
  client_.records.unsubscribe(s, s.direct);
  client_.records.let_go();
}

}  // namespace resflow
