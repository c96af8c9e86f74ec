// Knows what one client holds, by the RES-Client protocol ("Subscriptions"): every resource that it subscribes to
// directly, and every resource that a held resource refers to. "Cyclic references where none of the resources are
// directly subscribed will not be considered subscribed."
//
// Counts are enough in the common case: the client does not hold a resource that has no direct subscription and no
// reference to it. But if resources refer to each other in a cycle, their counts stay above 0, even if the client does
// not hold them any more. A resource may be in such a cycle if it has no direct subscription, other resources refer to
// it, and it refers to other resources. It is then called a suspect. Holdings follows the references of the suspects,
// and finds the cycles by trial deletion.
//
// No I/O; owned by one session. Invariant after collect(): an item (a Held) is held exactly if it is reachable from an
// item with direct > 0 through `references` of held items, and `indirect` counts the references to it from held items.
#pragma once

#include <cstdint>
#include <vector>

namespace resflow {

// A resource that the client may hold.
struct Held {
  std::uint32_t direct = 0;  // direct subscriptions that the client got a positive answer for
  // Number of references from held items to this item. An item that refers to this one twice counts as two.
  std::uint32_t indirect = 0;
  bool held = false;  // the client holds the item
  // The items that this item refers to, in the state that the client has. An item that is referred to twice is listed
  // twice.
  std::vector<Held*> references;
  // For let_go_cycles(), which follows references from item to item (a trace). Each trace has a number. mark: the
  // number of the latest trace that reached this item, or that number + 1 if the trace found that the client still
  // holds the item. trial: how many references to the item come from items that the trace did not reach.
  std::uint32_t mark = 0;
  std::uint32_t trial = 0;
};

class Holdings {
 public:
  // Adds a reference from `from` to `to`. The client has learned of the reference by a state or an event.
  void refer(Held& from, Held& to);

  // Removes a reference from `from` to `to`. The client knows by an event that the reference is gone. If nothing else
  // holds `to`, the next collect() returns `to`.
  void unrefer(Held& from, Held& to);

  // Removes all references of `from`. Called before the client gets a new state of `from`.
  void unrefer_all(Held& from);

  void subscribe(Held& item) { ++item.direct; }
  void unsubscribe(Held& item, std::uint32_t count);

  // Returns the items that nothing holds any more, and sets `held` to false for them. Their counts are 0 and their
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
