// The requests of a client (RES-Client protocol, "Request types"), and the answers to its calls. Part of ClientSession.
#include <charconv>

#include "nodes/session/session.hpp"

namespace resflow {

namespace {

constexpr std::uint32_t kProtocolResourceReplies = 1'002'000;
constexpr std::uint32_t kMaxDirect = 256;  // direct subscriptions of one client on one resource

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

void ClientSession::request(Request&& r) {
  switch (r.kind) {
    case RequestKind::invalid:
      return reply(r.id, ReplyForm::error, r.error);
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
      return;  // clients send no such requests
  }
}

void ClientSession::reply(const RequestId& id, ReplyForm form, ErrorPtr error, std::string result, RidPtr rid,
                          ResourceSet set) {
  if (web_) {
    return web_reply({conn_, id, form, legacy(), std::move(error), std::move(result), std::move(rid), std::move(set)});
  }
  ++answered_;
  context_.out().encode.emplace_back(std::in_place_type<Reply>, conn_, id, form, legacy(), std::move(error),
                                     std::move(result), std::move(rid), std::move(set));
}

void ClientSession::set_version(const Request& r) {
  if (!r.protocol.empty()) {
    const auto version = parse_version(r.protocol);
    if (!version) return reply(r.id, ReplyForm::error, errors::invalid_params);
    if (*version < 1'000'000 || *version >= 2'000'000) {
      return reply(r.id, ReplyForm::error, errors::unsupported_protocol);
    }
    protocol_ = *version;
  }
  reply(r.id, ReplyForm::protocol);
}

// Starts a subscribe or get request, or the answer to a call that names a resource. Access and resource are asked for
// at the same time; the client gets the resource when both are here.
void ClientSession::subscribe(const RequestId& id, const RidPtr& rid, Operation::Kind kind) {
  Subscription* known = find(rid);
  if (kind == Operation::Kind::get && known != nullptr && known->progress().getting != nullptr) {
    return known->progress().getting->others.push(id);
  }
  if (exceeds_limits(known, kind)) return reply(id, ReplyForm::error, errors::subscription_limit_exceeded);
  Subscription& s = obtain(rid);
  refresh(s);
  Operation& op = start(kind, s);
  op.id = id;
  if (kind == Operation::Kind::get) {
    s.make_progress().getting = &op;
  } else {
    want_direct(s);
  }
  question(op);
  visit(op, s);
  if (op.walk) push({Task::Kind::proceed, op.key});
}

bool ClientSession::exceeds_limits(const Subscription* known, Operation::Kind kind) {
  const SessionLimits& limits = context_.limits();
  if (known == nullptr && subscriptions_.size() >= limits.subscriptions) return true;
  if (kind == Operation::Kind::get) return false;
  const std::uint32_t direct = known == nullptr ? 0 : known->direct + known->pending_direct;
  if (direct >= kMaxDirect) return true;
  return direct == 0 && direct_ >= limits.direct_subscriptions && context_.refuses(Limit::subscriptions);
}

void ClientSession::unsubscribe(const Request& r) {
  Subscription* s = find(r.rid);
  if (s == nullptr || s->direct < r.count) return reply(r.id, ReplyForm::error, errors::no_subscription);
  reply(r.id, ReplyForm::empty);
  unsubscribe(*s, r.count);
  let_go();
}

void ClientSession::call(Request&& r) {
  Subscription* s = find(r.rid);
  const bool hears_events = s != nullptr && (s->linked() || s->state == SubscriptionState::loading);
  if (hears_events) s->access.note();
  RidPtr target = expand_cid(r.rid, cid());
  context_.out().authorize.emplace_back(Call{conn_, r.id, r.kind, std::move(r.rid), std::move(target),
                                             std::move(r.method), std::move(r.params), hears_events});
}

void ClientSession::auth(Request&& r) {
  context_.out().authorize.emplace_back(
      Auth{conn_, r.id, expand_cid(r.rid, cid()), std::move(r.method), std::move(r.params), false});
}

// Answers a "Call request", "Auth request" or "New request" with a payload, or with a resource to which the client then
// has a direct subscription.
void ClientSession::call_reply(CallReply&& r) {
  if (web_) return web_call_reply(std::move(r));
  if (r.error) return reply(r.id, ReplyForm::error, r.error);
  const RidPtr& resource = r.result.resource;
  if (r.kind == RequestKind::create && !resource) {
    return reply(r.id, ReplyForm::error, internal_error("non-resource response on new request"));
  }
  if (r.kind != RequestKind::create && protocol_ < kProtocolResourceReplies) {
    // Before 1.2.0 the answer only named the resource, and the client was not subscribed to it.
    if (resource) return reply(r.id, ReplyForm::resource, nullptr, {}, resource);
    return reply(r.id, ReplyForm::result, nullptr, std::move(r.result.result));
  }
  if (!resource) return reply(r.id, ReplyForm::payload, nullptr, std::move(r.result.result));
  subscribe(r.id, resource, Operation::Kind::resource_reply);
}

}  // namespace resflow
