// How far authorize is with the verdict on one resource for one client (Phase), and what it does with the verdict when
// it is here (Use). Session has its own view of the same resource: nodes/session/access_state.hpp.
//
// | Phase     | an access request is under way | its answer                  |
// | --------- | ------------------------------ | --------------------------- |
// | known     | no                             | is the verdict              |
// | asked     | yes                            | will be the verdict         |
// | overtaken | yes                            | will be void: ask once more |
//
// | Use             | session is sent a Verdict | afterwards the verdict is |
// | --------------- | ------------------------- | ------------------------- |
// | remember        | no: calls alone need it   | remembered                |
// | tell            | yes                       | remembered                |
// | forget          | no                        | forgotten                 |
// | tell_and_forget | yes                       | forgotten                 |
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
// The columns of Phase and those of Use are independent, except that whatever is removed is gone. With `forget`, calls
// that still wait for the answer prevent the removal. (none) means that the transition does not occur: authorize tells
// a verdict only when it knows it, and overtakes before it rechecks. Pure; owned by one entry of Authorize.
#pragma once

#include <cstdint>

namespace resflow {

class VerdictState {
 public:
  enum class Phase : std::uint8_t { known, asked, overtaken };
  enum class Use : std::uint8_t { remember, tell, forget, tell_and_forget };
  // What must be done when the service has answered.
  enum class Next : std::uint8_t { use_answer, ask_again, remove };

  explicit VerdictState(Phase phase = Phase::asked, Use use = Use::remember) : phase_(phase), use_(use) {}

  Phase phase() const { return phase_; }
  Use use() const { return use_; }
  bool is_known() const { return phase_ == Phase::known; }
  bool is_overtaken() const { return phase_ == Phase::overtaken; }
  // Returns true if session waits for a Verdict.
  bool must_tell() const { return use_ == Use::tell || use_ == Use::tell_and_forget; }
  // Returns true if the verdict serves those who wait for it now, and nobody later.
  bool must_forget() const { return use_ == Use::forget || use_ == Use::tell_and_forget; }

  // Session wants a Verdict, and will release it in the end.
  void question() { use_ = Use::tell; }

  // Session wants a new Verdict, because the one before is void.
  void recheck() { use_ = must_forget() ? Use::tell_and_forget : Use::tell; }

  // A call needs the verdict, and session will release it in the end.
  void call() { use_ = must_tell() ? Use::tell : Use::remember; }

  // The Verdict is sent to session.
  void tell() { use_ = must_forget() ? Use::forget : Use::remember; }

  // Session does not need the verdict any more. Returns true if the entry must be removed at once.
  bool release() {
    use_ = Use::forget;
    return is_known();
  }

  // The verdict is void, and so is the answer that is under way. Returns true if the entry must be removed at once.
  bool overtake() {
    if (is_known()) return true;
    phase_ = Phase::overtaken;
    return false;
  }

  // The service has answered the access request, or its answer is lost.
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
