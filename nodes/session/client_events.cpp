#include "nodes/session/client_events.hpp"

#include <algorithm>

#include "nodes/session/client_access.hpp"
#include "nodes/session/client_loading.hpp"
#include "nodes/session/client_operations.hpp"

namespace resflow {

void ClientEvents::handle_event(const EventFor& m) {
  Subscription* s = client_.records.find(m.rid);
  if (s == nullptr || s->resource != m.resource) return;
  // If the subscription is still `loading`, its LoadResult waits in the inbox behind this event. The LoadResult came
  // later, and its state contains what the event changed already. So session drops the event.
  if (s->state == SubscriptionState::loading) return;
  if (m.event->kind == EventKind::reaccess) {
    s->reaccess = true;  // not queued, since the queued events must wait for the new verdict
    s->make_progress().reaccess_throttle = m.event->throttle;
  } else {
    queue(*s, m.event);
  }
  if (s->state == SubscriptionState::live) start_drain(*s);
}

// Queues an event of the resource until it can be sent. Events wait in three cases. First, session has the resource's
// state, but the client does not have it yet. Second, an earlier event waits until its references are loaded. Third,
// session waits for a new verdict. If too many events wait in the first case, session forgets the state and the events,
// and loads the resource anew. In the other two cases, it closes the client's connection.
void ClientEvents::queue(Subscription& s, const EventPtr& event) {
  LazyQueue<EventPtr>& waiting = s.make_progress().waiting;
  waiting.push(event);
  if (waiting.size() <= client_.session.limits().waiting_events) return;
  if (s.state == SubscriptionState::loaded) {
    client_.records.forget_state(s);
    ClientLoading(client_).start_loading(s, 0);  // 0: no throttle is needed, since the cache has the state
  } else {
    client_.output.close("too many events waiting for a resource");
  }
}

void ClientEvents::start_drain(Subscription& s) {
  if (std::exchange(s.draining, true)) return;
  ++s.pins;
  client_.work.push({Task::Kind::drain, 0, nullptr, &s});
}

// Handles one waiting event, and pushes the task again for the next event. It pushes the task first: the work that the
// event causes then lies above it on the stack of tasks, and is done before the next event. The task ends when no event
// is left, or when the events must wait longer.
void ClientEvents::drain(Task&& task) {
  Subscription& s = *task.subscription;
  const bool open = s.state == SubscriptionState::live && s.progress().blocked_by == nullptr && !s.access.events_wait();
  if (!open || (!s.reaccess && s.progress().waiting.empty())) {
    s.draining = false;
    --s.pins;
    return client_.records.drop_if_unused(s);
  }
  client_.work.push(std::move(task));
  client_.work.spend(1);
  if (s.reaccess) return ClientAccess(client_).recheck(s);
  process(s, s.make_progress().waiting.pop());
}

void ClientEvents::process(Subscription& s, const EventPtr& event) {
  switch (event->kind) {
    case EventKind::change:
    case EventKind::add:
    case EventKind::remove:
      if (all_sent(event->added)) return ClientOperations(client_).apply(s, event, {});
      break;
    case EventKind::deleted:
      return deleted(s, event);
    default:
      return client_.output.deliver(s, event);
  }
  // The event refers to resources that the client does not have. An operation keeps the event until session has loaded
  // these resources.
  Operation& op = client_.records.start(Operation::Kind::event, s);
  op.event = event;
  op.to_load = std::make_unique<ReferenceWalk>();
  op.to_load->add_added(event);
  s.make_progress().blocked_by = &op;
  if (!ClientOperations(client_).proceed(op)) client_.work.push({Task::Kind::proceed, op.key});
}

bool ClientEvents::all_sent(const std::vector<RidPtr>& rids) const {
  return std::all_of(rids.begin(), rids.end(), [this](const RidPtr& rid) {
    const Subscription* s = client_.records.find(rid);
    return s != nullptr && s->sent();
  });
}

// Handles the final event of a resource: a delete event from the service, or an event from the cache whose `reason`
// says why the gateway cannot get the resource's events any more. "Delete event": "The resource is still to be
// considered subscribed, but the client will not receive any more events".
void ClientEvents::deleted(Subscription& s, const EventPtr& event) {
  client_.session.unlink(s, false);
  s.state = SubscriptionState::deleted;
  s.make_progress().waiting.clear();
  s.assume_reaccess();
  // If there is a reason, the resource still exists, but the gateway cannot get its events. A client that holds the
  // resource by a reference must know this, so session sends it the delete event. A client with direct subscriptions
  // gets an unsubscribe event below.
  if (event->reason == nullptr || s.indirect > 0) client_.output.deliver(s, event);
  if (s.direct > 0) ClientAccess(client_).revoke(s, event->reason ? event->reason : errors::deleted);
  // If a request for the resource is under way, its answer must not be the old state of the deleted resource: the
  // client would not learn that its new subscription gets no events. So session loads the resource again.
  if (s.has_requests()) s.refresh();
}

}  // namespace resflow
