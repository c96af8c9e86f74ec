#include "io/nats/nats_subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "nodes/protocol/ids.hpp"

namespace resflow {

namespace {

// Length in bytes of the longest subject that an error text contains in full. nats.c cuts off error texts after 255
// bytes, and they contain other words, too. A subject with many escaped characters may be cut off even if it is
// shorter.
constexpr std::size_t kNamedInFull = 180;

std::string_view up_to_last_dot(std::string_view subject) {
  return subject.substr(0, subject.rfind('.'));
}

std::string subject_of(std::string_view name) {
  return std::string(name) + ".*";
}

// Ends the subscription and sets `made` to null. Does nothing if `made` is null already.
void end(natsSubscription*& made) {
  if (made == nullptr) return;
  natsSubscription_Unsubscribe(made);
  natsSubscription_Destroy(made);
  made = nullptr;
}

}  // namespace

// Returns true if the server's limit allows one more NATS subscription. The last 1/16 of the limit is reserved for the
// subscriptions that the gateway makes for each client that connects. Otherwise subscriptions for resources could use
// up the limit, and no client could connect.
bool NatsClient::Subscriptions::has_room(const Subscription& target) const {
  constexpr std::size_t part_for_clients = 16;
  const std::size_t limit = limit_;
  if (limit == 0) return true;
  const bool is_client = handle_kind(target.handle) == HandleKind::connection;
  return count_ < limit - (is_client ? 0 : limit / part_for_clients);
}

NatsClient::Subscriptions::Entry& NatsClient::Subscriptions::obtain(std::string_view name) {
  if (Entry* known = entries_.find(name)) return *known;
  auto made = std::make_unique<Entry>();
  made->name = name;
  return entries_.add(std::move(made));
}

NatsClient::Subscriptions::Added NatsClient::Subscriptions::add(const std::string& subject, const Subscription& target,
                                                                Entry*& entry) {
  const std::lock_guard lock(mutex_);
  if (!has_room(target)) {
    tell_full();
    return Added::no_room;
  }
  if (entry == nullptr) {
    entry = &obtain(up_to_last_dot(subject));
    if (entry->serial == 0 && entry->name.size() > kNamedInFull) long_.emplace(entry->name, entry);
  }
  if (entry->serial == 0 || entry->refused) ++count_;
  end(entry->made);
  entry->target = target;
  entry->serial = ++last_serial_;
  entry->refused = false;
  if (link_ == nullptr) return Added::taken;
  const natsStatus status = link_->subscribe(subject, target, &entry->made);
  // NATS_CONNECTION_CLOSED is no failure: the NatsClient makes all subscriptions again on the next connection.
  return status == NATS_OK || status == NATS_CONNECTION_CLOSED ? Added::taken : Added::failed;
}

NatsClient::Subscriptions::Own* NatsClient::Subscriptions::find_own(std::string_view name) const {
  const auto own = std::find_if(own_.begin(), own_.end(), [&](const auto& o) { return o->name == name; });
  return own == own_.end() ? nullptr : own->get();
}

natsStatus NatsClient::Subscriptions::add_own(const std::string& subject, const Subscription& target) {
  const std::string_view name = up_to_last_dot(subject);
  Own* own = find_own(name);
  if (own == nullptr) own = own_.emplace_back(std::make_unique<Own>(Own{std::string(name), target})).get();
  const std::lock_guard lock(mutex_);
  return link_->subscribe(subject, target, &own->made);
}

void NatsClient::Subscriptions::remove(Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (!entry.refused) --count_;
  end(entry.made);
  if (entry.name.size() > kNamedInFull) {
    const auto [first, last] = long_.equal_range(entry.name);
    long_.erase(std::find_if(first, last, [&](const auto& l) { return l.second == &entry; }));
  }
  entries_.remove(std::string_view(entry.name));
  tell_room();
}

// Logs that the limit is reached: once, not for each refused subscription.
void NatsClient::Subscriptions::tell_full() {
  if (std::exchange(full_, true)) return;
  log_.log(LogLevel::error, "There are " + std::to_string(count_) + " NATS subscriptions of at most " +
                                std::to_string(limit_) + ": what needs more is refused");
}

// If tell_full() has logged that the limit is reached, and there is room again, logs this. Does not log it again until
// tell_full() has logged again.
void NatsClient::Subscriptions::tell_room() {
  constexpr std::size_t part = 8;  // 1/8 of the limit must be free first, so that tell_full() does not soon log again
  if (!full_ || count_ > limit_ - limit_ / part) return;
  full_ = false;
  log_.log(LogLevel::info, "There is room for NATS subscriptions again");
}

bool NatsClient::Subscriptions::find(std::string_view subject, Subscription& target) const {
  const std::string_view name = up_to_last_dot(subject);
  if (const Own* own = find_own(name)) {
    target = own->target;
    return true;
  }
  const std::lock_guard lock(mutex_);
  const Entry* entry = entries_.find(name);
  if (entry == nullptr) return false;
  target = entry->target;
  return true;
}

void NatsClient::Subscriptions::use(Link* link) {
  const std::lock_guard lock(mutex_);
  link_ = link;
  for (const auto& own : own_) natsSubscription_Destroy(std::exchange(own->made, nullptr));
  entries_.for_each([](Entry& entry) { natsSubscription_Destroy(std::exchange(entry.made, nullptr)); });
}

std::vector<NatsClient::Subscriptions::Due> NatsClient::Subscriptions::due() const {
  std::vector<Due> all;
  {
    const std::lock_guard lock(mutex_);
    entries_.for_each([&](const Entry& entry) {
      if (!entry.refused) all.push_back({entry.serial, entry.name});
    });
  }
  std::sort(all.begin(), all.end(), [](const Due& a, const Due& b) { return a.serial < b.serial; });
  return all;
}

bool NatsClient::Subscriptions::make(const Due& due) {
  const std::lock_guard lock(mutex_);
  Entry* entry = entries_.find(std::string_view(due.name));
  if (entry == nullptr || entry->serial != due.serial || entry->refused || link_ == nullptr) return false;
  if (entry->made == nullptr) link_->subscribe(subject_of(due.name), entry->target, &entry->made);
  return true;
}

NatsClient::Subscription NatsClient::Subscriptions::refuse(Entry& entry) {
  end(entry.made);
  if (!entry.refused) --count_;
  entry.refused = true;
  return entry.target;
}

NatsClient::Subscription NatsClient::Subscriptions::refuse(const Due& due) {
  const std::lock_guard lock(mutex_);
  Entry* entry = entries_.find(std::string_view(due.name));
  if (entry == nullptr || entry->serial != due.serial || entry->refused) return {};
  return refuse(*entry);
}

// Ends the subscription that the error names, marks it as refused, and returns it. If the error contains only the
// beginning of a long subject, does this with all subscriptions to long subjects with this beginning: in nearly all
// cases the server treats them alike.
std::vector<NatsClient::Subscription> NatsClient::Subscriptions::refuse(const NatsFault& fault) {
  const std::lock_guard lock(mutex_);
  std::vector<Subscription> refused;
  if (!fault.cut_off) {
    Entry* entry = entries_.find(up_to_last_dot(fault.subject));
    if (entry != nullptr && !entry->refused) refused.push_back(refuse(*entry));
    return refused;
  }
  for (auto it = long_.lower_bound(fault.subject); it != long_.end() && it->first.starts_with(fault.subject); ++it) {
    if (!it->second->refused) refused.push_back(refuse(*it->second));
  }
  return refused;
}

std::size_t NatsClient::Subscriptions::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace resflow
