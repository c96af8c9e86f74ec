// Knows what one client holds, by the RES-Client protocol ("Subscriptions"): every resource that it subscribes to
// directly, and every resource that a held resource refers to. "Cyclic references where none of the resources are
// directly subscribed will not be considered subscribed."
//
// Without cycles, it is enough to count references: the client does not hold a resource that has no direct subscription
// and no reference to it. But resources in a cycle refer to each other, so their counts never reach 0. So Holdings also
// searches for cycles to which nothing else refers, and removes them (let_go_cycles).
//
// No I/O; owned by one session. Invariants after collect() (an "item" is a resource, see Held): An item is held if it
// has a direct subscription, or if a chain of references leads to it from an item that has one. No other item is held.
// Held::indirect counts the references from held items.
#pragma once

#include <cstdint>
#include <vector>

namespace resflow {

// One resource, and the counts that show whether the client holds it (is subscribed to it, directly or through
// references).
struct Held {
  std::uint32_t direct = 0;  // number of direct subscriptions that the client got a positive answer for
  // Number of references from held items to this item. An item that refers to this one twice counts as two.
  std::uint32_t indirect = 0;
  bool held = false;  // the client got the state of the item (or an error instead), and is still subscribed to it
  // The items to which this item refers, by its state that was last sent to the client. An item that is referred to
  // twice is listed twice.
  std::vector<Held*> references;
  // For let_go_cycles(), which searches for cycles of references. Searches are numbered. mark: the number of the latest
  // search that reached this item, plus 1 if that search found that the client still holds the item. trial: how many
  // references to this item come from items that the search did not reach.
  std::uint32_t mark = 0;
  std::uint32_t trial = 0;
};

class Holdings {
 public:
  // Adds a reference from `from` to `to`, because the client got a state or an event with this reference.
  void refer(Held& from, Held& to);

  // Removes a reference from `from` to `to`, because the client got an event that removes it. If nothing else holds
  // `to`, the next collect() returns `to`.
  void unrefer(Held& from, Held& to);

  // Removes all references of `from`. Called before the client gets a new state of `from`.
  void unrefer_all(Held& from);

  void subscribe(Held& item) { ++item.direct; }
  void unsubscribe(Held& item, std::uint32_t count);

  // Returns the items that the client no longer holds, and sets their `held` to false. Their counts are 0 and their
  // references are removed, so the caller may destroy the items.
  std::vector<Held*> collect();
  // Returns how many items the latest collect() visited to find cycles of references.
  std::size_t traced() const { return traced_; }

 private:
  using Items = std::vector<Held*>;

  Items let_go_by_count(Items& gone);
  void let_go_cycles(const Items& suspects, Items& gone);
  Items gather(const Items& suspects) const;

  Items candidates_;  // items that have lost a reference or a subscription since the latest collect()
  std::size_t traced_ = 0;
  std::uint32_t epoch_ = 0;
};

}  // namespace resflow
