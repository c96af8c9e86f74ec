// How far authorize is with a verdict: every transition from every state.
#include "nodes/authorize/verdict_state.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <utility>
#include <vector>

using namespace resflow;
using Phase = VerdictState::Phase;
using Use = VerdictState::Use;
using Next = VerdictState::Next;

namespace {

constexpr Phase kPhases[] = {Phase::known, Phase::asked, Phase::overtaken};
constexpr Use kUses[] = {Use::remember, Use::tell, Use::forget, Use::tell_and_forget};

// Makes a transition in a state of each phase and use. It must lead from `phases` to the phase in the same place, and
// from kUses to the use in the same place, whatever the other part is.
void check_table(const std::function<void(VerdictState&)>& transition,
                 const std::vector<std::pair<Phase, Phase>>& phases, const std::vector<Use>& uses) {
  for (const auto& [phase, phase_after] : phases) {
    for (std::size_t i = 0; i < std::size(kUses); ++i) {
      VerdictState state(phase, kUses[i]);
      transition(state);
      CHECK(state.phase() == phase_after);
      CHECK(state.use() == uses[i]);
    }
  }
}

// What the question says of each use, whatever the phase is.
std::vector<bool> of_uses(bool (VerdictState::*question)() const) {
  std::vector<bool> answers;
  for (const Use use : kUses) {
    answers.push_back((VerdictState(Phase::known, use).*question)());
    CHECK((VerdictState(Phase::asked, use).*question)() == answers.back());
    CHECK((VerdictState(Phase::overtaken, use).*question)() == answers.back());
  }
  return answers;
}

// What the transition, or question, says in each phase, whatever the use is.
std::vector<bool> of_phases(const std::function<bool(VerdictState&)>& question) {
  std::vector<bool> answers;
  for (const Phase phase : kPhases) {
    for (const Use use : kUses) {
      VerdictState state(phase, use);
      const bool answer = question(state);
      if (use == kUses[0]) answers.push_back(answer);
      CHECK(answer == answers.back());
    }
  }
  return answers;
}

struct After {
  Next next;
  Phase phase;
  Use use;

  bool operator==(const After&) const = default;
};

After answer(Phase phase, Use use, bool lost, bool calls_wait) {
  VerdictState state(phase, use);
  const Next next = state.answered(lost, calls_wait);
  return {next, state.phase(), state.use()};
}

}  // namespace

TEST_CASE("Verdict state: what session and calls want changes the use alone", "[authorize]") {
  using enum VerdictState::Phase;
  using enum VerdictState::Use;
  const std::vector<std::pair<Phase, Phase>> same = {{known, known}, {asked, asked}, {overtaken, overtaken}};
  check_table([](VerdictState& s) { s.question(); }, same, {tell, tell, tell, tell});
  check_table([](VerdictState& s) { s.recheck(); }, same, {tell, tell, tell_and_forget, tell_and_forget});
  check_table([](VerdictState& s) { s.call(); }, same, {remember, tell, remember, tell});
  check_table([](VerdictState& s) { s.tell(); }, same, {remember, remember, forget, forget});
}

TEST_CASE("Verdict state: released or overtaken, a known verdict is removed", "[authorize]") {
  using enum VerdictState::Phase;
  using enum VerdictState::Use;
  check_table([](VerdictState& s) { s.release(); }, {{asked, asked}, {overtaken, overtaken}},
              {forget, forget, forget, forget});
  check_table([](VerdictState& s) { s.overtake(); }, {{asked, overtaken}, {overtaken, overtaken}},
              {remember, tell, forget, tell_and_forget});
  CHECK(of_phases([](VerdictState& s) { return s.release(); }) == std::vector{true, false, false});
  CHECK(of_phases([](VerdictState& s) { return s.overtake(); }) == std::vector{true, false, false});
}

TEST_CASE("Verdict state: the service has answered", "[authorize]") {
  using enum VerdictState::Phase;
  for (const bool calls_wait : {false, true}) {
    for (const Use use : kUses) {
      if (use == Use::forget && !calls_wait) continue;
      CHECK(answer(asked, use, false, calls_wait) == After{Next::use_answer, known, use});
      CHECK(answer(overtaken, use, false, calls_wait) == After{Next::ask_again, asked, use});
      CHECK(answer(asked, use, true, calls_wait) == After{Next::ask_again, asked, use});
      CHECK(answer(overtaken, use, true, calls_wait) == After{Next::ask_again, asked, use});
    }
  }
}

TEST_CASE("Verdict state: an answer that nobody needs is removed", "[authorize]") {
  for (const Phase phase : {Phase::asked, Phase::overtaken}) {
    for (const bool lost : {false, true}) {
      CHECK(answer(phase, Use::forget, lost, false).next == Next::remove);
    }
  }
}

TEST_CASE("Verdict state: the tables of states", "[authorize]") {
  CHECK(of_uses(&VerdictState::must_tell) == std::vector{false, true, false, true});
  CHECK(of_uses(&VerdictState::must_forget) == std::vector{false, false, true, true});
  CHECK(of_phases([](VerdictState& s) { return s.is_known(); }) == std::vector{true, false, false});
  CHECK(of_phases([](VerdictState& s) { return s.is_overtaken(); }) == std::vector{false, false, true});
  CHECK(VerdictState().phase() == Phase::asked);
  CHECK(VerdictState().use() == Use::remember);
}
