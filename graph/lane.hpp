// A lane: one thread's share of the gateway. It has a flow graph with all nodes and their state, and a mailbox that
// other threads fill. Its owner's event loop (tools/gateway/lane_loop.hpp) drives it: the loop puts in what it has read
// from sockets, then calls turn(), which takes all messages through the graph and flushes what they cause.
//
// All functions are called on the lane's thread, inside run(), except where a comment says "any thread".
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
class LaneGraph;

class Lane {
 public:
  // `wake` is called from any thread when messages have come into the empty mailbox. It must make the owner's loop take
  // a turn.
  Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
       std::function<void()> wake);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Tells the lane about all lanes, indexed by id. Called once, before any lane runs.
  void meet(std::vector<Lane*> lanes);

  // Runs `loop` on the calling thread, which becomes the thread of this lane's graph. Returns when `loop` returns.
  void run(const std::function<void()>& loop);

  // Adds a message from the lane's own loop. It is taken in the next turn.
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Adds a message from the services. Any thread. The caller waits while the mailbox is full.
  void post(ServiceReply message);
  void post(ServiceMessage message);
  void post(ServiceNotice notice);
  // Does the same without waiting, on the lane's own thread. The replay of a capture needs it: while this thread
  // waited, nothing would make room in the mailbox.
  void post_at_once(ServiceReply message);
  void post_at_once(ServiceMessage message);
  void post_at_once(ServiceNotice notice);

  // Takes all waiting messages through the graph, and flushes what they cause. Returns true if messages are left, so
  // that the next turn should follow at once.
  bool turn(Millis now);

  // Returns true if something in the lane waits for time to pass. Then the loop must call turn() every few ten
  // milliseconds.
  bool waits_for_time() const;

  // Adds a tap, which is told of every message that enters the lane from now on, and removes it. Called between turns.
  void add_tap(Tap& tap);
  void remove_tap(const Tap& tap);

  // Called when nothing more will be put into this lane. The other lanes then no longer wait for messages from it.
  // (Lanes wait for each other only in the replay of a capture.)
  void end();

  // Ends all waiting at the mailbox. Any thread. Messages that are posted after the last turn are
  // dropped when the lane is destroyed.
  void stop();

  const Registry& registry() const;
  LaneStatistics statistics() const;
  std::size_t client_count() const;
  std::size_t cached_names() const;
  // What the nodes of this lane know about one client and about cached resources, for the admin page.
  ClientState client_state(ConnId conn) const;
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  std::optional<ResourceState> resource_state(ResourceId id) const;

 private:
  // Takes messages of another lane. Any thread.
  void post_from(LaneId from, LaneBatch& batch);
  void post_from_outside(LaneItem item);
  void post_at_once(LaneItem item);

  std::function<void()> wake_;
  Mailbox mailbox_;
  std::vector<Lane*> lanes_;  // all lanes, by id
  std::unique_ptr<LaneGraph> graph_;
};

}  // namespace resflow
