#include "nodes/session/client_loading.hpp"

#include "nodes/base/check.hpp"
#include "nodes/session/client_access.hpp"

namespace resflow {

// Asks the cache for the resources that the operation (a request or an event) still needs. Has at most `most_loading`
// of them under way at a time, since too many answers at once would delay other clients. Is called again when one of
// them has come. Returns false if the client has used up its share of work in this turn of the event loop.
bool ClientLoading::visit(Operation& op) {
  constexpr std::uint32_t most_loading = 1'024;
  while (op.to_load && op.waiting < most_loading) {
    if (!client_.work.may_work()) return false;
    visit(op, op.to_load->next());
    if (op.to_load && op.to_load->empty()) op.to_load = nullptr;
  }
  return true;
}

void ClientLoading::visit(Operation& op, const RidPtr& rid) {
  client_.work.spend(1);
  if (Subscription* known = client_.records.find(rid)) return visit(op, *known);
  if (client_.records.subscription_count() >= client_.session.limits().subscriptions) return exceed(op, rid);
  visit(op, client_.records.make(rid));
}

// Called when one more resource would exceed the client's limit of subscriptions. A request that needs the resource is
// answered with an error. An event cannot be refused: the client gets the event, with an error in place of the
// resource. But such a resource counts as a subscription, too, so events can take the client over the limit. At more
// than twice the limit, its connection is closed.
void ClientLoading::exceed(Operation& op, const RidPtr& rid) {
  if (op.kind != Operation::Kind::event) {
    op.refused = errors::subscription_limit_exceeded;
    op.to_load = nullptr;
    return;
  }
  Subscription& s = client_.records.make(rid);
  s.state = SubscriptionState::failed;
  s.make_progress().error = errors::subscription_limit_exceeded;
  visit(op, s);
  if (client_.records.subscription_count() <= 2 * client_.session.limits().subscriptions) return;
  client_.output.close("too many subscriptions");
}

void ClientLoading::visit(Operation& op, Subscription& s) {
  if (s.sent() || s.visit == op.serial) return;
  s.visit = op.serial;
  want(op, s);
  if (s.state == SubscriptionState::loaded) add_to_walk(op, s.progress().snapshot);
}

void ClientLoading::add_to_walk(Operation& op, const SnapshotPtr& snapshot) {
  if (snapshot->references.empty() || op.refused) return;
  if (!op.to_load) op.to_load = std::make_unique<ReferenceWalk>();
  op.to_load->add(snapshot);
}

// If the resource is not loaded, makes the operation wait for it, and asks the cache for it if nobody has done so yet.
// In any case, keeps its subscription from being removed. All resources of one operation share one throttle, which
// limits how many get requests to services are under way at once.
void ClientLoading::want(Operation& op, Subscription& s) {
  client_.records.pin(op, s);
  if (s.state == SubscriptionState::idle) {
    start_loading(s, throttle_id(ThrottleKind::reference, client_.conn().lane, op.key));
  }
  if (s.state != SubscriptionState::loading) return;
  s.make_progress().loaders.push_back(&op);
  ++op.waiting;
}

void ClientLoading::start_loading(Subscription& s, ThrottleId throttle) {
  client_.work.spend(WorkShares::kLoadUnits);
  if (s.reaccess && s.has_requests()) ClientAccess(client_).recheck(s);
  Progress& progress = s.make_progress();
  progress.ticket = client_.session.give_ticket(s);
  s.state = SubscriptionState::loading;
  client_.out().cache.emplace_back(std::in_place_type<Subscribe>, s.target, progress.ticket, throttle);
}

OperationKeys ClientLoading::loaded(Subscription& s, const LoadResult& m) {
  Progress& progress = s.make_progress();
  progress.ticket = 0;
  if (m.error) {
    s.state = SubscriptionState::failed;
    progress.error = m.error;
    s.reaccess = false;
    s.assume_reaccess();
  } else {
    s.state = SubscriptionState::loaded;
    progress.snapshot = m.snapshot;
  }
  // Each operation that waited for this resource can now ask for the resources that the new state refers to. Operations
  // that can go on after that are only listed here, and the caller continues them. If the loop continued them, one of
  // them might end another one, and so change `loaders` during the loop.
  OperationKeys keys;
  for (Operation* op : progress.loaders) {  // nothing is added to `loaders` meanwhile, since the resource is loaded
    RESFLOW_DEBUG_CHECK(op->waiting > 0);
    --op->waiting;
    if (m.snapshot) add_to_walk(*op, m.snapshot);
    if (!visit(*op) || op->waiting == 0 || op->refused) keys.push_back(op->key);
  }
  progress.loaders.clear();
  return keys;
}

}  // namespace resflow
