// The work for one client that did not fit into earlier turns of the lane's event loop, and the client's share of work
// in each turn. The work left over consists of tasks (work that has begun) and messages (work that has not begun). All
// tasks are finished before the next message is handled (agenda.hpp).
//
// No I/O; owned by the client's session.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>

#include "nodes/session/agenda.hpp"
#include "nodes/session/session_context.hpp"

namespace resflow {

using OperationKeys = boost::container::small_vector<std::uint32_t, 4>;

class ClientWork {
 public:
  explicit ClientWork(SessionContext& session) : session_(session) {}

  // Returns true if more work may be done for this client in this turn of the event loop: neither the client's share
  // nor the amount for all clients together is used up.
  bool may_work() { return session_.shares().may_work(account_); }
  void spend(std::size_t units) { session_.shares().spend(account_, units); }

  // Returns true while tasks or messages are left.
  bool is_left() const { return agenda_ != nullptr; }
  // Puts a task on top of the stack.
  void push(Task&& task);
  // For each operation, pushes a task that continues it. The first operation's task is on top of the stack, and is done
  // first.
  void push_proceed(const OperationKeys& keys);
  // Puts a message into the inbox, where it waits until earlier work is done. Call this only while is_left() is true.
  // Returns false if the inbox now has more than SessionLimits::waiting_messages events of resources; the caller then
  // closes the connection. Messages of other types do not count. After stop(), drops the message and returns true.
  bool defer(ClientInput&& m);
  // Does one piece of the work that is left over: calls step(task) with the top task, or handle(message) with the next
  // message if there is no task. Returns false if nothing is left, or if no more work may be done for the client in
  // this turn of the event loop.
  template <typename Step, typename Handle>
  bool advance(Step&& step, Handle&& handle);

  // If work is left, puts the client into the queue of clients with work left over (Session::ring_). Session continues
  // its work in a later turn of the event loop.
  void schedule(ConnId conn);
  // Records that Session has taken the client out of that queue.
  void note_run_again() {
    if (agenda_) agenda_->scheduled = false;
  }
  // Drops all work.
  void end() { agenda_ = nullptr; }
  // Drops all work, now and later. From now on, is_left() returns true although no work is left: so the callers give
  // all further messages to defer(), which drops them.
  void stop();

 private:
  Task take_task();
  ClientInput take_deferred();

  SessionContext& session_;
  WorkAccount account_;
  std::unique_ptr<Agenda> agenda_;  // null while no work is left
};

template <typename Step, typename Handle>
bool ClientWork::advance(Step&& step, Handle&& handle) {
  if (!agenda_ || agenda_->stopped) return false;
  if (agenda_->tasks.empty() && agenda_->inbox.empty()) {
    agenda_ = nullptr;
    return false;
  }
  if (!may_work()) return false;
  if (!agenda_->tasks.empty()) {
    step(take_task());
  } else {
    std::visit(handle, take_deferred());
  }
  return true;
}

}  // namespace resflow
