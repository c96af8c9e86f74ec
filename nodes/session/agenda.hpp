// What one client's session has still to do of the messages that it has taken. Messages can be followed by work of any
// size, and one piece of work by another, to a depth that others choose: so nothing calls itself, and nothing has to be
// done in one go. A session that is not through waits, and with it everything that comes for the same client, so that
// no other message sees it half-way.
//
// Pure; owned by its ClientSession, which has none while it is through.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "nodes/base/lazy_queue.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/operation.hpp"

namespace resflow {

struct Task {
  enum class Kind : std::uint8_t {
    proceed,     // with the operation `key`
    drain_name,  // the events that wait on `rid`, if the client still knows it
    drain,       // the events that wait on `subscription`, which has a pin for it
    let_go,      // of what the client has come not to hold any more
    unpin,       // takes a pin off each of `list`, and lets go of what nobody wants any more
    reset_gone,  // ends what is under way on each of `list`, which the client has let go of, then takes the pins off
  };

  Kind kind = Kind::proceed;
  std::uint32_t key = 0;
  RidPtr rid = nullptr;
  Subscription* subscription = nullptr;
  Subscriptions list = {};
  std::size_t done = 0;  // of the list
};

// A LoadResult for one who waits.
struct WaitingLoadResult {
  Ticket ticket = 0;
  ResourceId resource = 0;
  SnapshotPtr snapshot;
  ErrorPtr error;
};

struct EventFor {
  RidPtr rid;
  ResourceId resource = 0;
  EventPtr event;
};

using ClientInput =
    std::variant<Boxed<Request>, Verdict, Boxed<CallReply>, WaitingLoadResult, EventFor, Boxed<TokenSet>, Unread>;

struct Agenda {
  std::vector<Task> tasks;       // a stack: what a task leads to is done before what was to come behind it
  LazyQueue<ClientInput> inbox;  // messages that have come meanwhile, in order
  std::size_t events = 0;        // of them
  bool scheduled = false;        // it is in the ring of those that wait for their share
};

}  // namespace resflow
