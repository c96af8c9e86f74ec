// Knows what one client holds, by the RES-Client protocol ("Subscriptions"): every resource that it subscribes to
// directly, and every resource that a held resource refers to. "Cyclic references where none of the resources are
// directly subscribed will not be considered subscribed."
//
// Reference counts are enough in the common case: the client does not hold a resource that has no direct subscription
// and no reference to it. But resources in a cycle refer to each other, so their counts stay above 0 even if nothing
// else refers to them. Holdings finds such cycles by trial deletion (let_go_cycles). It begins at the suspects:
// resources that have no direct subscription, are referred to, and refer to other resources.
//
// No I/O; owned by one session. Invariant after collect(): an item (a Held) is held exactly if it is reachable from an
// item with direct > 0 through `references` of held items, and `indirect` counts the references to it from held items.
#pragma once

#include <cstdint>
#include <vector>

namespace resflow {

// A resource that the client may hold.
struct Held {
  std::uint32_t direct = 0;  // number of direct subscriptions that the client got a positive answer for
  // Number of references from held items to this item. An item that refers to this one twice counts as two.
  std::uint32_t indirect = 0;
  bool held = false;  // the client holds the item
  // The items that this item refers to, in the state that the client has. An item that is referred to twice is listed
  // twice.
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
