#include "tools/replay/comparison.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace resflow::replay {

namespace {

constexpr std::size_t kInputs = 64;  // a difference is reported with at most this many messages that the lane got

// A number in a line, and where its digits begin and end.
struct Number {
  std::uint64_t value = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Returns the number that follows `name` in the line; nullopt if the line has no such number.
std::optional<Number> number_in(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  Number n;
  n.begin = at + name.size();
  const auto [end, error] = std::from_chars(line.data() + n.begin, line.data() + line.size(), n.value);
  if (error != std::errc()) return std::nullopt;
  n.end = static_cast<std::size_t>(end - line.data());
  return n;
}

constexpr std::string_view kRequest = R"({"out":"request","id":)";
constexpr std::string_view kSubscribe = R"({"out":"subscribe","handle":)";

std::optional<std::uint64_t> request_number(std::string_view line) {
  const auto n = line.starts_with(kRequest) ? number_in(line, kRequest) : std::nullopt;
  return n ? std::optional(n->value) : std::nullopt;
}

}  // namespace

void Comparison::begin(std::size_t line, std::int64_t us) {
  turn_line_ = line;
  us_ = us;
}

void Comparison::input(std::string_view text) {
  if (inputs_.size() < kInputs) inputs_.push_back(text);
}

const CaptureRecord* Comparison::behind_outputs() {
  for (std::size_t i = 0;; ++i) {
    const CaptureRecord* r = script_.peek(i);
    if (r == nullptr || r->get<CaptureTurn>() != nullptr) return nullptr;
    if (r->get<CaptureOut>() == nullptr) return r;
  }
}

void Comparison::pass_outputs() {
  std::size_t outputs = 0;
  for (const CaptureRecord* r = script_.peek(); r != nullptr && r->get<CaptureOut>() != nullptr;
       r = script_.peek(outputs)) {
    ++outputs;
  }
  skip(outputs);
}

// Skips the next `outputs` recorded outputs, because the replay has not produced them. Adds them to missing_.
void Comparison::skip(std::size_t outputs) {
  unmatched_ = 0;
  for (std::size_t i = 0; i < outputs; ++i) {
    const CaptureRecord& r = *script_.peek();
    // If the skipped output is a request: from here on, requests of the replay may have other ids than in the
    // recording.
    if (const auto n = request_number(r.text)) first_request_ = std::min(first_request_, *n);
    missing_.push_back({r.line, std::string(r.text)});
    script_.pass();
  }
}

std::size_t Comparison::got_next(std::string_view out) {
  const CaptureRecord* r = script_.peek();
  if (r == nullptr || r->get<CaptureOut>() == nullptr) return 0;
  const std::size_t size = r->text.size();
  if (out.size() <= size || out[size] != '\n' || std::memcmp(out.data(), r->text.data(), size) != 0) return 0;
  unmatched_ = 0;
  take(r->text);
  return size + 1;
}

// Called if the output `line` of the replay equals the next recorded output. Moves to the record after that output.
// Counts the line as equal, unless it belongs to traffic that the user has not chosen.
void Comparison::take(std::string_view line) {
  if (counts(line)) ++equal_;
  script_.pass();
  note_same_id(line);
}

void Comparison::got(std::string_view line) {
  if (find(line) || find_other_number(line) || was_skipped(line)) return;
  extra_.emplace_back(line);
  ++unmatched_;
}

// If `line` is a request, notes that it has the same id in the replay as in the recording. This is needed only after
// some other request has got another id. Before that, request_now() returns every id unchanged.
void Comparison::note_same_id(std::string_view line) {
  if (first_request_ == UINT64_MAX) return;
  if (const auto n = request_number(line)) requests_[*n] = *n;
}

// Looks for a recorded output that equals `line`, an output of the replay. Searches from the next record of the capture
// up to the first record that is not an output. If it finds one, adds the outputs before it to missing_, moves the
// script's position past it, and returns true. Otherwise changes nothing, and returns false.
bool Comparison::find(std::string_view line) {
  for (std::size_t i = 0;; ++i) {
    const CaptureRecord* r = script_.peek(i);
    if (r == nullptr || r->get<CaptureOut>() == nullptr) return false;
    if (r->text != line) continue;
    skip(i);
    take(line);
    return true;
  }
}

// Returns true if the two lines are equal except for a number: the id if both are requests, or the handle if both are
// subscriptions. In that case, also notes which number in this replay stands for the recorded number.
bool Comparison::match_except_id(std::string_view recorded, std::string_view line) {
  const bool request = line.starts_with(kRequest);
  if (!request && !line.starts_with(kSubscribe)) return false;
  const std::string_view name = request ? kRequest : kSubscribe;
  const auto now = number_in(line, name);
  const auto then = number_in(recorded, name);
  if (!now || !then || now->begin != name.size() || then->begin != name.size()) return false;
  if (recorded.substr(then->end) != line.substr(now->end)) return false;
  if (request) {
    requests_[then->value] = now->value;
    first_request_ = std::min(first_request_, then->value);
  } else {
    handles_[then->value] = now->value;
    handles_then_[now->value] = then->value;
  }
  return true;
}

// Looks for a recorded output that differs from `line` only in its number (the request id, or the handle of the
// subscription). Searches from the next record of the capture up to the first record that is not an output. If it finds
// one, moves the script's position past it, and returns true. The recorded outputs that were searched before it go to
// missing_.
bool Comparison::find_other_number(std::string_view line) {
  for (std::size_t i = 0;; ++i) {
    const CaptureRecord* r = script_.peek(i);
    if (r == nullptr || r->get<CaptureOut>() == nullptr) return false;
    if (!match_except_id(r->text, line)) continue;
    skip(i);
    script_.pass();
    if (counts(line)) ++equal_;
    return true;
  }
}

// Looks for `line` in missing_, the recorded outputs that were skipped because the replay had not produced them. If
// `line` is there, the replay has now produced it, but too late: reports that as a difference, and returns true.
bool Comparison::was_skipped(std::string_view line) {
  const auto it = std::find_if(missing_.begin(), missing_.end(),
                               [&](const Line& m) { return m.text == line || match_except_id(m.text, line); });
  if (it == missing_.end()) return false;
  note_same_id(line);
  report(&*it, line);
  missing_.erase(it);
  return true;
}

void Comparison::end() {
  pass_outputs();
  while (!missing_.empty() || !extra_.empty()) {
    report(missing_.empty() ? nullptr : &missing_.front(), extra_.empty() ? std::string_view() : extra_.front());
    if (!missing_.empty()) missing_.pop_front();
    if (!extra_.empty()) extra_.pop_front();
  }
  inputs_.clear();
  script_.release();
}

bool Comparison::counts(std::string_view line) const {
  return counts_ && (selection_ == nullptr || selection_->wants_output(line));
}

// If both lines are requests, notes that the replay made the request `got` instead of the request `recorded`. The
// recorded reply to `recorded` will then be used as the reply to `got`.
void Comparison::replace_number(const Line* recorded, std::string_view got) {
  const auto then = recorded == nullptr ? std::nullopt : request_number(recorded->text);
  const auto now = request_number(got);
  if (then && now) requests_[*then] = *now;
}

void Comparison::report(const Line* recorded, std::string_view got) {
  replace_number(recorded, got);
  if (!counts(recorded == nullptr ? got : recorded->text)) return;
  ++different_;
  if (differences_.size() >= keep_) return;
  Difference d;
  d.line = recorded == nullptr ? turn_line_ : recorded->number;
  d.lane = lane_;
  d.us = us_;
  if (recorded != nullptr) d.recorded = recorded->text;
  d.got = got;
  d.inputs.assign(inputs_.begin(), inputs_.end());
  differences_.push_back(std::move(d));
}

std::optional<ServiceRequestId> Comparison::request_now(ServiceRequestId recorded) const {
  if (recorded.value() < first_request_) return recorded;
  const auto it = requests_.find(recorded.value());
  if (it != requests_.end()) return ServiceRequestId::from(it->second);
  return std::nullopt;
}

std::optional<SubscriptionHandle> Comparison::handle_now(SubscriptionHandle recorded) const {
  const auto it = handles_.find(recorded.value());
  if (it != handles_.end()) return SubscriptionHandle::from(it->second);
  // The replay uses the recorded handle for another subscription, and no handle is known for the subscription that had
  // it in the recording.
  if (handles_then_.contains(recorded.value())) return std::nullopt;
  return recorded;
}

SubscriptionHandle Comparison::handle_then(SubscriptionHandle now) const {
  const auto it = handles_then_.find(now.value());
  return it == handles_then_.end() ? now : SubscriptionHandle::from(it->second);
}

}  // namespace resflow::replay
