// Subscriptions of a session: made when first needed, let go when neither the client nor an operation needs them.
#include "nodes/client_session.hpp"

#include "nodes/session.hpp"
#include "nodes/web_exchange.hpp"

namespace resflow {

namespace {

constexpr std::uint32_t kProtocolUnknown = 1'001'001;  // "the gateway SHOULD assume version v1.1.x"
constexpr std::uint32_t kProtocolSoftReferences = 1'002'001;

}  // namespace

ClientSession::ClientSession(SessionContext& context, ConnId conn, ClientInfoPtr info)
    : context_(context), conn_(conn), info_(std::move(info)), protocol_(kProtocolUnknown) {}

ClientSession::~ClientSession() = default;

bool ClientSession::legacy() const {
  return protocol_ < kProtocolSoftReferences;
}

void ClientSession::end() {
  subscriptions_.for_each([this](Subscription& s) {
    if (s.linked()) context_.unlink(s, true);
    withdraw(s);
  });
  subscriptions_.clear();
  operations_.clear();
}

Subscription* ClientSession::find(const RidPtr& rid) {
  return subscriptions_.find(rid);
}

Subscription& ClientSession::obtain(const RidPtr& rid) {
  if (Subscription* known = subscriptions_.find(rid)) return *known;
  return subscriptions_.add(std::make_unique<Subscription>(*this, rid, expand_cid(rid, cid())));
}

void ClientSession::obtain_all(const std::vector<RidPtr>& rids, std::vector<Subscription*>& all) {
  subscriptions_.expect(rids.size());
  for (const RidPtr& rid : rids) all.push_back(&obtain(rid));
}

void ClientSession::start_loading(Subscription& s, ThrottleId throttle) {
  s.state = SubscriptionState::loading;
  const Ticket ticket = context_.give_ticket(s);
  s.make_progress().ticket = ticket;
  context_.out().merge.emplace_back(Subscribe{s.target, ticket, throttle});
}

// Nobody waits for what is being loaded.
void ClientSession::withdraw(const Subscription& s) {
  if (s.state != SubscriptionState::loading) return;
  context_.take_back(s.progress().ticket);
  context_.out().merge.emplace_back(Withdraw{s.target, s.progress().ticket});
}

// Back to nothing but a name; what an operation still wants of it will be loaded anew, and a load under way goes on.
// That access is to be checked again is not forgotten.
void ClientSession::reset(Subscription& s) {
  if (s.linked()) context_.unlink(s, true);
  if (Operation* blocked_by = s.progress().blocked_by) finish(*blocked_by);
  if (s.state != SubscriptionState::loading) s.state = SubscriptionState::idle;
  s.rechecking = false;
  if (s.progress().nothing()) return;
  Progress& progress = s.make_progress();
  progress.snapshot = nullptr;
  progress.error = nullptr;
  progress.waiting.clear();
}

void ClientSession::drop_if_unused(Subscription& s) {
  if (s.held || s.pins > 0) return s.settle();
  reset(s);
  withdraw(s);
  if (s.asked) context_.out().authorize.emplace_back(Release{conn_, s.rid});
  subscriptions_.remove(s.rid);
}

// Lets go of all that the client does not hold any more after its latest message.
void ClientSession::let_go() {
  const std::vector<Held*> gone = holdings_.collect();
  for (Held* item : gone) ++static_cast<Subscription*>(item)->pins;
  for (Held* item : gone) reset(*static_cast<Subscription*>(item));
  for (Held* item : gone) {
    auto& s = *static_cast<Subscription*>(item);
    --s.pins;
    drop_if_unused(s);
  }
}

void ClientSession::close(std::string reason) {
  context_.out().encode.emplace_back(CloseClient{conn_, 1008, std::move(reason)});
}

}  // namespace resflow
