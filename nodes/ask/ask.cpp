#include "nodes/ask/ask.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "nodes/base/give_back.hpp"
#include "nodes/protocol/control_line.hpp"

namespace resflow {

namespace {

// Returns the new timeout in a pre-response (a service's message that asks for more time), such as timeout:"5000".
// Returns nullopt if the pre-response is malformed. RES-Service protocol, "Pre-response": "a UTF-8 encoded key:"value"
// string without any leading white space"
std::optional<Millis> parse_timeout(std::string_view payload) {
  constexpr std::string_view key = "timeout:\"";
  const std::size_t start = payload.find(key);
  if (start == std::string_view::npos) return std::nullopt;
  payload.remove_prefix(start + key.size());
  Millis ms = 0;
  const auto [end, ec] = std::from_chars(payload.data(), payload.data() + payload.size(), ms);
  if (ec != std::errc() || end == payload.data() + payload.size() || *end != '"') return std::nullopt;
  return ms;
}

// Returns true if the message is a pre-response: the service has asked for more time, and will answer later. A
// pre-response begins with a letter. An answer is a JSON object, so it begins with a brace.
bool is_pre_response(std::string_view payload) {
  if (payload.empty()) return false;
  const char c = static_cast<char>(payload.front() | 0x20);
  return c >= 'a' && c <= 'z';
}

ServiceRequestKind kind_of(const AskedFor& purpose) {
  if (std::holds_alternative<GetFor>(purpose)) return ServiceRequestKind::get;
  if (std::holds_alternative<QueryFor>(purpose)) return ServiceRequestKind::query;
  if (std::holds_alternative<AccessFor>(purpose)) return ServiceRequestKind::access;
  const auto* call = std::get_if<CallFor>(&purpose);
  return call != nullptr && call->kind != RequestKind::auth ? ServiceRequestKind::call : ServiceRequestKind::auth;
}

}  // namespace

void Ask::process(AskIn&& message, AskOut& out) {
  std::visit([&](auto&& m) { on(std::move(m), out); }, std::move(message));
}

// Checks the request against the limits of the NATS server. Returns null if the request can be sent, or else the error
// with which it ends.
ErrorPtr Ask::refusal(const ServiceRequest& m) const {
  const std::size_t line = publish_line(m.subject.size(), limits_.reply_size, m.payload.size()) + kEndOfLine;
  if (line > limits_.control_line) {
    return errors::subject_too_long;
  }
  if (m.payload.size() > limits_.payload_size) return internal_error("maximum payload exceeded");
  if (!valid_subject(m.subject)) return internal_error("invalid subject");
  return nullptr;
}

void Ask::on(ServiceRequest&& m, AskOut& out) {
  if (is_refused(m)) return;
  if (ErrorPtr refused = refusal(m)) {
    ++counters_.ended[kind_of(m.purpose)][ServiceRequestEnd::failure];
    out.decode.emplace_back(Answer{std::move(m.name), std::move(m.purpose), {}, std::move(refused)});
    return;
  }
  const ThrottleId throttle = m.throttle;
  if (limit_of(throttle) == 0) {
    m.throttle = 0;
    return send(std::move(m));
  }
  throttled_.push(std::move(m));
  const LaneId counting = lane_of(throttle);
  if (counting == lane_) {
    on(SlotWanted{throttle, lane_}, out);
  } else {
    out.slots.push_back({counting, SlotWanted{throttle, lane_}});
  }
}

void Ask::send(ServiceRequest&& m) {
  const ServiceRequestId id = in_lane<ServiceRequestId>(lane_, ++last_id_);
  const Millis deadline = now_ + limits_.timeout;
  deadlines_.emplace_back(deadline, id);
  pending_.emplace(
      id, std::make_unique<Pending>(std::move(m.name), std::move(m.purpose), deadline, m.throttle, precise_now_));
  ++counters_.sent;
  services_.request(id, m.subject, m.payload);
}

std::size_t Ask::limit_of(ThrottleId id) const {
  if (id == 0) return 0;
  return kind_of(id) == ThrottleKind::reset ? limits_.reset_throttle : limits_.reference_throttle;
}

// Drops a get request, because nobody needs its resource any more. Only a request that still waits for a slot of its
// throttle (a limit of requests under way) is dropped. This lane has already asked for the slot. When the slot comes,
// the lane uses it for another waiting request, or returns it.
void Ask::on(ServiceWithdraw&& m, AskOut& out) {
  std::optional<ServiceRequest> request = throttled_.withdraw(m.resource);
  if (!request) return;
  out.decode.emplace_back(Answer{std::move(request->name), std::move(request->purpose), {}, errors::withdrawn});
}

void Ask::on(SlotWanted&& m, AskOut& out) {
  if (!slots_.take(m.throttle, limit_of(m.throttle), m.lane)) return;
  if (m.lane == lane_) {
    send_next(m.throttle);
  } else {
    out.slots.push_back({m.lane, SlotGiven{m.throttle}});
  }
}

void Ask::on(SlotGiven&& m, AskOut& out) {
  if (!send_next(m.throttle)) return_slot(m.throttle, out);
}

// Called in the lane that counts the slots of a throttle (a limit of requests under way), when a lane has returned one
// of the slots. Gives the slot to the lane that has waited longest. If that is the counting lane itself, but none of
// its requests waits any more, the next lane gets the slot.
void Ask::on(SlotReturned&& m, AskOut& out) {
  while (const std::optional<LaneId> next = slots_.give_back(m.throttle)) {
    if (*next != lane_) return out.slots.push_back({*next, SlotGiven{m.throttle}});
    if (send_next(m.throttle)) return;
  }
}

bool Ask::send_next(ThrottleId id) {
  std::optional<ServiceRequest> next = throttled_.pop(id);
  if (next) send(std::move(*next));
  return next.has_value();
}

void Ask::return_slot(ThrottleId id, AskOut& out) {
  if (lane_of(id) == lane_) {
    on(SlotReturned{id}, out);
  } else {
    out.slots.push_back({lane_of(id), SlotReturned{id}});
  }
}

void Ask::on(ServiceUnsubscribe&& m, AskOut&) {
  ++counters_.sent;
  services_.unsubscribe(m.handle);
}

// Ends the request that the reply belongs to. Only a pre-response (the service asks for more time) does not end it, but
// moves its deadline. If the request has ended before, the reply is only counted, as too late.
void Ask::on(ServiceReply&& m, AskOut& out) {
  ++counters_.replies;
  const auto it = pending_.find(m.id);
  if (it == pending_.end()) {
    ++counters_.late_replies;
    return;
  }
  if (!m.failure.empty()) return finish(m.id, ServiceRequestEnd::failure, {}, internal_error(m.failure), out);
  if (m.no_responders) return finish(m.id, ServiceRequestEnd::no_responders, {}, errors::not_found, out);
  if (is_pre_response(m.payload)) return pre_response(m.id, *it->second, m.payload);
  finish(m.id, ServiceRequestEnd::reply, std::move(m.payload), nullptr, out);
}

// Moves the deadline of a request, because its service has asked for more time. RES-Service protocol, "Pre-response":
// "The value is the new timeout in milliseconds calculated from when the requester receives the pre-response." A
// timeout of more than one day is reduced to one day.
void Ask::pre_response(ServiceRequestId id, Pending& pending, std::string_view payload) {
  const std::optional<Millis> timeout = parse_timeout(payload);
  if (!timeout) {
    log_.log(LogLevel::error, "Malformed pre-response to a request on " + pending.name);
    return;
  }
  constexpr Millis day = 86'400'000;
  pending.deadline = now_ + std::clamp(*timeout, Millis{0}, day);
  if (pending.extension) extended_.erase(*pending.extension);
  pending.extension = extended_.emplace(pending.deadline, id);
}

// Ends a request to a service. Counts how it ended, and sends the answer to the decode node. Returns the request's slot
// if a throttle (a limit of requests under way) applies to it.
void Ask::finish(ServiceRequestId id, ServiceRequestEnd end, std::string&& payload, ErrorPtr error, AskOut& out) {
  const auto it = pending_.find(id);
  const std::unique_ptr<Pending> pending = std::move(it->second);
  pending_.erase(it);
  if (pending->extension) extended_.erase(*pending->extension);
  const ServiceRequestKind kind = kind_of(pending->purpose);
  ++counters_.ended[kind][end];
  if (pending->sent != 0) counters_.durations[kind].observe(precise_now_ - pending->sent);
  out.decode.emplace_back(std::in_place_type<Answer>, std::move(pending->name), std::move(pending->purpose),
                          std::move(payload), std::move(error));
  if (pending->throttle != 0) return_slot(pending->throttle, out);
}

void Ask::on(Tick&& m, AskOut& out) {
  ++counters_.ticks;
  now_ = m.now;
  precise_now_ = m.precise;
  give_back_memory(pending_);
  while (!deadlines_.empty() && deadlines_.front().first <= now_) {
    const ServiceRequestId id = deadlines_.front().second;
    deadlines_.pop_front();
    expire(id, out);
  }
  while (!extended_.empty() && extended_.begin()->first <= now_) expire(extended_.begin()->second, out);
}

// Ends a request with a timeout error, because its time is up. Does nothing if the request has ended already, or if its
// service has asked for more time, so that its deadline is later.
void Ask::expire(ServiceRequestId id, AskOut& out) {
  const auto it = pending_.find(id);
  if (it == pending_.end() || it->second->deadline > now_) return;
  if (log_.enabled(LogLevel::debug)) log_.log(LogLevel::debug, "Request timeout on " + it->second->name);
  finish(id, ServiceRequestEnd::timeout, {}, errors::timeout, out);
}

}  // namespace resflow
