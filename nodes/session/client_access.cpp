// What a client may read: the questions that its session asks authorize, the verdicts, and what follows when a verdict
// may be out of date. Part of ClientSession; access_state.hpp has the states of one resource.
#include "nodes/session/session.hpp"

namespace resflow {

// Makes the operation wait for the verdict on its resource. Returns true if authorize must be asked for it; otherwise
// the verdict that is awaited already serves this operation, too.
bool ClientSession::await_verdict(Operation& op) {
  Subscription& s = *op.subject;
  op.judging = true;
  s.make_progress().judged.push_back(&op);
  return s.access.question();
}

// Asks authorize whether the client may read the operation's resource. What authorize remembers does not count if no
// reaccess event could have come meanwhile, as for a resource that has failed.
void ClientSession::question(Operation& op) {
  Subscription& s = *op.subject;
  const bool remembered = s.access.is_known();
  if (!await_verdict(op)) return;
  const bool hears_events = s.linked() || s.state == SubscriptionState::loading;
  s.question = context_.next_serial();
  if (remembered && !hears_events) {
    s.reaccess = false;
    context_.out().authorize.emplace_back(Recheck{conn_, s.rid, s.target, true, 0, s.question});
    return;
  }
  context_.out().authorize.emplace_back(std::in_place_type<Question>, conn_, s.rid, s.target, s.question);
}

// A verdict that is not on the latest question is void: authorize has sent it before it got that question.
void ClientSession::handle(Verdict&& v) {
  Subscription* s = find(v.rid);
  if (s == nullptr || s->question != v.number) return;
  if (web_verdict(v)) return;
  ++s->pins;
  const bool rechecked = s->access.verdict();
  OperationKeys keys;
  for (Operation* op : std::exchange(s->make_progress().judged, {})) {
    op->judging = false;
    keys.push_back(op->key);
  }
  const bool events_wait = s->reaccess || !s->progress().waiting.empty();
  if (events_wait) push({Task::Kind::drain_name, 0, s->rid});  // done after the operations
  if (!v.denied) {
    try_to_proceed(keys);
  } else {
    if (rechecked && s->direct > 0) revoke(*s, v.denied);
    for (const std::uint32_t key : keys) {
      if (Operation* op = operations_.find(key)) deny(*op, v.denied);
    }
  }
  --s->pins;
  drop_if_unused(*s);
}

// Handles a new token. RES-Service protocol, "Connection token event": "A change of token will invalidate any previous
// access response". This includes the verdicts that operations have got and not used yet, and those on their way, so
// they are asked for again.
void ClientSession::token_set(TokenEvent&& event) {
  TokenChanged changed{conn_, std::move(event), {}};
  const auto add_question = [&](Subscription& s) {
    s.question = context_.next_serial();
    changed.questions.push_back({conn_, s.rid, s.target, s.question});
  };
  operations_.for_each([&](Operation& op) {
    if (op.kind == Operation::Kind::event) return;
    if (!op.judging) await_verdict(op);
    add_question(*op.subject);
  });
  subscriptions_.for_each([&](Subscription& s) {
    if (s.direct == 0) return;
    s.access.recheck();
    add_question(s);
  });
  context_.out().authorize.emplace_back(std::move(changed));
}

// Handles a "Reaccess event": asks again whether the client may read the resource. If it has a direct subscription,
// events wait for the verdict. Requests under way wait for it as well. If there is neither, the old verdict is only
// forgotten.
void ClientSession::recheck(Subscription& s) {
  s.reaccess = false;
  await_verdict_again(s);
  const bool ask = s.direct > 0 || s.access.verdict_is_awaited();
  if (!ask && !s.access.is_known()) return;
  if (s.direct > 0) s.access.recheck();
  if (ask) s.question = context_.next_serial();
  const ThrottleId throttle = s.progress().reaccess_throttle;
  context_.out().authorize.emplace_back(Recheck{conn_, s.rid, s.target, ask, throttle, s.question});
}

// The client hears no events of the resource from now on, so a reaccess event may be missed. It is as if one came when
// events are heard again: as soon as the resource is loaded for requests under way, else when the client gets it.
void ClientSession::doubt_verdict(Subscription& s) {
  if (s.access.is_known()) s.reaccess = true;
}

bool ClientSession::has_requests(const Subscription& s) {
  return s.pending_direct > 0 || s.progress().getting != nullptr;
}

// Makes requests for the resource wait for another verdict if they have got one and not used it yet.
void ClientSession::await_verdict_again(const Subscription& s) {
  if (!has_requests(s)) return;
  spend(operations_.size());
  operations_.for_each([&](Operation& op) {
    if (op.subject == &s && op.kind != Operation::Kind::event && !op.judging) await_verdict(op);
  });
}

// Ends all direct subscriptions of the client on the resource, and sends it an "Unsubscribe event". References to the
// resource keep it held.
void ClientSession::revoke(Subscription& s, const ErrorPtr& reason) {
  auto event = std::make_shared<ResourceEvent>();
  event->kind = EventKind::unsubscribe;
  event->name = "unsubscribe";
  event->data = R"({"reason":)";
  append_error(event->data, *reason);
  event->data += '}';
  deliver(s, event);
  unsubscribe(s, s.direct);
  let_go();
}

}  // namespace resflow
