// The subscriptions of a client's session. A subscription is made when it is first needed, and removed when neither the
// client nor an operation needs it.
#include "nodes/session/client_session.hpp"

#include "nodes/base/check.hpp"
#include "nodes/session/session.hpp"
#include "nodes/session/web_exchange.hpp"

namespace resflow {

namespace {

constexpr std::uint32_t kProtocolUnknown = 1'001'001;         // "the gateway SHOULD assume version v1.1.x"
constexpr std::uint32_t kProtocolSoftReferences = 1'002'001;  // below it, a client is a legacy client
constexpr std::size_t kFew = 64;  // up to so many resources are handled at once; slices would cost more

}  // namespace

ClientSession::ClientSession(SessionContext& context, ConnId conn, ClientInfoPtr info)
    : context_(context), conn_(conn), info_(std::move(info)), protocol_(kProtocolUnknown) {}

ClientSession::~ClientSession() = default;

bool ClientSession::legacy() const {
  return protocol_ < kProtocolSoftReferences;
}

// Ends the session and its operations. release() then gives back the subscriptions.
void ClientSession::end() {
  ended_ = true;
  agenda_ = nullptr;
  operations_.clear();
}

bool ClientSession::release() {
  while (!subscriptions_.empty()) {
    if (!may_work()) return false;
    const std::unique_ptr<Subscription> s = subscriptions_.take_last();
    withdraw(*s);
    if (s->linked()) context_.unlink(*s, true);
    spend(1);
  }
  return true;
}

Subscription* ClientSession::find(const RidPtr& rid) {
  return subscriptions_.find(rid);
}

Subscription& ClientSession::obtain(const RidPtr& rid) {
  if (Subscription* known = subscriptions_.find(rid)) return *known;
  return make(rid);
}

// There must be no subscription for `rid` yet.
Subscription& ClientSession::make(const RidPtr& rid) {
  return subscriptions_.add(std::make_unique<Subscription>(*this, rid, expand_cid(rid, cid())));
}

void ClientSession::start_loading(Subscription& s, ThrottleId throttle) {
  spend(WorkShares::kLoadUnits);
  if (s.reaccess && has_requests(s)) recheck(s);
  s.state = SubscriptionState::loading;
  const Ticket ticket = context_.give_ticket(s);
  s.make_progress().ticket = ticket;
  context_.out().cache.emplace_back(std::in_place_type<Subscribe>, s.target, ticket, throttle);
}

// Ends the wait for a resource that is being loaded. If the resource is linked, its state has come and waits in the
// inbox.
void ClientSession::withdraw(Subscription& s) {
  if (s.state != SubscriptionState::loading) return;
  context_.take_back(s.progress().ticket);
  if (s.linked()) return context_.unlink(s, true);
  context_.out().cache.emplace_back(Withdraw{s.target, s.progress().ticket});
}

// Ends everything that is under way on the subscription, and forgets its state. An operation that still needs the
// resource will load it again. A load under way goes on. A reaccess event that is not handled yet is kept, and one may
// be missed from now on, so the verdict is not relied on any more.
void ClientSession::reset(Subscription& s) {
  const bool hears_events = s.linked() && s.state != SubscriptionState::loading;
  if (hears_events) context_.unlink(s, true);
  s.access.cancel_recheck();
  if (hears_events) doubt_verdict(s);
  if (Operation* blocked_by = s.progress().blocked_by) finish(*blocked_by);
  if (s.state != SubscriptionState::loading) s.state = SubscriptionState::idle;
  if (s.at_rest()) return;
  Progress& progress = s.make_progress();
  progress.snapshot = nullptr;
  progress.error = nullptr;
  progress.waiting.clear();
}

void ClientSession::drop_if_unused(Subscription& s) {
  if (s.held || s.pins > 0) return s.settle();
  reset(s);
  withdraw(s);
  if (s.access.is_known()) context_.out().authorize.emplace_back(Release{conn_, s.rid});
  subscriptions_.remove(s.rid);
}

// Lets go of the resources that the client does not hold any more after its latest message. To find them may be much
// work, so it waits for the next share if this one is used up.
void ClientSession::let_go() {
  if (!may_work()) return push({Task::Kind::let_go});
  const std::vector<Held*> collected = holdings_.collect();
  spend(holdings_.traced());
  if (collected.empty()) return;
  Task task{Task::Kind::reset_gone};
  task.list.reserve(collected.size());
  for (Held* item : collected) {
    auto* s = static_cast<Subscription*>(item);
    ++s->pins;
    task.list.push_back(s);
  }
  if (task.list.size() > kFew) return push(std::move(task));
  for (Subscription* s : task.list) reset(*s);
  unpin(std::move(task.list));
}

// Takes one pin off each, and removes the unused ones. The list may have a subscription twice: it stays until its last
// pin.
void ClientSession::unpin(Subscriptions&& pins) {
  if (pins.size() > kFew) return push({Task::Kind::unpin, 0, nullptr, nullptr, std::move(pins)});
  spend(pins.size());
  for (Subscription* s : pins) {
    RESFLOW_DEBUG_CHECK(s->pins > 0);
    --s->pins;
    drop_if_unused(*s);
  }
}

// Counts a direct subscription that has been asked for. A resource counts once for the client's limit, however often
// the client subscribes to it.
void ClientSession::want_direct(Subscription& s) {
  if (s.direct + s.pending_direct++ == 0) ++direct_;
}

void ClientSession::unwant_direct(Subscription& s) {
  RESFLOW_CHECK(s.pending_direct > 0 && direct_ > 0);
  if (s.direct + --s.pending_direct == 0) --direct_;
}

void ClientSession::unsubscribe(Subscription& s, std::uint32_t count) {
  holdings_.unsubscribe(s, count);
  if (s.direct + s.pending_direct == 0) --direct_;
}

void ClientSession::close(std::string reason) {
  context_.out().encode.emplace_back(CloseClient{conn_, 1008, std::move(reason)});
}

}  // namespace resflow
