// Events for a client (RES-Client protocol, "Events"). They are sent in order for each resource, and only for a
// resource whose state the client has. Part of ClientSession.
#include <algorithm>

#include "nodes/session/session.hpp"

namespace resflow {

void ClientSession::handle(EventFor&& m) {
  Subscription* s = find(m.rid);
  if (s == nullptr || s->resource != m.resource) return;
  if (s->state == SubscriptionState::loading) return;  // the event is older than the state, which waits in the inbox
  if (m.event->kind == EventKind::reaccess) {
    s->reaccess = true;  // not queued, since it concerns the waiting events as well
    s->make_progress().reaccess_throttle = m.event->throttle;
  } else {
    queue(*s, m.event);
  }
  if (s->state == SubscriptionState::live) start_drain(*s);
}

// Queues an event of the resource. Events wait while the resource is being loaded, while an earlier event waits for its
// references, or while access is being checked again. If too many wait for the client to get the state, the resource is
// loaded anew; in the other cases the client is closed.
void ClientSession::queue(Subscription& s, const EventPtr& event) {
  LazyQueue<EventPtr>& waiting = s.make_progress().waiting;
  waiting.push(event);
  if (waiting.size() <= context_.limits().waiting_events) return;
  if (s.state == SubscriptionState::loaded) {
    reset(s);
    start_loading(s, 0);  // no throttle, since the cache has the state
  } else {
    close("too many events waiting for a resource");
  }
}

void ClientSession::start_drain(Subscription& s) {
  if (std::exchange(s.draining, true)) return;
  ++s.pins;
  push({Task::Kind::drain, 0, nullptr, &s});
}

// Handles one waiting event, if nothing is in its way. The work that it leads to is done before the next event.
void ClientSession::drain(Task&& task) {
  Subscription& s = *task.subscription;
  const bool open = s.state == SubscriptionState::live && s.progress().blocked_by == nullptr && !s.access.events_wait();
  if (!open || (!s.reaccess && s.progress().waiting.empty())) {
    s.draining = false;
    --s.pins;
    return drop_if_unused(s);
  }
  push(std::move(task));
  spend(1);
  if (s.reaccess) return recheck(s);
  process(s, s.make_progress().waiting.pop());
}

void ClientSession::process(Subscription& s, const EventPtr& event) {
  switch (event->kind) {
    case EventKind::change:
    case EventKind::add:
    case EventKind::remove:
      if (all_sent(event->added)) return apply(s, event, {});
      break;
    case EventKind::deleted:
      return deleted(s, event);
    default:
      return deliver(s, event);
  }
  // The event makes the client hold more resources. It waits until they are loaded.
  Operation& op = start(Operation::Kind::event, s);
  op.event = event;
  op.walk = std::make_unique<ReferenceWalk>();
  op.walk->add_added(event);
  s.make_progress().blocked_by = &op;
  if (!proceed(op)) push({Task::Kind::proceed, op.key});
}

bool ClientSession::all_sent(const std::vector<RidPtr>& rids) {
  return std::all_of(rids.begin(), rids.end(), [this](const RidPtr& rid) {
    const Subscription* s = find(rid);
    return s != nullptr && s->sent();
  });
}

// Applies an event whose references are all here, and sends it. New references are counted before old ones are removed,
// so that a resource to which a reference only moves is not let go.
void ClientSession::apply(Subscription& s, const EventPtr& event, ResourceSet set) {
  for (const RidPtr& rid : event->added) holdings_.refer(s, obtain(rid));
  for (const RidPtr& rid : event->removed) {
    if (Subscription* to = find(rid)) holdings_.unrefer(s, *to);
  }
  deliver(s, event, std::move(set));
  let_go();
}

// Handles the end of a resource's events. "Delete event": "The resource is still to be considered subscribed, but the
// client will not receive any more events".
void ClientSession::deleted(Subscription& s, const EventPtr& event) {
  context_.unlink(s, false);
  s.state = SubscriptionState::deleted;
  s.make_progress().waiting.clear();
  doubt_verdict(s);
  // If there is a reason, the resource still exists, and only its events cannot be had. A client that refers to it must
  // know this, so it gets the event all the same.
  if (event->reason == nullptr || s.indirect > 0) deliver(s, event);
  if (s.direct > 0) revoke(s, event->reason ? event->reason : errors::deleted);
  // Requests under way do not get the last state: nobody would tell the client that its new subscription is dead. The
  // resource is loaded again for them.
  if (has_requests(s)) refresh(s);
}

void ClientSession::deliver(const Subscription& s, const EventPtr& event, ResourceSet set) {
  context_.out().encode.emplace_back(std::in_place_type<Delivery>, event, s.rid, legacy(), std::move(set),
                                     Recipients{conn_});
}

}  // namespace resflow
