#include "nodes/session/client_session.hpp"

#include "nodes/session/client_access.hpp"
#include "nodes/session/client_events.hpp"
#include "nodes/session/client_loading.hpp"
#include "nodes/session/client_operations.hpp"
#include "nodes/session/client_requests.hpp"
#include "nodes/session/client_web.hpp"

namespace resflow {

void ClientSession::handle(Boxed<Request>&& m) {
  ClientRequests(client_).handle_request(std::move(m));
}

void ClientSession::handle(Boxed<CallReply>&& m) {
  if (client_.output.web()) return ClientWeb(client_).handle_call_reply(std::move(m));
  ClientRequests(client_).handle_call_reply(std::move(m));
}

void ClientSession::handle(Boxed<TokenSet>&& m) {
  ClientAccess(client_).token_set(std::move(m->event));
}

void ClientSession::handle(EventFor&& m) {
  ClientEvents(client_).handle_event(m);
}

void ClientSession::handle(WaitingLoadResult&& m) {
  Subscription* s = client_.session.take_ticket(m.ticket);
  if (s == nullptr) return;  // the subscription no longer waits for the cache's answer
  const LoadResult result{{}, m.resource, std::move(m.snapshot), std::move(m.error)};
  ClientOperations(client_).try_to_proceed(ClientLoading(client_).loaded(*s, result));
}

// Handles the cache's answer for one subscription: the resource's state, or an error. If the client's connection is
// gone, only tells the cache that the resource is no longer needed.
void ClientSession::take_loaded(Subscription& s, const LoadResult& m) {
  if (ended_) {
    s.state = SubscriptionState::idle;
    if (s.linked()) client_.session.unlink(s, true);
    return;
  }
  ClientOperations(client_).try_to_proceed(ClientLoading(client_).loaded(s, m));
  run();
}

// Handles a verdict, which is the authorize node's answer to the question whether the client may read a resource. Drops
// it if a later question about the same resource has been sent since, because it may be out of date.
void ClientSession::handle(Verdict&& v) {
  Subscription* s = client_.records.find(v.rid);
  if (s == nullptr || s->question != v.number) return;
  if (ClientWeb(client_).handle_verdict(v)) return;
  ++s->pins;
  const bool rechecked = s->access.verdict();
  OperationKeys keys;
  for (Operation* op : std::exchange(s->make_progress().awaiting_verdict, {})) {
    op->awaits_verdict = false;
    keys.push_back(op->key);
  }
  const bool events_wait = s->reaccess || !s->progress().waiting.empty();
  // The client must get the waiting events after the answers that these operations send. Tasks are on a stack (last in,
  // first out), so the events' task is pushed first.
  if (events_wait) client_.work.push({Task::Kind::drain_name, 0, s->rid});
  if (!v.denied) {
    ClientOperations(client_).try_to_proceed(keys);
  } else {
    if (rechecked && s->direct > 0) ClientAccess(client_).revoke(*s, v.denied);
    for (const std::uint32_t key : keys) {
      if (Operation* op = client_.records.find_operation(key)) ClientOperations(client_).deny(*op, v.denied);
    }
  }
  --s->pins;
  client_.records.drop_if_unused(*s);
}

void ClientSession::take_unread(Unread&& m) {
  client_.output.set_unread(m.on);
  if (!m.on || !is_busy()) take(std::move(m));
}

// Continues the operations that were put aside while the client did not read from its connection. Does nothing if the
// client has stopped reading again.
void ClientSession::handle(Unread&&) {
  if (!client_.output.unread()) client_.work.push_proceed(client_.output.take_parked());
}

void ClientSession::defer(ClientInput&& m) {
  if (!client_.work.defer(std::move(m))) client_.output.close("too many messages waiting");
}

void ClientSession::run() {
  const auto step_task = [this](Task&& task) { step(std::move(task)); };
  const auto handle_message = [this](auto&& m) { handle(std::move(m)); };
  while (client_.work.advance(step_task, handle_message)) {
  }
  client_.work.schedule(conn());
  client_.output.tell_standing(is_busy());
}

void ClientSession::run_again() {
  client_.work.note_run_again();
  run();
}

// Does a task (work that was left over). If the client's share of work in this turn of the event loop is used up before
// the end, the rest stays a task.
void ClientSession::step(Task&& task) {
  switch (task.kind) {
    case Task::Kind::proceed: {
      Operation* op = client_.records.find_operation(task.key);
      if (op != nullptr && !ClientOperations(client_).proceed(*op)) client_.work.push(std::move(task));
      return;
    }
    case Task::Kind::drain_name:
      if (Subscription* s = client_.records.find(task.rid)) ClientEvents(client_).start_drain(*s);
      return;
    case Task::Kind::drain:
      return ClientEvents(client_).drain(std::move(task));
    case Task::Kind::let_go:
      return client_.records.let_go();
    case Task::Kind::unpin:
    case Task::Kind::forget_gone:
      return client_.records.go_through(std::move(task));
  }
}

void ClientSession::serve(WebTask&& task, const std::optional<HeaderAuth>& auth) {
  ClientWeb(client_).serve(std::move(task), auth);
  run();
}

void ClientSession::decide_opening(const HeaderAuth& auth) {
  ClientWeb(client_).decide_opening(auth);
}

bool ClientSession::done() const {
  const WebExchange* web = client_.output.web();
  return web != nullptr && web->done;
}

void ClientSession::fail() {
  client_.work.stop();
  if (client_.output.web()) {
    client_.output.reply({}, ReplyForm::error, errors::internal);
  } else {
    client_.output.close("internal error", 1011);
  }
}

void ClientSession::end() {
  ended_ = true;
  client_.work.end();
  client_.records.end();
}

}  // namespace resflow
