// What a client's session has asked authorize about one resource, and what it still waits for. The verdict itself is
// kept by authorize, from the first Question, Recheck or Call until the session's Release.
//
// | state      | authorize has an entry | a verdict is awaited | events wait for it |
// | ---------- | ---------------------- | -------------------- | ------------------ |
// | unknown    | no                     | no                   | no                 |
// | known      | yes                    | no                   | no                 |
// | questioned | yes                    | yes, by requests     | no                 |
// | rechecking | yes                    | yes, by the client's | yes                |
// |            |                        | direct subscriptions |                    |
// | both       | yes                    | yes, by both         | yes                |
//
// | transition     | unknown    | known      | questioned | rechecking | both       |
// | -------------- | ---------- | ---------- | ---------- | ---------- | ---------- |
// | note           | known      | known      | questioned | rechecking | both       |
// | question       | questioned | questioned | questioned | both       | both       |
// | recheck        | rechecking | rechecking | both       | rechecking | both       |
// | cancel_recheck | unknown    | known      | questioned | known      | questioned |
// | verdict        | unknown    | known      | known      | known      | known      |
//
// A new subscription begins as unknown. A verdict that comes for one before it finds it so, and changes nothing. Pure;
// owned by one Subscription.
#pragma once

#include <cstdint>

namespace resflow {

class AccessState {
 public:
  enum class State : std::uint8_t { unknown, known, questioned, rechecking, both };

  explicit AccessState(State state = State::unknown) : state_(state) {}

  State state() const { return state_; }
  // Returns true if authorize has an entry, which must be released in the end.
  bool is_known() const { return state_ != State::unknown; }
  bool verdict_is_awaited() const { return state_ > State::known; }
  bool events_wait() const { return state_ >= State::rechecking; }

  // authorize gets an entry by a message that asks for no verdict, such as a Call.
  void note() {
    if (state_ == State::unknown) state_ = State::known;
  }

  // A request needs the verdict. Returns true if a Question must be sent; otherwise a verdict is on its way already.
  bool question() {
    const bool send = !verdict_is_awaited();
    state_ = events_wait() ? State::both : State::questioned;
    return send;
  }

  // The client's direct subscriptions need a new verdict. Events wait until it is here.
  void recheck() {
    const bool questioned = state_ == State::questioned || state_ == State::both;
    state_ = questioned ? State::both : State::rechecking;
  }

  // The client does not hold the resource any more, so no event waits.
  void cancel_recheck() {
    if (state_ == State::rechecking) state_ = State::known;
    if (state_ == State::both) state_ = State::questioned;
  }

  // The verdict has come, for all who wait for it. Returns true if direct subscriptions have waited for it.
  bool verdict() {
    const bool rechecked = events_wait();
    if (state_ != State::unknown) state_ = State::known;
    return rechecked;
  }

 private:
  State state_;
};

}  // namespace resflow
