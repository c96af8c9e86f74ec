// All subscriptions of a NatsClient: to whom what comes on them goes, and what a connection that takes the place of
// another one has to subscribe to. Counts them, and refuses what is beyond the limit that is known.
//
// Private to the files nats_*.cpp. Any thread: lanes subscribe, the loop's thread looks up and subscribes anew.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/nats/nats_error.hpp"
#include "io/nats/nats_link.hpp"
#include "nodes/base/text_hash.hpp"

namespace resflow {

class NatsClient::Subscriptions {
 public:
  struct Entry {
    Subscription target;
    natsSubscription* made = nullptr;  // on the present connection; null: none yet, or refused
    std::uint64_t serial = 0;          // in the order in which they were wanted
    bool refused = false;
  };
  using Node = std::pair<const std::string, Entry>;  // by the subject up to its last dot
  enum class Added { taken, no_room, failed };

  // Beyond what a lane asks for: the reply inbox, and system events.
  static constexpr std::size_t kOwn = 2;

  Subscriptions(std::size_t limit, LogPort& log) : log_(log), limit_(limit) {}

  // `subject` ends in ".*". A `node` that is not null is that of the same subscription, which was refused.
  Added add(const std::string& subject, const Subscription& target, Node*& node);
  void remove(Node& node);
  // What is always there, and does not count; on the present connection. NATS_OK, or why not.
  natsStatus add_own(const std::string& subject, const Subscription& target);

  // Who gets what comes on this subject.
  bool find(std::string_view subject, Subscription& target) const;

  // The connection is gone: none is subscribed to until there is another one.
  void use(Link* link);
  // Those to be subscribed to, the oldest first.
  struct Due {
    std::uint64_t serial;
    std::string subject;  // up to its last dot
  };
  std::vector<Due> due() const;
  // Subscribes to it, if it is still wanted: true.
  bool make(const Due& due);
  // It is not to be had. To whom that must be told; a null sink: to nobody.
  Subscription refuse(const Due& due);
  std::vector<Subscription> refuse(const NatsFault& fault);

  std::size_t count() const;  // with kOwn
  std::size_t limit() const { return limit_; }
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  bool has_room(const Subscription& target) const;
  Subscription refuse(Node& node);
  void tell_full();
  void tell_room();

  LogPort& log_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries_;
  std::multimap<std::string_view, Node*> long_;  // those that an error may not name in full
  Link* link_ = nullptr;
  std::atomic<std::size_t> limit_;  // 0: not known
  std::uint64_t last_serial_ = 0;
  std::size_t count_ = kOwn;  // that are not refused
  bool full_ = false;         // and the log says so
};

}  // namespace resflow
