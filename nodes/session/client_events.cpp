#include "nodes/session/client_events.hpp"

#include <algorithm>

#include "nodes/session/client_access.hpp"
#include "nodes/session/client_loading.hpp"
#include "nodes/session/client_operations.hpp"

namespace resflow {

void ClientEvents::handle_event(const EventFor& m) {
  Subscription* s = client_.records.find(m.rid);
  if (s == nullptr || s->resource != m.resource) return;
  // While the resource is `loading`, the session drops its events. The cache has already answered with the state (else
  // s->resource would not be set): the answer, a LoadResult message, waits in the inbox behind this event. That state
  // is newer than the event, and contains what the event has changed.
  if (s->state == SubscriptionState::loading) return;
  if (m.event->kind == EventKind::reaccess) {
    // Not queued: the session must ask again whether the client may read the resource, and queued events wait for that
    // answer.
    s->reaccess = true;
    s->make_progress().reaccess_throttle = m.event->throttle;
  } else {
    queue(*s, m.event);
  }
  if (s->state == SubscriptionState::live) start_drain(*s);
}

// Queues an event of the resource until it can be sent. Events wait in three cases:
//
//   1. The session has the resource's state, but has not sent it to the client yet.
//   2. An earlier event waits until the resources to which it refers are loaded.
//   3. The session waits for a new verdict: may the client still read the resource?
//
// At most limits().waiting_events events may wait for one resource. If one more comes in case 1, the session drops the
// state and the events, and loads the resource anew. In cases 2 and 3, it closes the client's connection.
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

// Handles one waiting event of a resource. First pushes `task` back onto the stack of tasks, for the next event. The
// work that this event causes then lies above `task`, and is done before the next event. The task ends when no event is
// left, or when the events must wait longer.
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
  // The event refers to resources that the client does not have. An operation keeps the event until the session has
  // loaded these resources.
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

// Handles the last event of a resource, a delete event. Normally the service has sent it. It can also come from the
// cache node, because the gateway cannot get the resource's events any more; then `reason` says why. RES-Client
// protocol, "Delete event": "The resource is still to be considered subscribed, but the client will not receive any
// more events".
void ClientEvents::deleted(Subscription& s, const EventPtr& event) {
  client_.session.unlink(s, false);
  s.state = SubscriptionState::deleted;
  s.make_progress().waiting.clear();
  s.assume_reaccess();
  // Without `reason`, the service has deleted the resource, and the client gets the delete event. With `reason`, only a
  // client that has the resource through a reference (`indirect`) gets it. A client that has only asked for the
  // resource itself (`direct`) learns the reason from the unsubscribe event, which revoke() sends.
  if (event->reason == nullptr || s.indirect > 0) client_.output.deliver(s, event);
  if (s.direct > 0) ClientAccess(client_).revoke(s, event->reason ? event->reason : errors::deleted);
  // If a request of the client for this resource is not answered yet, the session loads the resource again. Otherwise
  // the request would be answered with the old state, and the client would expect events, but none would come.
  if (s.has_requests()) s.refresh();
}

}  // namespace resflow
