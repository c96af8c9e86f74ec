// The work that one client's session still has to do: a stack of tasks. A task may push further tasks, and clients and
// services can cause chains of any length. So the session does not use recursion, which could overflow the call stack.
//
// The session does the tasks in slices, so that one client does not hold up the others of the lane (thread). A slice
// ends when the client has used up its share of work for this turn: a turn is one pass of the lane over the messages
// that have come (work_shares.hpp). Until all tasks are done, further messages for the client's session wait in the
// inbox, so the session never handles a message in the middle of a change.
//
// No I/O; owned by ClientWork, which has an agenda only while the client has work to do.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

// One piece of work in a client's session. Each kind of task uses only the fields that it needs. A subscription to
// which a task points is not removed before the task is done: the task holds a "pin" on it (counted in
// Subscription::pins).
struct Task {
  enum class Kind : std::uint8_t {
    proceed,      // continues operation number `key` (an operation is the work for one message to the client)
    drain_name,   // makes a `drain` task for the subscription on the resource `rid`, if it still exists
    drain,        // handles the events that wait in `subscription`, one by one
    let_go,       // forgets resources to which the client is no longer subscribed, directly or through references
    unpin,        // takes one pin off each subscription in `list`, and removes those that nothing needs any more
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
  LazyQueue<ClientInput> inbox;  // messages that came before all tasks were done, in order
  std::size_t events = 0;        // number of EventFor messages in `inbox`
  bool scheduled = false;        // the client is in Session::ring_, the queue of clients that have work to do
  bool stopped = false;          // an exception was thrown in this client's session, so it does nothing any more
};

}  // namespace resflow
