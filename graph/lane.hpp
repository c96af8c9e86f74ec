// A lane: one of the gateway's parallel threads, with its part of the connections and resources. It has a flow graph
// with all nodes and their state, and a mailbox that other threads fill. In the gateway, the event loop of the lane's
// thread (tools/gateway/lane_loop.hpp) drives the lane: the loop gives the lane what it has read from sockets, then
// calls turn(). turn() passes the waiting messages through the graph, and finally sends out what they have caused.
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
  // `wake` must make the event loop of this lane's thread call turn(). A thread that puts messages into this lane's
  // mailbox calls `wake` afterwards if the mailbox was empty before.
  Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
       std::function<void()> wake);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Gives this lane pointers to all lanes of the gateway, itself included. The index of a lane in `lanes` is its id.
  // Call this once, before any lane runs.
  void meet(std::vector<Lane*> lanes);

  // Runs `loop` on the calling thread, which becomes the thread of this lane's graph. Returns when `loop` returns.
  void run(const std::function<void()>& loop);

  // Adds a message that the event loop of the lane's thread has received. The next turn passes it through the graph. If
  // put() is called during a turn, the message waits for a later round. (A turn consists of rounds. Each round passes
  // one list of waiting messages through the graph.)
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Adds a message from the services to the mailbox. Any thread may call it. The caller waits while the mailbox is full
  // and stop() has not been called.
  void post(ServiceReply message);
  void post(ServiceMessage message);
  void post(ServiceNotice notice);
  // Adds a message from the services to the mailbox, without waiting for room and without waking the lane. Used when a
  // capture (a recording of the gateway's traffic) is replayed. The replay calls this on the lane's own thread: if that
  // thread waited, nobody would make room in the mailbox.
  void post_at_once(ServiceReply message);
  void post_at_once(ServiceMessage message);
  void post_at_once(ServiceNotice notice);

  // Passes waiting messages through the graph, and then sends to clients and services what these messages have caused.
  // The work of one turn is bounded, so that the event loop can serve the sockets in between. Returns true if messages
  // are left; then the caller should call turn() again at once.
  bool turn(Millis now);

  // Returns true if a node must act at a later time, for example when a request reaches its time limit. Then the loop
  // must call turn() every few tens of milliseconds, also when no message arrives.
  bool waits_for_time() const;

  // A tap watches the messages that enter the lane, for example to record them. add_tap(): from now on, the lane tells
  // `tap` of each such message. remove_tap(): the lane stops telling `tap`. Call both only between turns.
  void add_tap(Tap& tap);
  void remove_tap(const Tap& tap);

  // Tells all other lanes that this lane will send them nothing more, so that they no longer wait for its messages.
  // Lanes wait for each other only while a capture (recorded traffic) is replayed. The replay calls this when it has no
  // more recorded input for this lane.
  void end();

  // Closes the mailbox, so that threads that post messages no longer wait for room in it. Any thread may call it.
  // Messages that are posted after the last turn are dropped when the lane is destroyed.
  void stop();

  const Registry& registry() const;
  LaneStatistics statistics() const;
  std::size_t client_count() const;
  std::size_t cached_names() const;
  // For the admin page. client_state(): what the nodes of this lane keep for a client. some_resources(): the ids of at
  // most `at_most` cached resources. resource_state(): the state of a resource; nullopt if the resource is no longer
  // cached.
  ClientState client_state(ConnId conn) const;
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  std::optional<ResourceState> resource_state(ResourceId id) const;

 private:
  // Adds messages that the lane `from` sends to this lane's mailbox. Called on the thread of the lane `from`.
  void post_from(LaneId from, LaneBatch& batch);
  void post_from_outside(LaneItem item);
  void post_at_once(LaneItem item);

  std::function<void()> wake_;
  Mailbox mailbox_;
  std::vector<Lane*> lanes_;  // all lanes of the gateway; the index of a lane is its id
  std::unique_ptr<LaneGraph> graph_;
};

}  // namespace resflow
