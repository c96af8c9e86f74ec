// What one client holds, by the RES-Client protocol ("Subscriptions"): every resource it subscribes to directly, and
// every resource that one it holds refers to. "Cyclic references where none of the resources are directly subscribed
// will not be considered subscribed."
//
// Counts decide the common case in O(1): a resource without counts is let go. Only a resource that still is referred
// to, has references of its own and no direct subscription may hang on a cycle; from there the graph is traced (trial
// deletion).
//
// Pure; owned by one session. Invariant after collect(): an item is held exactly if it is reachable from an item with
// direct > 0 through `references` of held items, and `indirect` counts the references to it from held items.
#pragma once

#include <cstdint>
#include <vector>

namespace resflow {

struct Held {
  std::uint32_t direct = 0;       // direct subscriptions that were confirmed
  std::uint32_t indirect = 0;     // references from held items, each occurrence counted
  bool held = false;              // the client has it
  std::vector<Held*> references;  // of the state that the client has, each occurrence
  std::uint32_t mark = 0;         // scratch of the trace
  std::uint32_t trial = 0;
};

class Holdings {
 public:
  // The client learns that `from` refers to `to`.
  void refer(Held& from, Held& to);

  // The client learns that one reference is gone; `to` may be let go by collect().
  void unrefer(Held& from, Held& to);

  // All references of an item whose state the client gets anew.
  void unrefer_all(Held& from);

  void subscribe(Held& item) { ++item.direct; }
  void unsubscribe(Held& item, std::uint32_t count);

  // Lets go of what nothing holds any more, and returns it: not held, without counts and references. The items may be
  // destroyed then. The result is valid until the next call.
  const std::vector<Held*>& collect();
  // The items that the latest collect() had to go through because they may be held by a cycle alone.
  std::size_t traced() const { return traced_; }

 private:
  void let_go_by_count();
  void let_go_cycles();
  void gather(std::vector<Held*>& reachable);
  void let_go(Held& item);

  std::vector<Held*> candidates_;
  std::vector<Held*> suspects_;
  std::vector<Held*> gone_;
  std::size_t traced_ = 0;
  std::uint32_t epoch_ = 0;
};

}  // namespace resflow
