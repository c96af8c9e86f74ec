// The table of all subscriptions of a NatsClient. It says where the messages of each subject go, and which
// subscriptions must be made again on a new connection. It also counts the subscriptions. If the server's limit is
// known, the table refuses new subscriptions above this limit.
//
// Private to the files nats_*.cpp. Any thread: lanes subscribe, and the loop's thread looks subjects up and makes
// subscriptions again.
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
    std::string name;  // the subject up to its last dot
    Subscription target;
    // The library's subscription on the current connection; null: not made yet, or refused.
    natsSubscription* made = nullptr;
    std::uint64_t serial = 0;  // place in the order in which lanes subscribed; 0: not subscribed yet
    bool refused = false;      // the server or the NatsClient has refused the subscription
  };
  enum class Added { taken, no_room, failed };

  // The number of the gateway's own subscriptions: the reply inbox and system events.
  static constexpr std::size_t kOwn = 2;

  Subscriptions(std::size_t limit, LogPort& log) : log_(log), limit_(limit) {}

  // Adds a subscription to the table, and makes it on the current connection, if there is a connection. `subject` must
  // end in ".*". If an earlier attempt was refused, the caller passes the entry of that attempt in `entry`. Otherwise
  // `entry` must be null, and add() sets it to the new entry. If has_room() is false, adds nothing and returns
  // `no_room`.
  Added add(const std::string& subject, const Subscription& target, Entry*& entry);
  void remove(Entry& entry);
  // Makes one of the gateway's own subscriptions on the current connection, and adds it to the table if it is new.
  // Returns NATS_OK, or the status that says why this failed. Loop thread only.
  natsStatus add_own(const std::string& subject, const Subscription& target);

  // Looks up where a message with this subject goes, and stores that in `target`. Returns false if there is no
  // subscription for the subject. Loop thread only.
  bool find(std::string_view subject, Subscription& target) const;

  // Switches to the connection `link`; null means that there is no connection now. Destroys the library's subscriptions
  // on the old connection. The caller then makes all subscriptions again on the new one, with add_own() and make().
  void use(Link* link);
  // A subscription that must be made again on a new connection. due() returns all of them, the oldest first.
  struct Due {
    std::uint64_t serial;
    std::string name;
  };
  std::vector<Due> due() const;
  // Makes a subscription on the current connection. Returns false if no lane wants the subscription any more, or if the
  // subscription was refused meanwhile.
  bool make(const Due& due);
  // refuse(due): refuses one subscription. refuse(fault): refuses all subscriptions that an error is about. Both return
  // the targets of the refused subscriptions, so that the caller can report each refusal to the target's sink. A target
  // with a null sink means that there is nothing to report.
  Subscription refuse(const Due& due);
  std::vector<Subscription> refuse(const NatsFault& fault);

  std::size_t count() const;  // number of subscriptions, including the gateway's own, without refused ones
  std::size_t limit() const { return limit_; }
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  struct ByName {
    static std::string_view key(const Entry& e) { return e.name; }
    static std::size_t hash(std::string_view name) { return hash_text(name); }
    static bool equal(std::string_view a, std::string_view b) { return a == b; }
  };

  // One of the gateway's own subscriptions: the reply inbox or system events.
  struct Own {
    std::string name;
    Subscription target;
    natsSubscription* made = nullptr;
  };

  // Returns the gateway's own subscription of this name; null if there is none.
  Own* find_own(std::string_view name) const;
  // Returns true if the limit allows one more subscription for this target.
  bool has_room(const Subscription& target) const;
  Subscription refuse(Entry& entry);
  // Returns the entry of the name; makes it if it is missing.
  Entry& obtain(std::string_view name);
  // tell_full() logs that the limit is reached, tell_room() logs that there is room again.
  void tell_full();
  void tell_room();

  LogPort& log_;
  mutable std::mutex mutex_;
  KeyedTable<Entry, ByName> entries_;
  // The gateway's own subscriptions. Most messages are replies, so find() looks here first, and does not lock the mutex
  // for that. Used by the loop's thread only.
  std::vector<std::unique_ptr<Own>> own_;
  // Entries with long subjects: an error text may contain only the beginning of such a subject. The key of an entry is
  // its name.
  std::multimap<std::string_view, Entry*> long_;
  Link* link_ = nullptr;
  std::atomic<std::size_t> limit_;  // how many subscriptions the server allows; 0: not known
  std::uint64_t last_serial_ = 0;
  std::size_t count_ = kOwn;  // number of subscriptions, including the gateway's own, without refused ones
  bool full_ = false;         // tell_full() has logged that the limit is reached
};

}  // namespace resflow
