#include "nodes/decode.hpp"

#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

// Returns the part of a NATS subject after the last dot. For an event, this is the name of the event.
std::string_view last_token(std::string_view subject) {
  return subject.substr(subject.rfind('.') + 1);
}

// Returns the NATS subject without the prefix "event.", so that it begins with the name of a service. Subjects with
// another prefix ("conn", "system") name no service and are returned unchanged.
std::string_view name_in(std::string_view subject) {
  constexpr std::string_view events = "event.";
  if (subject.starts_with(events)) subject.remove_prefix(events.size());
  return subject;
}

}  // namespace

void Decode::process(DecodeIn&& in, DecodeOut& out) {
  if (auto* a = std::get_if<Answer>(&in)) {
    answer(std::move(*a), out);
  } else if (auto* m = std::get_if<ServiceMessage>(&in)) {
    message(std::move(*m), out);
  } else if (const auto* refused = std::get_if<SubscriptionRefused>(&in)) {
    refusal(*refused, out);
  } else {
    // The connection to NATS was restored. While it was lost, the gateway may have missed events of any resource. So
    // the decode node sends the cache a system reset for all resources: the pattern ">" matches every name.
    out.cache.emplace_back(SystemReset{{">"}, {">"}});
  }
}

void Decode::refusal(const SubscriptionRefused& refused, DecodeOut& out) {
  if (handle_kind(refused.handle) == HandleKind::connection) {
    out.authorize.emplace_back(refused);
  } else {
    out.cache.emplace_back(refused);
  }
}

// If `error` is not null, the event is malformed: logs the error, counts it, and returns true. Otherwise returns false.
bool Decode::complain(std::string_view subject, const ErrorPtr& error) {
  if (!error) return false;
  ++malformed_;
  log_.log(LogLevel::error, "Error processing event " + std::string(subject) + ": " + error->message);
  return true;
}

// ---- answers

void Decode::answer(Answer&& a, DecodeOut& out) {
  if (const auto* get = std::get_if<GetFor>(&a.purpose)) {
    GetAnswer answer{get->resource, get->reset, {}};
    if (a.error) {
      answer.result.error = a.error;
    } else {
      answer.result = decode_get_reply(a.payload);
      count(a.name, answer.result);
    }
    out.cache.emplace_back(std::move(answer));
  } else if (const auto* query = std::get_if<QueryFor>(&a.purpose)) {
    out.cache.emplace_back(query_answer(*query, a));
  } else if (const auto* access = std::get_if<AccessFor>(&a.purpose)) {
    Decoded<Access> result = a.error ? Decoded<Access>{{}, a.error} : decode_access_reply(a.payload);
    if (!a.error) count(a.name, result);
    heed(result.value.meta);
    AccessReply reply{access->conn, access->rid, access->serial, std::move(result.value), std::move(result.error)};
    out.cache.emplace_back(std::in_place_type<OrderedReply>, std::move(a.name), std::move(reply));
  } else if (const auto* call = std::get_if<CallFor>(&a.purpose)) {
    CallReply reply = call_reply(*call, a);
    out.cache.emplace_back(std::in_place_type<OrderedReply>, std::move(a.name), std::move(reply));
  } else if (a.error == errors::timeout) {
    // An auth request got no answer in time. The gateway sent it because a service has declared access tokens outdated
    // (TokenResetFor). No node needs the answer (RES-Service protocol: "the response may be discarded"), so this is
    // only logged for the operator.
    log_.log(LogLevel::error, "Token reset auth request timeout on subject: " + a.name);
  }
}

CallReply Decode::call_reply(const CallFor& purpose, const Answer& a) {
  CallReply reply{purpose.conn, purpose.id, purpose.kind, {{}, {}, purpose.access_meta}, a.error};
  if (a.error) return reply;
  Decoded<CallResult> result = decode_call_reply(a.payload);
  count(a.name, result);
  heed(result.value.meta);
  result.value.meta = merge(purpose.access_meta, result.value.meta);
  reply.result = std::move(result.value);
  reply.error = std::move(result.error);
  if (!purpose.new_method || reply.error || reply.result.resource) return reply;
  Decoded<RidPtr> legacy = decode_legacy_new_result(reply.result.result);
  count(a.name, legacy);
  if (legacy.error || legacy.value) warn_of_legacy_new(a.name);
  if (legacy.error) reply.error = legacy.error;
  if (legacy.value) reply.result = CallResult{{}, legacy.value, reply.result.meta};
  return reply;
}

void Decode::warn_of_other_case(std::string_view name) {
  if (!other_cases_.first(name)) return;
  log_.log(LogLevel::error, "Service [" + std::string(service_of(name)) +
                                "] spells members of its messages in another letter case than the RES protocol has: "
                                "they are understood, but other gateways may not understand them");
}

void Decode::warn_of_legacy_new(std::string_view name) {
  if (!legacy_news_.first(name)) return;
  log_.log(LogLevel::error, "Deprecation warning for service [" + std::string(service_of(name)) +
                                "] - new call request v1.1 detected: put the new resource in a resource member");
}

// If a service has sent malformed metadata (HTTP status and headers), logs and counts the error.
void Decode::heed(const MetaPtr& meta) {
  if (!meta || meta->complaint.empty()) return;
  ++malformed_;
  log_.log(LogLevel::error, meta->complaint);
}

QueryAnswer Decode::query_answer(const QueryFor& purpose, const Answer& a) {
  QueryAnswer answer{purpose.name_handle, purpose.resource, {}, {}, a.error};
  if (a.error) return answer;
  Decoded<QueryResult> result = decode_query_reply(a.payload);
  count(a.name, result);
  answer.error = std::move(result.error);
  answer.state = std::move(result.value.resource);
  for (QueryEvent& e : result.value.events) {
    ServiceEvent event{0, e.name, {}};
    if (read_event(a.name + '.' + e.name, event, std::move(e.data))) answer.events.push_back(std::move(event));
  }
  return answer;
}

// ---- events

void Decode::message(ServiceMessage&& m, DecodeOut& out) {
  switch (handle_kind(m.handle)) {
    case HandleKind::resource:
      return resource_event(std::move(m), out);
    case HandleKind::connection:
      return connection_event(m, out);
    case HandleKind::system:
      return system_event(m, out);
  }
}

void Decode::resource_event(ServiceMessage&& m, DecodeOut& out) {
  ServiceEvent event{m.handle, std::string(last_token(m.subject)), {}};
  if (read_event(m.subject, event, std::move(m.payload))) out.cache.emplace_back(std::move(event));
}

// Reads the payload of an event into `event`. The format of the payload depends on the name of the event. Returns false
// if the event is malformed.
bool Decode::read_event(std::string_view subject, ServiceEvent& event, std::string payload) {
  const auto take = [&](auto decoded) {
    if (!is_sound(subject, name_in(subject), decoded)) return false;
    event.body = std::move(decoded.value);
    return true;
  };
  if (!valid_utf8(event.name)) {
    complain(subject, internal_error("invalid UTF-8 in event name"));
    return false;
  }
  if (event.name == "change") return take(decode_change_event(payload));
  if (event.name == "add") return take(decode_add_event(payload));
  if (event.name == "remove") return take(decode_remove_event(payload));
  if (event.name == "query") {
    Decoded<std::string> subject_to_ask = decode_query_event(payload);
    if (!is_sound(subject, name_in(subject), subject_to_ask)) return false;
    event.body = QueryEventSubject{std::move(subject_to_ask.value)};
    return true;
  }
  if (event.name == "unsubscribe") {
    // Only the gateway itself may send clients this event, which ends their subscriptions. So the gateway does not pass
    // on such an event of a service.
    complain(subject, internal_error("reserved event name"));
    return false;
  }
  if (event.name == "reaccess") {
    event.body = ReaccessEvent{};
    return true;
  }
  const bool sound = !complain(subject, payload.empty() ? nullptr : check_json(payload));
  if (event.name == "delete") {
    // A delete event removes the resource even if its data is malformed.
    event.body = DeleteEvent{sound ? std::move(payload) : std::string()};
    return true;
  }
  if (sound) event.body = CustomEvent{std::move(payload)};
  return sound;
}

void Decode::connection_event(const ServiceMessage& m, DecodeOut& out) {
  if (last_token(m.subject) != "token") return;
  Decoded<TokenEvent> token = decode_token_event(m.payload);
  if (!is_sound(m.subject, m.subject, token)) return;
  out.session.emplace_back(TokenSet{connection_of(m.handle), std::move(token.value)});
}

void Decode::system_event(const ServiceMessage& m, DecodeOut& out) {
  if (m.subject == "system.reset") {
    Decoded<SystemReset> reset = decode_system_reset(m.payload);
    if (is_sound(m.subject, m.subject, reset)) out.cache.emplace_back(std::move(reset.value));
  } else if (m.subject == "system.tokenReset") {
    Decoded<TokenReset> reset = decode_token_reset(m.payload);
    if (is_sound(m.subject, m.subject, reset)) out.authorize.emplace_back(std::move(reset.value));
  }
}

}  // namespace resflow
