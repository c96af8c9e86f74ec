// The work that one client's session still has to do. One message can cause much work, this work can cause further
// work, and so on: clients and services decide how deep that goes. So the session never recurses. It keeps tasks on a
// stack, and does them in slices. A slice is as much work as the client may cause in one turn of the lane
// (work_shares.hpp). While tasks are left, further messages of the client wait in the inbox, so that the session never
// handles a message in the middle of a change.
//
// No I/O; owned by ClientWork, which has an agenda only while work is left.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

// A part of the work of a client's session. Each kind of task uses only the fields that it needs. A task has a pin on
// each subscription that it points to; a pin keeps a subscription from being removed (Subscription::pins).
struct Task {
  enum class Kind : std::uint8_t {
    proceed,      // continues the operation that has the key `key`
    drain_name,   // pushes a `drain` task for the subscription on `rid`, if the subscription still exists
    drain,        // handles the events that wait on `subscription`, one by one
    let_go,       // finds the resources that the client does not hold any more, and forgets them
    unpin,        // takes a pin off each subscription in `list`, and removes those that are unused then
    forget_gone,  // forgets the state of each subscription in `list`; then becomes an `unpin` task
  };

  Kind kind = Kind::proceed;
  std::uint32_t key = 0;
  RidPtr rid = nullptr;
  Subscription* subscription = nullptr;
  Subscriptions list = {};
  std::size_t done = 0;  // how many subscriptions of `list` have been worked on
};

// A LoadResult for one subscription of the client. It waits in the inbox while the session is busy.
struct WaitingLoadResult {
  Ticket ticket = 0;
  ResourceId resource = 0;
  SnapshotPtr snapshot;
  ErrorPtr error;
};

// An event for one subscription of the client.
struct EventFor {
  RidPtr rid;
  ResourceId resource = 0;
  EventPtr event;
};

// The messages that can wait in the inbox while the session is busy.
using ClientInput =
    std::variant<Boxed<Request>, Verdict, Boxed<CallReply>, WaitingLoadResult, EventFor, Boxed<TokenSet>, Unread>;

struct Agenda {
  std::vector<Task> tasks;       // a stack: the session takes the task that was pushed last
  LazyQueue<ClientInput> inbox;  // messages that came while work was left, in order
  std::size_t events = 0;        // number of EventFor messages in `inbox`
  bool scheduled = false;        // the client is in Session::ring_, so Session will run it again
  bool stopped = false;          // the session has failed, and does nothing any more
};

}  // namespace resflow
