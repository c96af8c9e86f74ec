// Knows what one client holds, by the RES-Client protocol ("Subscriptions"): every resource that it subscribes to
// directly, and every resource that a held resource refers to. "Cyclic references where none of the resources are
// directly subscribed will not be considered subscribed."
//
// Counts decide the common case in O(1): a resource whose counts are zero is let go. Only a resource with references to
// it, references of its own and no direct subscription may be held by a cycle alone. From such resources the graph is
// traced (trial deletion).
//
// Pure; owned by one session. Invariant after collect(): an item is held exactly if it is reachable from an item with
// direct > 0 through `references` of held items, and `indirect` counts the references to it from held items.
#pragma once

#include <cstdint>
#include <vector>

namespace resflow {

// A resource that the client may hold.
struct Held {
  std::uint32_t direct = 0;       // confirmed direct subscriptions
  std::uint32_t indirect = 0;     // references from held items, each occurrence counted
  bool held = false;              // the client holds the item
  std::vector<Held*> references;  // in the state that the client has; each occurrence is listed
  std::uint32_t mark = 0;         // used by the trace
  std::uint32_t trial = 0;        // used by the trace
};

class Holdings {
 public:
  // Counts a reference that the client has learned of.
  void refer(Held& from, Held& to);

  // Removes a reference that the client knows to be gone. collect() may then let go of `to`.
  void unrefer(Held& from, Held& to);

  // Removes all references of an item, before the client gets its new state.
  void unrefer_all(Held& from);

  void subscribe(Held& item) { ++item.direct; }
  void unsubscribe(Held& item, std::uint32_t count);

  // Lets go of the items that nothing holds any more, and returns them. They are without counts and references, and may
  // be destroyed.
  std::vector<Held*> collect();
  // How many items the latest collect() went through because they might be held by a cycle alone.
  std::size_t traced() const { return traced_; }

 private:
  using Items = std::vector<Held*>;

  Items let_go_by_count(Items& gone);
  void let_go_cycles(const Items& suspects, Items& gone);
  Items gather(const Items& suspects) const;

  Items candidates_;  // those that have lost a reference or a subscription since the latest collect()
  std::size_t traced_ = 0;
  std::uint32_t epoch_ = 0;
};

}  // namespace resflow
