// A lane: one of the gateway's parallel threads, with its share of the connections and resources. A lane has a flow
// graph, whose nodes process messages, and a mailbox, through which other threads send messages to the lane. The event
// loop of the lane's thread (tools/gateway/lane_loop.hpp) reads from the sockets, gives the lane what it has read, and
// calls turn(). turn() passes the waiting messages through the graph, and then sends out what they have caused.
//
// All functions are called on the lane's thread, inside Lane::run(), except where a comment says "any thread".
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
  // `wake` is a function that makes the event loop of this lane's thread call turn(). A thread calls it after it has
  // put messages into this lane's mailbox, if the mailbox was empty before.
  Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
       std::function<void()> wake);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Gives this lane pointers to all lanes of the gateway, itself included. The index of a lane in `lanes` is its id.
  // Call this once, before any lane runs.
  void meet(std::vector<Lane*> lanes);

  // Makes the calling thread the lane's thread, and runs `loop`, its event loop. Returns when `loop` returns.
  void run(const std::function<void()>& loop);

  // Adds a message that the event loop of the lane's thread has received. The message passes through the graph in the
  // next turn() call, or later in the same call if a turn() runs already.
  void put(ParseIn message);
  void put(WriteIn message);
  void put(ServiceReply message);
  void put(ServiceMessage message);
  void put(ServiceNotice notice);

  // Adds a message from the services to the mailbox. If the mailbox is full, waits until there is room or stop() is
  // called. Any thread.
  void post(ServiceReply message);
  void post(ServiceMessage message);
  void post(ServiceNotice notice);
  // Adds a message from the services to the mailbox, even if the mailbox is full, and does not wake the lane. Used to
  // replay a capture (a recording of the gateway's traffic). The replay calls this on the lane's thread, which must not
  // wait: only that thread can make room in the mailbox.
  void post_at_once(ServiceReply message);
  void post_at_once(ServiceMessage message);
  void post_at_once(ServiceNotice notice);

  // Runs one turn: passes waiting messages through the graph, and then sends to clients and services what these
  // messages have caused. A turn ends after a limited amount of work, so that the event loop can serve the sockets.
  // Returns true if messages are left; then the caller should call turn() again at once.
  bool turn(Millis now);

  // Returns true if a node must act at a later time, for example when a request reaches its time limit. Then the loop
  // must call turn() every few tens of milliseconds, also when no message arrives.
  bool waits_for_time() const;

  // A tap watches the messages that enter the lane, for example to record them. add_tap(): from now on, the lane tells
  // `tap` of each such message. remove_tap(): the lane stops telling `tap`. Call both only between turns.
  void add_tap(Tap& tap);
  void remove_tap(const Tap& tap);

  // Tells all other lanes that this lane will send them nothing more. Used only to replay a capture (recorded traffic),
  // because only then a lane waits for messages of other lanes. The replay calls end() when it has no more recorded
  // input for this lane.
  void end();

  // Makes post() stop waiting for room, so that it adds its message even if the mailbox is full. Any thread may call
  // stop(). Messages that are posted after the last turn are never processed, and are dropped when the lane is
  // destroyed.
  void stop();

  const Registry& registry() const;
  LaneStatistics statistics() const;
  std::size_t client_count() const;
  std::size_t cached_names() const;
  // For the admin page. client_state(): what the nodes of this lane know about a client. some_resources(): the ids of
  // cached resources, at most `at_most`. resource_state(): the state of a resource; nullopt if it is no longer cached.
  ClientState client_state(ConnId conn) const;
  std::vector<ResourceId> some_resources(std::size_t at_most) const;
  std::optional<ResourceState> resource_state(ResourceId id) const;

 private:
  // Adds the messages in `batch`, which the lane `from` has sent, to this lane's mailbox. Called on the thread of the
  // lane `from`.
  void post_from(LaneId from, LaneBatch& batch);
  void post_from_outside(LaneItem item);
  void post_at_once(LaneItem item);

  std::function<void()> wake_;
  Mailbox mailbox_;
  std::vector<Lane*> lanes_;  // all lanes of the gateway; the index of a lane is its id
  std::unique_ptr<LaneGraph> graph_;
};

}  // namespace resflow
