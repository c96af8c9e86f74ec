// The work that one client's session still has to do: a stack of tasks. One message can cause much work, this work can
// cause further work, and so on, as deep as clients and services like. So the session does not use recursion, and does
// the tasks in slices. A slice ends when the client has used up its share of work for this turn: a turn is one pass of
// the lane (thread) over the messages that have come (work_shares.hpp). Until all tasks are done, further messages of
// the client wait in the inbox. So the session never handles a message in the middle of a change.
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

// One piece of work in a client's session. Each kind of task uses only the fields that it needs. A task that points to
// a subscription holds a pin on it: a subscription with pins is not removed (Subscription::pins counts them).
struct Task {
  enum class Kind : std::uint8_t {
    proceed,      // continues the operation `key` (an operation is the work for one message to the client)
    drain_name,   // makes a `drain` task for the subscription on the resource `rid`, if it still exists
    drain,        // handles the events that wait in `subscription`, one by one
    let_go,       // forgets the resources that the client does not hold any more
    unpin,        // takes a pin off each subscription in `list`, and removes the subscriptions that nothing uses then
    forget_gone,  // drops the resource state of each subscription in `list`; then becomes an `unpin` task
  };

  Kind kind = Kind::proceed;
  std::uint32_t key = 0;
  RidPtr rid = nullptr;
  Subscription* subscription = nullptr;
  Subscriptions list = {};
  std::size_t done = 0;  // how many subscriptions of `list` have been worked on
};

// The state of a resource (or an error) for one subscription of the client, from a LoadResult message. It waits in the
// inbox while the session is busy.
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
  bool scheduled = false;        // the client is in Session::ring_, the queue of clients with work left
  bool stopped = false;          // the session has failed with an exception, and does nothing any more
};

}  // namespace resflow
