// A lane: one thread's share of the gateway. It has the flow graph with the state of its nodes, a mailbox that other
// threads fill, and is driven by its owner's event loop: what the loop has read is put in, then one turn takes all
// there is through the graph and flushes.
//
// All calls on the lane's thread, inside run(), except those marked "any thread".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/mailbox.hpp"
#include "graph/registry.hpp"
#include "nodes/ask/ask.hpp"
#include "nodes/cache/cache.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/session/session.hpp"
#include "nodes/statistics.hpp"
#include "nodes/tap.hpp"
#include "nodes/write.hpp"

namespace resflow {

struct LaneOptions;

class Lane {
 public:
  // `wake` is called from any thread when the mailbox has got something to do; it makes the owner's loop take a turn.
  Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
       std::function<void()> wake);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Once, before anything runs: all lanes, by id.
  void meet(std::vector<Lane*> lanes);

  // Runs `loop` on this thread with this lane's graph at hand.
  void run(const std::function<void()>& loop);

  // From the lane's own loop: taken in the next turn.
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Any thread: from the services. They wait while the mailbox is full.
  void post(ServiceReply message);
  void post(ServiceMessage message);
  void post(ServiceNotice notice);
  // The same without a wait, on the lane's own thread: who plays it again, for nobody else would make room.
  void post_at_once(ServiceReply message);
  void post_at_once(ServiceMessage message);
  void post_at_once(ServiceNotice notice);

  // Takes everything through the graph and flushes it. True when there is more to do at once.
  bool turn(Millis now);

  // Whether something in the lane waits for time to pass: then turns are due every few ten milliseconds.
  bool waits_for_time() const;

  // Between turns: who watches what enters from now on; null: nobody.
  void tap(Tap* tap);

  // When nothing more will be put: the other lanes do not wait for messages of this one (those that are played again
  // do).
  void end();

  // Any thread: senders wait no more; what comes is dropped when the lane ends.
  void stop();

  const Registry& registry() const;
  LaneStatistics statistics() const;
  std::size_t client_count() const;
  std::size_t cached_names() const;
  // One client and one cached resource, as the nodes that own their state know them.
  ClientState client_state(ConnId conn) const;
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  std::optional<ResourceState> resource_state(ResourceId id) const;

 private:
  class Graph;
  void post_from_outside(LaneItem item);
  void post_at_once(LaneItem item);

  std::function<void()> wake_;
  Mailbox mailbox_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace resflow
