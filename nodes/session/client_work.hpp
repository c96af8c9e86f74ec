// The work that is left over in one client's session, and the client's share of the work in a turn of the lane. The
// session does the tasks that are left before it handles the next waiting message (agenda.hpp).
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

  // Returns true if units of work are left in this turn, both for this client and for all clients together.
  bool may_work() { return session_.shares().may_work(account_); }
  void spend(std::size_t units) { session_.shares().spend(account_, units); }

  // Returns true while tasks or messages are left.
  bool is_left() const { return agenda_ != nullptr; }
  // Puts a task on top of the stack.
  void push(Task&& task);
  // Pushes a `proceed` task for each operation. The task of the first operation is on top of the stack.
  void push_proceed(const OperationKeys& keys);
  // Puts a message into the inbox; after stop(), drops the message. Call this only while is_left() is true. Returns
  // false if more events are in the inbox than SessionLimits::waiting_messages. Only events are counted: the number of
  // subscriptions limits the LoadResults and verdicts, and the node admit limits the client's requests.
  bool defer(ClientInput&& m);
  // Does one step: calls step(task) with the top task, or handle(message) with the next message if there is no task.
  // Returns false if nothing is left, or if the client has used up its share of work in this turn.
  template <typename Step, typename Handle>
  bool advance(Step&& step, Handle&& handle);

  // If work is left, puts the client into Session::ring_, the queue of clients with work left over. Session then runs
  // the client again in a later turn.
  void schedule(ConnId conn);
  // Records that Session has taken the client out of Session::ring_.
  void note_run_again() {
    if (agenda_) agenda_->scheduled = false;
  }
  // Drops all work.
  void end() { agenda_ = nullptr; }
  // Drops all work, also all work that comes later: from now on is_left() is true, so all further messages go to
  // defer(), which drops them.
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
