// The node authorize decides whether a client may read a resource; its answer is called a verdict. An AccessState says
// what a client's session has asked authorize about one resource, and whether the session still waits for the verdict.
// authorize keeps the verdict itself, from the first Question, Recheck or Call until the session sends Release.
//
// | state      | authorize has an entry | session waits for a verdict | events wait for the verdict |
// | ---------- | ---------------------- | --------------------------- | --------------------------- |
// | unknown    | no                     | no                          | no                          |
// | known      | yes                    | no                          | no                          |
// | questioned | yes                    | yes, for requests           | no                          |
// | rechecking | yes                    | yes, for the client's       | yes                         |
// |            |                        | direct subscriptions        |                             |
// | both       | yes                    | yes, for both               | yes                         |
//
// | transition     | unknown    | known      | questioned | rechecking | both       |
// | -------------- | ---------- | ---------- | ---------- | ---------- | ---------- |
// | note           | known      | known      | questioned | rechecking | both       |
// | question       | questioned | questioned | questioned | both       | both       |
// | recheck        | rechecking | rechecking | both       | rechecking | both       |
// | cancel_recheck | unknown    | known      | questioned | known      | questioned |
// | verdict        | unknown    | known      | known      | known      | known      |
//
// A new subscription begins as unknown. A verdict on an earlier subscription of the same resource may still come;
// session drops such a verdict because its number is old (ClientSession::handle), so the verdict changes nothing here.
// No I/O; owned by one Subscription.
#pragma once

#include <cstdint>

namespace resflow {

class AccessState {
 public:
  enum class State : std::uint8_t { unknown, known, questioned, rechecking, both };

  explicit AccessState(State state = State::unknown) : state_(state) {}

  State state() const { return state_; }
  // Returns true if the node authorize has an entry for the resource. Session must later send a Release, which removes
  // the entry.
  bool is_known() const { return state_ != State::unknown; }
  bool verdict_is_awaited() const { return state_ > State::known; }
  bool events_wait() const { return state_ >= State::rechecking; }

  // Records that session sends a Call for which the node authorize keeps an entry (Call::subscribed). No verdict is
  // awaited, since authorize sends no Verdict for a Call.
  void note() {
    if (state_ == State::unknown) state_ = State::known;
  }

  // Records that a request needs the verdict. Returns true if session must send a Question; false if a verdict is on
  // its way already.
  bool question() {
    const bool send = !verdict_is_awaited();
    state_ = events_wait() ? State::both : State::questioned;
    return send;
  }

  // Records that the client's direct subscriptions need a new verdict. The resource's events wait for this verdict.
  void recheck() {
    const bool questioned = state_ == State::questioned || state_ == State::both;
    state_ = questioned ? State::both : State::rechecking;
  }

  // Records that no event waits for the verdict any more, because session has dropped the resource's state and the
  // events that waited.
  void cancel_recheck() {
    if (state_ == State::rechecking) state_ = State::known;
    if (state_ == State::both) state_ = State::questioned;
  }

  // Records that the verdict has come, for the requests and the direct subscriptions that wait for it. Returns true if
  // direct subscriptions waited for it.
  bool verdict() {
    const bool rechecked = events_wait();
    if (state_ != State::unknown) state_ = State::known;
    return rechecked;
  }

 private:
  State state_;
};

}  // namespace resflow
