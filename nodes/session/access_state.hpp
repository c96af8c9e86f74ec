// What one client's session knows about the client's access to one resource. The session asks the authorize node
// whether the client may read the resource; the answer is called a verdict. The authorize node keeps an entry for the
// client and the resource, in which it remembers its last verdict. It makes the entry when the session sends it a
// Question, Recheck or Call message, and removes it on a Release message. AccessState tells whether there is an entry,
// and whether the session waits for a verdict.
//
// The first table tells what each state means. A direct subscription is one that the client has asked for. The second
// table tells how each function changes the state: the row is the function, the column is the old state, the cell is
// the new state. The function `note` is called when the session sends a Call message.
//
// | state      | is there an entry? | what waits for a verdict                                        |
// | ---------- | ------------------ | --------------------------------------------------------------- |
// | unknown    | no                 | nothing                                                         |
// | known      | yes                | nothing                                                         |
// | questioned | yes                | unanswered requests of the client                               |
// | rechecking | yes                | the client's direct subscriptions, and the resource's events    |
// | both       | yes                | all of these                                                    |
//
// | function       | unknown    | known      | questioned | rechecking | both       |
// | -------------- | ---------- | ---------- | ---------- | ---------- | ---------- |
// | note           | known      | known      | questioned | rechecking | both       |
// | question       | questioned | questioned | questioned | both       | both       |
// | recheck        | rechecking | rechecking | both       | rechecking | both       |
// | cancel_recheck | unknown    | known      | questioned | known      | questioned |
// | verdict        | unknown    | known      | known      | known      | known      |
//
// A new subscription begins as unknown. A late verdict for an earlier, removed subscription on the same resource may
// still come. Each verdict has the number of the question that it answers, and the session drops a verdict that does
// not answer its latest question (ClientSession::handle). No I/O; owned by one Subscription.
#pragma once

#include <cstdint>

namespace resflow {

class AccessState {
 public:
  enum class State : std::uint8_t { unknown, known, questioned, rechecking, both };

  explicit AccessState(State state = State::unknown) : state_(state) {}

  State state() const { return state_; }
  // Returns true if the authorize node has an entry for the resource. The session must later send a Release message,
  // which removes the entry.
  bool is_known() const { return state_ != State::unknown; }
  bool verdict_is_awaited() const { return state_ > State::known; }
  bool events_wait() const { return state_ >= State::rechecking; }

  // Records that the session sends a Call message (the client calls a method of the resource). The authorize node then
  // makes an entry, which the session must later remove with a Release message. So the state is no longer unknown. The
  // session gets the result of the call, but no verdict, so it does not wait for one.
  void note() {
    if (state_ == State::unknown) state_ = State::known;
  }

  // Records that a request needs the verdict. Returns true if the session must send a Question message; false if a
  // verdict is on its way already.
  bool question() {
    const bool send = !verdict_is_awaited();
    state_ = events_wait() ? State::both : State::questioned;
    return send;
  }

  // Records that the client's direct subscriptions to this resource (those that the client has asked for) need a new
  // verdict: may the client still read the resource? Until the verdict comes, the resource's events wait.
  void recheck() {
    const bool questioned = state_ == State::questioned || state_ == State::both;
    state_ = questioned ? State::both : State::rechecking;
  }

  // Records that no events wait for the verdict any more, because the session has dropped the waiting events, together
  // with the resource's state.
  void cancel_recheck() {
    if (state_ == State::rechecking) state_ = State::known;
    if (state_ == State::both) state_ = State::questioned;
  }

  // Records that the verdict has come. Returns true if direct subscriptions of the client waited for it.
  bool verdict() {
    const bool rechecked = events_wait();
    if (state_ != State::unknown) state_ = State::known;
    return rechecked;
  }

 private:
  State state_;
};

}  // namespace resflow
