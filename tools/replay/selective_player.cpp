#include "tools/replay/selective_player.hpp"

#include <chrono>
#include <utility>

#include "io/capture/capture_fields.hpp"

namespace resflow::replay {

void SelectivePlayer::play(Lane& lane) {
  lane_ = &lane;
  while (const CaptureRecord* r = script_.peek()) {
    if (r->get<CaptureOut>() == nullptr) answer(services_.settle());
    if (const auto* t = r->get<CaptureTurn>(); t != nullptr && t->us > span_.to) break;
    take(*script_.peek());
    script_.release();
  }
  finish();
  lane_ = nullptr;
}

void SelectivePlayer::take(CaptureRecord& record) {
  script_.pass();
  if (const auto* t = record.get<CaptureTurn>()) {
    us_ = t->us;
    return turn(t->now);
  }
  if (record.get<CaptureOut>() != nullptr) return recorded_output(record);
  if (const auto* reply = record.get<ServiceReply>()) return answer(services_.recorded_reply(*reply));
  if (const auto* message = record.get<ServiceMessage>()) {
    if (auto now = services_.recorded_message(*message)) lane_->put(std::move(*now));
    return;
  }
  if (const auto* notice = record.get<ServiceNotice>()) {
    // Recorded refusals of subscriptions are not replayed. With only the chosen part of the traffic, the gateway makes
    // fewer subscriptions, and NATS might accept all of them.
    if (std::holds_alternative<ServicesRestored>(*notice)) lane_->put(*notice);
    return;
  }
  auto* in = std::get_if<ParseIn>(&record.what);
  if (in == nullptr || !selection_.wants(*in)) return;
  ++tally_.inputs;
  lane_->put(std::move(*in));
}

void SelectivePlayer::turn(Millis now) {
  now_ = now;
  ++tally_.turns;
  const auto began = std::chrono::steady_clock::now();
  lane_->turn(now);
  tally_.times.record(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count());
}

void SelectivePlayer::answer(std::vector<ServiceReply> replies) {
  for (ServiceReply& reply : replies) lane_->put(std::move(reply));
}

// Called when all records are played. Answers the requests that have no answer yet. The answers may cause new requests.
// So the lane takes further turns (rounds of processing) until no request can be answered any more, but at most 1,000
// turns.
void SelectivePlayer::finish() {
  constexpr int most = 1'000;
  for (int i = 0; i < most; ++i) {
    auto replies = services_.settle();
    if (replies.empty()) break;
    answer(std::move(replies));
    turn(now_);
  }
}

void SelectivePlayer::recorded_output(const CaptureRecord& record) {
  const std::string_view what = record.get<CaptureOut>()->what;
  if (what == "request") return services_.recorded_request(parse_request(record));
  if (what != "subscribe") return;
  CaptureFields fields(record.text);
  const auto handle = SubscriptionHandle::from(fields.number("handle"));
  services_.recorded_subscribe(handle, fields.string("subject"));
}

void SelectivePlayer::request(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  services_.request(id, subject, payload);
}

bool SelectivePlayer::subscribe(SubscriptionHandle handle, std::string_view subject) {
  services_.subscribe(handle, subject);
  return true;
}

void SelectivePlayer::unsubscribe(SubscriptionHandle handle) {
  services_.unsubscribe(handle);
}

}  // namespace resflow::replay
