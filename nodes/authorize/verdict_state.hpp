// The state of one verdict in the authorize node. A verdict is a service's answer to the question: may this client read
// this resource? The state has two parts. Phase says whether the service has answered. Use says what happens with the
// verdict when it is known. (The session node has its own state for the same access: nodes/session/access_state.hpp.)
//
// | Phase     | an access request is under way | its answer                  |
// | --------- | ------------------------------ | --------------------------- |
// | known     | no                             | is the verdict              |
// | asked     | yes                            | will be the verdict         |
// | overtaken | yes                            | will be void: ask once more |
//
// | Use             | session gets a Verdict    | afterwards the verdict is |
// | --------------- | ------------------------- | ------------------------- |
// | remember        | no: only calls need it    | remembered                |
// | tell            | yes                       | remembered                |
// | forget          | no                        | forgotten                 |
// | tell_and_forget | yes                       | forgotten                 |
//
// The next table shows the transitions, one in each row. Columns 2 to 4 are for the Phase: the head of the column is
// the old Phase, and the cell is the new one. Columns 5 to 8 are for the Use, in the same way. If the cell of the Phase
// or the cell of the Use is `removed`, the whole entry is removed. (none): the transition does not occur in this Phase.
// Each row is a function of the class; `lost` is answered() when the answer is lost. There is one exception: in
// `answered` and `lost` with Use `forget`, the entry stays while calls wait for the answer. The Use then stays, too.
// `recheck` occurs only after `overtake`.
//
// | transition | known   | asked     | overtaken | remember | tell     | forget          | tell_and_forget |
// | ---------- | ------- | --------- | --------- | -------- | -------- | --------------- | --------------- |
// | question   | known   | asked     | overtaken | tell     | tell     | tell            | tell            |
// | recheck    | (none)  | asked     | overtaken | tell     | tell     | tell_and_forget | tell_and_forget |
// | call       | known   | asked     | overtaken | remember | tell     | remember        | tell            |
// | tell       | known   | (none)    | (none)    | remember | remember | forget          | forget          |
// | release    | removed | asked     | overtaken | forget   | forget   | forget          | forget          |
// | overtake   | removed | overtaken | overtaken | remember | tell     | forget          | tell_and_forget |
// | answered   | (none)  | known     | asked     | remember | tell     | removed         | tell_and_forget |
// | lost       | (none)  | asked     | asked     | remember | tell     | removed         | tell_and_forget |
//
// No I/O; owned by one entry of Authorize.
#pragma once

#include <cstdint>

namespace resflow {

class VerdictState {
 public:
  enum class Phase : std::uint8_t { known, asked, overtaken };
  enum class Use : std::uint8_t { remember, tell, forget, tell_and_forget };
  // What the authorize node must do when the access request has ended.
  enum class Next : std::uint8_t { use_answer, ask_again, remove };

  explicit VerdictState(Phase phase = Phase::asked, Use use = Use::remember) : phase_(phase), use_(use) {}

  Phase phase() const { return phase_; }
  Use use() const { return use_; }
  bool is_known() const { return phase_ == Phase::known; }
  bool is_overtaken() const { return phase_ == Phase::overtaken; }
  // Returns true if the session node waits for a Verdict message.
  bool must_tell() const { return use_ == Use::tell || use_ == Use::tell_and_forget; }
  // Returns true if the verdict must be forgotten as soon as everyone who waits for it has got it.
  bool must_forget() const { return use_ == Use::forget || use_ == Use::tell_and_forget; }

  // Records that the session node has asked whether the client may read the resource. The verdict is then remembered
  // until the session node sends a Release message.
  void question() { use_ = Use::tell; }

  // Records that the session node has asked for a new verdict, because the previous one is void.
  void recheck() { use_ = must_forget() ? Use::tell_and_forget : Use::tell; }

  // Records that a call (a client's request to call a method) needs the verdict. The verdict is then remembered until
  // the session node sends a Release message.
  void call() { use_ = must_tell() ? Use::tell : Use::remember; }

  // Records that the Verdict message is being sent to the session node.
  void tell() { use_ = must_forget() ? Use::forget : Use::remember; }

  // Records that the session node does not need the verdict any more. Returns true if the verdict's entry in Authorize
  // must be removed at once.
  bool release() {
    use_ = Use::forget;
    return is_known();
  }

  // Makes the verdict void, because access rights may have changed. If an access request is under way, its answer will
  // be void, too. Returns true if none is under way; then the verdict's entry in Authorize must be removed at once.
  bool overtake() {
    if (is_known()) return true;
    phase_ = Phase::overtaken;
    return false;
  }

  // Records that the access request has ended: the service has answered, or the answer is lost (`lost`). `calls_wait`:
  // true if calls wait for the answer. Returns what must be done now.
  Next answered(bool lost, bool calls_wait) {
    if (use_ == Use::forget && !calls_wait) return Next::remove;
    const bool usable = phase_ == Phase::asked && !lost;
    phase_ = usable ? Phase::known : Phase::asked;
    return usable ? Next::use_answer : Next::ask_again;
  }

 private:
  Phase phase_;
  Use use_;
};

}  // namespace resflow
