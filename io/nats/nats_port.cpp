#include "io/nats/nats_port.hpp"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <charconv>
#include <utility>

#include "nodes/base/text_hash.hpp"
#include "nodes/protocol/control_line.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

namespace {

// How many bytes of a request's subject the port remembers, to find the request when an error names its subject. An
// error text of nats.c has at most 255 bytes.
constexpr std::size_t kRememberedSubject = 255;

}  // namespace

void NatsClient::Port::request(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id.value(), 16).ptr;
  if (client_.log_.enabled(LogLevel::trace)) {
    client_.trace("<== (" + std::string(digits.data(), end) + ") ", subject, payload);
  }
  if (link_ == nullptr || keeping_) return keep(id, subject, payload);
  subject_ = subject;
  reply_.assign(client_.inbox_).append(1, '.').append(digits.data(), end);
  const std::size_t line = publish_line(subject.size(), reply_.size(), payload.size());
  if (!client_.line_fits(line)) {
    failed_.push_back({id, {}, false, "subject too long for the messaging system"});
    return;
  }
  const natsStatus status =
      natsConnection_PublishRequest(link_.load(std::memory_order_relaxed)->connection(), subject_.c_str(),
                                    reply_.c_str(), payload.data(), static_cast<int>(payload.size()));
  if (status == NATS_CONNECTION_CLOSED) return keep(id, subject, payload);
  if (status != NATS_OK) failed_.push_back({id, {}, false, natsStatus_GetText(status)});
  if (sent_.empty()) sent_.resize(kSent);
  Sent& sent = sent_[next_sent_++ % kSent];
  sent.id = id;
  sent.subject.assign(subject.substr(0, kRememberedSubject));
  gathered(line + payload.size());
}

void NatsClient::Port::keep(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  keeping_ = true;
  kept_bytes_ += subject.size() + payload.size();
  if (kept_bytes_ > static_cast<std::size_t>(client_.options_.unsent_bytes)) {
    failed_.push_back({id, {}, false, "the messaging system is not connected"});
  } else {
    kept_.push_back({id, std::string(subject), std::string(payload)});
  }
}

// Called when there is a new connection. Sends the kept requests for which `wanted` returns true, and drops the others.
// If the new connection is already lost too, sends and drops nothing: the lane calls send_kept() again after the next
// notice ServicesRestored.
void NatsClient::Port::send_kept(const std::function<bool(ServiceRequestId)>& wanted) {
  // Stores the current connection in link_. The loop's thread does not destroy a connection that is stored in link_.
  // But just before the connection is stored, that thread may replace and destroy it. So this loop checks that the
  // stored connection is still the current one, and tries again if not.
  do {
    link_ = client_.link_.load();
  } while (link_ != client_.link_.load());
  if (link_ == nullptr) return;
  keeping_ = false;
  kept_bytes_ = 0;
  for (const Kept& kept : std::exchange(kept_, {})) {
    if (wanted(kept.id)) request(kept.id, kept.subject, kept.payload);
  }
}

bool NatsClient::Port::subscribe(SubscriptionHandle handle, std::string_view subject) {
  if (client_.log_.enabled(LogLevel::trace)) client_.trace("S=> ", subject, "");
  auto refusal = SubscriptionRefusal::length;
  if (client_.line_fits(subscribe_line(subject.size()))) {
    Subscriptions::Entry*& entry = entries_[handle];
    const Subscription target{deliver_message, &client_, &sink, handle};
    subject_ = subject;
    const auto added = client_.subscriptions_->add(subject_, target, entry);
    // lost() ends the gateway. Without this subscription, the cache would miss events of the resource, and nobody would
    // notice.
    if (added == Subscriptions::Added::failed) client_.lost("cannot subscribe to " + subject_);
    if (added != Subscriptions::Added::no_room) {
      gathered(subject.size());
      return true;
    }
    if (entry == nullptr) entries_.erase(handle);
    refusal = SubscriptionRefusal::limit;
  }
  sink.notice(SubscriptionRefused{handle, refusal});
  return false;
}

void NatsClient::Port::unsubscribe(SubscriptionHandle handle) {
  const auto it = entries_.find(handle);
  if (it == entries_.end()) return;
  if (client_.log_.enabled(LogLevel::trace)) client_.trace("U=> ", it->second->name + ".*", "");
  client_.subscriptions_->remove(*it->second);
  entries_.erase(it);
}

void NatsClient::Port::flush() {
  gathered_ = 0;
  if (has_faults_) fail_refused();
  for (ServiceReply& r : failed_) sink.reply(std::move(r));
  failed_.clear();
  if (Link* link = link_) client_.flush(*link);
}

void NatsClient::Port::refused(const NatsFault& fault) {
  {
    const std::lock_guard lock(faults_mutex_);
    faults_.push_back(fault);
    has_faults_ = true;
  }
  sink.wake();
}

// Fails each request in sent_ that the server does not permit: adds a reply with an error to failed_. sent_ also
// contains requests that were answered. None of these is failed here: the server has permitted them, so no error is
// about them.
void NatsClient::Port::fail_refused() {
  std::vector<NatsFault> faults;
  {
    const std::lock_guard lock(faults_mutex_);
    faults.swap(faults_);
    has_faults_ = false;
  }
  // Reads the list of faults and the list of sent requests only once each, since both may be long.
  boost::unordered_flat_set<std::string_view, TextHash, std::equal_to<>> subjects;
  std::vector<const NatsFault*> cut_off;
  for (const NatsFault& fault : faults) {
    if (fault.cut_off) {
      cut_off.push_back(&fault);
    } else {
      subjects.insert(fault.subject);
    }
  }
  const auto is_refused = [&](std::string_view subject) {
    const auto is_meant = [&](const NatsFault* fault) { return is_about(*fault, subject); };
    return subjects.contains(subject) || std::any_of(cut_off.begin(), cut_off.end(), is_meant);
  };
  for (Sent& sent : sent_) {
    if (sent.id == 0 || !is_refused(sent.subject)) continue;
    failed_.push_back({std::exchange(sent.id, {}), {}, false, "the messaging system does not permit the request"});
  }
}

// Counts the bytes that the lane has published. After kMuch bytes, sends them at once instead of waiting until the lane
// calls flush(). So services can begin to work while the lane publishes further requests, and the library's buffer,
// which grows but never shrinks, stays small.
void NatsClient::Port::gathered(std::size_t bytes) {
  gathered_ += bytes;
  if (gathered_ < kMuch) return;
  gathered_ = 0;
  if (Link* link = link_) client_.flush(*link);
}

}  // namespace resflow
