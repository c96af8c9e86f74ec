#include "tools/replay/lane_player.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace resflow::replay {

void LanePlayer::play(Lane& lane) {
  lane_ = &lane;
  while (const CaptureRecord* r = script_.peek()) {
    if (const auto* turn = r->get<CaptureTurn>()) {
      if (turn->us > span_.to) break;
      play_turn(*turn, r->line);
    } else if (r->get<CaptureOut>() != nullptr || r->get<CaptureTake>() != nullptr) {
      // In the replay, the lane's turn (round of processing) is over. But the recorded turn goes on. Either it has
      // further outputs: end() counts them as differences. Or in the recording, the lane took messages from its mailbox
      // (its queue of messages from other threads): they are the next records, and this loop puts them into the lane
      // like any other input.
      comparison_.end();
      if (const CaptureRecord* next = script_.peek(); next != nullptr && next->get<CaptureTake>() != nullptr) {
        script_.pass();
      }
    } else {
      put_next();
    }
  }
  lane.end();
  lane_ = nullptr;
}

void LanePlayer::play_turn(const CaptureTurn& turn, std::size_t line) {
  us_ = turn.us;
  comparison_.count(us_ >= span_.from);
  if (wait_ && us_ >= span_.from) wait_(us_);
  const Millis now = turn.now;
  script_.pass();
  comparison_.begin(line, us_);
  const auto began = std::chrono::steady_clock::now();
  lane_->turn(now);
  const auto took = std::chrono::steady_clock::now() - began;
  tally_.times.record(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
  ++tally_.turns;
}

// ---- inputs: from the capture into the lane

// Puts the recorded input in `record` into the lane, by calling `put`. If the input belongs to a request or
// subscription, first replaces the recorded id by the id in this replay. If the replay has not made that request or
// subscription, drops the input instead.
template <typename Put>
void LanePlayer::give(CaptureRecord& record, Put&& put) {
  ++tally_.inputs;
  comparison_.input(record.text);
  script_.pass();
  if (auto* reply = std::get_if<ServiceReply>(&record.what)) {
    auto now = comparison_.request_now(reply->id);
    if (!now && record.inside) now = asking_;
    if (!now) {
      ++tally_.dropped;
      return;
    }
    reply->id = *now;
    put(std::move(*reply));
  } else if (auto* message = std::get_if<ServiceMessage>(&record.what)) {
    const auto now = comparison_.handle_now(message->handle);
    if (!now) {
      ++tally_.dropped;
      return;
    }
    message->handle = *now;
    put(std::move(*message));
  } else if (record.get<ServiceNotice>() != nullptr) {
    if (auto notice = notice_now(record)) {
      put(std::move(*notice));
    } else {
      ++tally_.dropped;
    }
  } else if (auto* in = std::get_if<ParseIn>(&record.what)) {
    // Every message is played, so the result of wants() is ignored. The call is needed because the selection must see
    // all messages: it learns the connection ids from them, and whether the connections and resources that the user has
    // chosen occur in the capture.
    if (selection_ != nullptr) selection_->wants(*in);
    put(std::move(*in));
  } else if (auto* out = std::get_if<WriteIn>(&record.what)) {
    put(std::move(*out));
  }
}

// Returns the notice in `record`: a message from the NATS connection itself, for example that a subscription was
// refused. A refusal gets the handle (number) that its subscription has in this replay. Returns nullopt if the replay
// has not made that subscription.
std::optional<ServiceNotice> LanePlayer::notice_now(const CaptureRecord& record) {
  ServiceNotice notice = *record.get<ServiceNotice>();
  auto* refused = std::get_if<SubscriptionRefused>(&notice);
  if (refused == nullptr) return notice;
  const auto now = record.inside && subscribing_ ? std::exchange(subscribing_, std::nullopt)
                                                 : comparison_.handle_now(refused->handle);
  if (!now) return std::nullopt;
  refused->handle = *now;
  return notice;
}

void LanePlayer::put_next() {
  give(*script_.peek(), [this](auto message) { lane_->put(std::move(message)); });
}

// Puts the next recorded input into the lane. find_taken() calls this just before the lane reads its mailbox (its queue
// of messages from other threads). A message of a service goes into the mailbox, any other input directly into the
// lane.
void LanePlayer::post_next() {
  give(*script_.peek(), [this](auto message) {
    using Message = decltype(message);
    if constexpr (std::is_same_v<Message, ServiceReply> || std::is_same_v<Message, ServiceMessage> ||
                  std::is_same_v<Message, ServiceNotice>) {
      lane_->post_at_once(std::move(message));
    } else {
      lane_->put(std::move(message));
    }
  });
}

void LanePlayer::turn(Millis now) {
  lines_.turn(now, us_);
  lines_.text().clear();
}

// The lane calls this before it takes messages from its mailbox (its queue of messages from other threads). Returns
// true: the lane must take exactly the messages in `runs`. These are the messages that it took at this point of the
// recording; none if `runs` stays empty.
bool LanePlayer::taking(MailRuns& runs) {
  find_taken(runs);
  steps_.fetch_add(1, std::memory_order_relaxed);
  waits_.store(true, std::memory_order_relaxed);
  return true;
}

// Finds out which messages the lane took from its mailbox at this point of the recording, and sets `runs` to their
// senders and numbers. Puts the messages that came from services into the mailbox. Messages from other lanes come by
// themselves, because the other lanes are replayed, too.
void LanePlayer::find_taken(MailRuns& runs) {
  lines_.finish();
  compare();
  const CaptureRecord* next = comparison_.behind_outputs();
  if (next == nullptr || next->get<CaptureTake>() == nullptr) return;
  comparison_.pass_outputs();
  runs = script_.peek()->get<CaptureTake>()->runs;
  script_.pass();
  for (MailRun& run : runs) {
    if (run.from != MailRun::kOutside) continue;
    const std::size_t dropped = tally_.dropped;
    for (std::size_t i = 0; i < run.count && script_.peek() != nullptr; ++i) post_next();
    run.count -= tally_.dropped - dropped;
  }
}

void LanePlayer::took(const MailRuns&) {
  waits_.store(false, std::memory_order_relaxed);
}

void LanePlayer::turned() {
  waits_.store(false, std::memory_order_relaxed);
  lines_.finish();
  compare();
  put_port_answers();
  comparison_.end();
}

// ---- outputs: from the lane to the comparison

// Returns the record that the lane's next output should equal. Normally that is the next record of the capture. In two
// cases it is a later one:
// - The latest outputs of the replay have matched no record. Each of them is assumed to stand in place of one recorded
//   output, so the same number of recorded outputs is skipped.
// - The lane is sending one message to several clients, which is a single output. If it has sent the message to as many
//   clients as in the recording, the record of the message is skipped.
const CaptureRecord* LanePlayer::expected() {
  std::size_t at = comparison_.unmatched();
  for (std::size_t i = 0; i < at; ++i) {
    const CaptureRecord* r = script_.peek(i);
    if (r == nullptr || r->get<CaptureOut>() == nullptr) return r;
  }
  const CaptureRecord* next = script_.peek(at);
  if (!lines_.is_open() || next == nullptr || receivers_ < receivers_of(*next)) return next;
  return script_.peek(at + 1);
}

// Returns how many clients received a recorded message. Keeps the result for the next call: a message may have very
// many receivers, and expected() needs the number again for each of them.
std::size_t LanePlayer::receivers_of(const CaptureRecord& record) {
  if (record.line == counted_line_) return counted_;
  counted_line_ = record.line;
  counted_ = 0;
  const auto* out = record.get<CaptureOut>();
  if (out == nullptr || out->what != "send") return counted_;
  try {
    counted_ = parse_sent(record).to.size();
  } catch (const std::runtime_error&) {
    // The recorded line cannot be read. So no output will equal it, and it will count as a difference.
  }
  return counted_;
}

// A port (the lane's interface to clients or to services) can answer before the lane's call to it returns, for example
// to report that a request could not be sent. If the record that is expected next is such an answer, puts it and all
// such answers that follow it into the lane.
void LanePlayer::put_port_answers() {
  const auto is_inside = [](const CaptureRecord* r) { return r != nullptr && r->inside; };
  if (!is_inside(expected())) return;
  lines_.finish();
  compare();
  comparison_.pass_outputs();
  while (is_inside(script_.peek())) put_next();
}

// Compares the output lines that the lane has produced since the previous call with the recorded outputs.
void LanePlayer::compare() {
  const std::string_view text = lines_.text().view();
  std::size_t at = 0;
  while (at < text.size()) {
    if (const std::size_t size = comparison_.got_next(text.substr(at)); size > 0) {
      at += size;
      continue;
    }
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    comparison_.got(text.substr(at, end - at));
    at = end + 1;
  }
  lines_.text().erase_front(at);
}

bool LanePlayer::send(ConnId conn, std::span<const Frame> frames) {
  put_port_answers();
  if (lines_.is_open() && !lines_.same_as_open(frames)) {
    lines_.finish();
    compare();
  }
  if (!lines_.is_open()) receivers_ = 0;
  const CaptureRecord* next = expected();
  const auto* out = next == nullptr ? nullptr : next->get<CaptureOut>();
  const bool refused = out != nullptr && out->what == "refused";
  if (refused) {
    lines_.refused(conn);
  } else if (frames.empty()) {
    return true;
  } else {
    lines_.sent(conn, frames);
    ++receivers_;
  }
  if (!lines_.is_open()) compare();
  return !refused;
}

void LanePlayer::close(ConnId conn, const CloseReason& reason) {
  put_port_answers();
  lines_.closed(conn, reason);
  compare();
}

void LanePlayer::accept(ConnId conn, const Headers& headers) {
  put_port_answers();
  lines_.accepted(conn, headers);
  compare();
}

void LanePlayer::respond(ConnId conn, const WebResponse& response) {
  put_port_answers();
  lines_.responded(conn, response);
  compare();
}

void LanePlayer::pause(ConnId conn) {
  put_port_answers();
  lines_.paused(conn);
  compare();
}

void LanePlayer::resume(ConnId conn) {
  put_port_answers();
  lines_.resumed(conn);
  compare();
}

void LanePlayer::request(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  asking_ = id;
  put_port_answers();
  asking_ = std::nullopt;
  lines_.requested(id, subject, payload);
  compare();
}

bool LanePlayer::subscribe(SubscriptionHandle handle, std::string_view subject) {
  subscribing_ = handle;
  put_port_answers();
  const bool accepted = subscribing_.has_value();
  subscribing_ = std::nullopt;
  lines_.subscribed(handle, subject);
  compare();
  return accepted;
}

void LanePlayer::unsubscribe(SubscriptionHandle handle) {
  put_port_answers();
  lines_.unsubscribed(comparison_.handle_then(handle));
  compare();
}

}  // namespace resflow::replay
