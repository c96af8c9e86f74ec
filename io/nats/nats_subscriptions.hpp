// The NATS subscriptions of a NatsClient. The table finds the receiver of a message by its subject. After a reconnect,
// it lists the subscriptions that must be made again on the new connection. If the NATS server limits the number of
// subscriptions, the table refuses new ones above the limit.
//
// Private to the files nats_*.cpp. Any thread may use the table. The lanes (threads of the gateway) add and remove
// subscriptions. The thread of the event loop looks up subjects and makes subscriptions again.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/nats/nats_error.hpp"
#include "io/nats/nats_link.hpp"
#include "nodes/base/keyed_table.hpp"
#include "nodes/base/text_hash.hpp"

namespace resflow {

class NatsClient::Subscriptions {
 public:
  struct Entry {
    std::string name;  // the subject without its ending ".*"
    Subscription target;
    // The subscription object of nats.c (the NATS library) on the current connection. Null: the subscription is not
    // made yet, or was refused.
    natsSubscription* made = nullptr;
    // Number of the latest add() call for this entry; 0: no call yet. A later add() call, for any entry, has a larger
    // number.
    std::uint64_t serial = 0;
    bool refused = false;  // the server or the NatsClient has refused the subscription
  };
  enum class Added { taken, no_room, failed };

  // The gateway itself always has two subscriptions: one for the replies to its requests, and one for system events
  // (subject system.*). The lanes (threads of the gateway) make all other subscriptions.
  static constexpr std::size_t kOwn = 2;

  Subscriptions(std::size_t limit, LogPort& log) : log_(log), limit_(limit) {}

  // Adds a subscription to the table and, if there is a connection, subscribes to `subject` at the NATS server.
  // `subject` must end in ".*". For a new subscription, `entry` must be null, and add() sets it to the new entry. To
  // try again after a refusal, the caller passes the entry of the refused subscription. Returns `taken` on success, and
  // `failed` if nats.c reports an error. If the limit allows no more subscriptions, add() changes nothing and returns
  // `no_room`.
  Added add(const std::string& subject, const Subscription& target, Entry*& entry);
  void remove(Entry& entry);
  // Makes one of the gateway's own two subscriptions (for replies, and for system events) on the current connection.
  // Adds it to the table if it is not there yet. Returns NATS_OK, or the nats.c status that says why this failed. Loop
  // thread only.
  natsStatus add_own(const std::string& subject, const Subscription& target);

  // Finds the subscription that a message with this subject belongs to, and copies its receiver to `target`. Returns
  // false if there is no such subscription. Loop thread only.
  bool find(std::string_view subject, Subscription& target) const;

  // Sets the current connection; null: there is none. Destroys the subscription objects of nats.c for the old
  // connection. The caller then makes all subscriptions again on the new connection, with add_own() and make().
  void use(Link* link);
  // A subscription that must be made again on a new connection. due() returns all of them, the oldest first.
  struct Due {
    std::uint64_t serial;
    std::string name;
  };
  std::vector<Due> due() const;
  // Makes a subscription again on the current connection. Returns false if it is not needed any more: it was removed,
  // replaced or refused after due() had returned it. Also returns false if there is no connection.
  bool make(const Due& due);
  // Mark subscriptions as refused, and end them at the server. refuse(due) does so for one subscription, refuse(fault)
  // for all subscriptions to which the NATS error applies. Both return the refused subscriptions, so that the caller
  // can inform the receiver (`sink`) of each. If refuse(due) finds nothing to refuse, it returns a Subscription whose
  // `sink` is null.
  Subscription refuse(const Due& due);
  std::vector<Subscription> refuse(const NatsFault& fault);

  // Returns the number of subscriptions that are not refused. This includes the two that the gateway itself has: for
  // replies to its requests, and for system events.
  std::size_t count() const;
  std::size_t limit() const { return limit_; }
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  struct ByName {
    static std::string_view key(const Entry& e) { return e.name; }
    static std::size_t hash(std::string_view name) { return hash_text(name); }
    static bool equal(std::string_view a, std::string_view b) { return a == b; }
  };

  // One of the two subscriptions that the gateway itself has: for replies to its requests, or for system events.
  struct Own {
    std::string name;
    Subscription target;
    natsSubscription* made = nullptr;
  };

  // Returns the subscription with this name (the subject without ".*") if it is one of the two that the gateway itself
  // has: for replies to its requests, or for system events. Otherwise returns null.
  Own* find_own(std::string_view name) const;
  // Returns true if the NATS server's limit on subscriptions leaves room for `target`. A part of the limit is reserved
  // for subscriptions that a new client needs; other subscriptions cannot use this part.
  bool has_room(const Subscription& target) const;
  Subscription refuse(Entry& entry);
  // Returns the entry with this name (the subject without ".*"). If there is none, adds one.
  Entry& obtain(std::string_view name);
  // tell_full() logs that the limit for subscriptions is reached, tell_room() logs that there is room again.
  void tell_full();
  void tell_room();

  LogPort& log_;
  mutable std::mutex mutex_;
  KeyedTable<Entry, ByName> entries_;
  // The gateway's own two subscriptions, for replies and for system events. Most messages are replies, so find()
  // searches this list first. Only the loop's thread uses the list, so no lock is needed for it.
  std::vector<std::unique_ptr<Own>> own_;
  // The entries with long subjects, sorted by name. The text of a NATS error may contain only the beginning of a long
  // subject. With this map, refuse() finds all subjects that begin so.
  std::multimap<std::string_view, Entry*> long_;
  Link* link_ = nullptr;
  std::atomic<std::size_t> limit_;  // how many subscriptions the NATS server allows; 0: not known
  std::uint64_t last_serial_ = 0;
  std::size_t count_ = kOwn;  // number of subscriptions that are not refused, including the two of the gateway itself
  bool full_ = false;         // true: tell_full() has logged, and tell_room() has not logged since then
};

}  // namespace resflow
