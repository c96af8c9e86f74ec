#include "nodes/session/client_requests.hpp"

#include <charconv>

#include "nodes/session/client_access.hpp"
#include "nodes/session/client_loading.hpp"

namespace resflow {

namespace {

// How many times one client may be subscribed to the same resource. One more subscribe request gets an error.
constexpr std::uint32_t kMaxDirect = 256;

// Reads "MAJOR.MINOR.PATCH" as one number; each part must be below 1000. Returns nullopt if the text is no version.
std::optional<std::uint32_t> parse_version(std::string_view text) {
  std::uint32_t version = 0;
  for (int part = 0; part < 3; ++part) {
    std::uint32_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || number >= 1000) return std::nullopt;
    version = version * 1000 + number;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (part == 2) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return version;
}

}  // namespace

void ClientRequests::handle_request(Request&& r) {
  switch (r.kind) {
    case RequestKind::invalid:
      return client_.output.reply(r.id, ReplyForm::error, r.error);
    case RequestKind::version:
      return set_version(r);
    case RequestKind::subscribe:
      return subscribe(r.id, r.rid, Operation::Kind::subscribe);
    case RequestKind::get:
      return subscribe(r.id, r.rid, Operation::Kind::get);
    case RequestKind::unsubscribe:
      return unsubscribe(r);
    case RequestKind::call:
    case RequestKind::create:
      return call(std::move(r));
    case RequestKind::auth:
      return auth(std::move(r));
    case RequestKind::web:
    case RequestKind::count_:
      return;  // a request of these kinds never comes here
  }
}

void ClientRequests::set_version(const Request& r) {
  if (!r.protocol.empty()) {
    const auto version = parse_version(r.protocol);
    if (!version) return client_.output.reply(r.id, ReplyForm::error, errors::invalid_params);
    if (*version < 1'000'000 || *version >= 2'000'000) {
      return client_.output.reply(r.id, ReplyForm::error, errors::unsupported_protocol);
    }
    client_.identity.protocol = *version;
  }
  client_.output.reply(r.id, ReplyForm::protocol);
}

// Asks the authorize node whether the client may read the resource, and at the same time asks the cache for the
// resource. The client gets the resource when both answers have come.
void ClientRequests::subscribe(const RequestId& id, const RidPtr& rid, Operation::Kind kind) {
  Subscription* known = client_.records.find(rid);
  if (kind == Operation::Kind::get && known != nullptr && known->progress().getting != nullptr) {
    return known->progress().getting->others.push(id);
  }
  if (exceeds_limits(known, kind))
    return client_.output.reply(id, ReplyForm::error, errors::subscription_limit_exceeded);
  Subscription& s = client_.records.obtain(rid);
  s.refresh();
  Operation& op = client_.records.start(kind, s);
  op.id = id;
  if (kind == Operation::Kind::get) {
    s.make_progress().getting = &op;
  } else {
    client_.records.want_direct(s);
  }
  ClientAccess(client_).question(op);
  ClientLoading(client_).visit(op, s);
  if (op.to_load) client_.work.push({Task::Kind::proceed, op.key});
}

bool ClientRequests::exceeds_limits(const Subscription* known, Operation::Kind kind) const {
  const SessionLimits& limits = client_.session.limits();
  if (known == nullptr && client_.records.subscription_count() >= limits.subscriptions) return true;
  if (kind == Operation::Kind::get) return false;
  const std::uint32_t direct = known == nullptr ? 0 : known->direct + known->pending_direct;
  if (direct >= kMaxDirect) return true;
  return direct == 0 && client_.records.direct_count() >= limits.direct_subscriptions &&
         client_.session.refuses(Limit::subscriptions);
}

void ClientRequests::unsubscribe(const Request& r) {
  Subscription* s = client_.records.find(r.rid);
  if (s == nullptr || s->direct < r.count) return client_.output.reply(r.id, ReplyForm::error, errors::no_subscription);
  client_.output.reply(r.id, ReplyForm::empty);
  client_.records.unsubscribe(*s, r.count);
  client_.records.let_go();
}

void ClientRequests::call(Request&& r) {
  Subscription* s = client_.records.find(r.rid);
  const bool hears_events = s != nullptr && (s->linked() || s->state == SubscriptionState::loading);
  if (hears_events) s->access.note();
  RidPtr target = expand_cid(r.rid, client_.identity.cid());
  client_.out().authorize.emplace_back(Call{client_.conn(), r.id, r.kind, std::move(r.rid), std::move(target),
                                            std::move(r.method), std::move(r.params), hears_events});
}

void ClientRequests::auth(Request&& r) {
  client_.out().authorize.emplace_back(Auth{client_.conn(), r.id, expand_cid(r.rid, client_.identity.cid()),
                                            std::move(r.method), std::move(r.params), false});
}

void ClientRequests::handle_call_reply(CallReply&& r) {
  if (r.error) return client_.output.reply(r.id, ReplyForm::error, r.error);
  const RidPtr& resource = r.result.resource;
  if (r.kind == RequestKind::create && !resource) {
    return client_.output.reply(r.id, ReplyForm::error, internal_error("non-resource response on new request"));
  }
  if (r.kind != RequestKind::create && client_.identity.protocol < kProtocolResourceReplies) {
    // A client with a protocol version below 1.2.0 only gets the id of the resource, and is not subscribed to it.
    if (resource) return client_.output.reply(r.id, ReplyForm::resource, nullptr, {}, resource);
    return client_.output.reply(r.id, ReplyForm::result, nullptr, std::move(r.result.result));
  }
  if (!resource) return client_.output.reply(r.id, ReplyForm::payload, nullptr, std::move(r.result.result));
  subscribe(r.id, resource, Operation::Kind::resource_reply);
}

}  // namespace resflow
