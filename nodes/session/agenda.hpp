// The work that one client's session still has to do. A message can lead to work of any size, and that work to more
// work, as deep as clients and services choose. So the session never recurses: it keeps tasks on a stack and does them
// in slices. While tasks are left, it handles no other message of its client: the messages wait in the inbox, so that
// none of them sees a half-done change.
//
// Pure; owned by ClientWork, which has an agenda only while work is left.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

// A piece of work. Each kind uses the fields that it needs.
struct Task {
  enum class Kind : std::uint8_t {
    proceed,      // goes on with the operation `key`
    drain_name,   // starts a `drain` of `rid`, if the client still knows the resource
    drain,        // handles the events that wait on `subscription`, one by one; the task has a pin on it
    let_go,       // lets go of the resources that the client does not hold any more
    unpin,        // takes a pin off each of `list`, and removes each subscription that is then unused
    forget_gone,  // resets each of `list`, which the client does not hold any more; then does `unpin`
  };

  Kind kind = Kind::proceed;
  std::uint32_t key = 0;
  RidPtr rid = nullptr;
  Subscription* subscription = nullptr;
  Subscriptions list = {};
  std::size_t done = 0;  // how many of `list` are done
};

// A LoadResult for one subscription of the client, kept while the session is busy.
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

// The messages that a session can handle later.
using ClientInput =
    std::variant<Boxed<Request>, Verdict, Boxed<CallReply>, WaitingLoadResult, EventFor, Boxed<TokenSet>, Unread>;

struct Agenda {
  std::vector<Task> tasks;       // a stack: the tasks that a task leads to are done before the tasks below it
  LazyQueue<ClientInput> inbox;  // messages that came while tasks were left, in order
  std::size_t events = 0;        // number of EventFor messages in `inbox`
  bool scheduled = false;        // Session has the client in its ring, and will run it again
  bool stopped = false;          // the session has failed, and does nothing any more
};

}  // namespace resflow
