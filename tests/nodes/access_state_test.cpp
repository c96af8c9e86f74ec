// What a session has asked authorize about a resource: every transition from every state.
#include "nodes/session/access_state.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

using namespace resflow;
using State = AccessState::State;

namespace {

constexpr State kStates[] = {State::unknown, State::known, State::questioned, State::rechecking, State::both};

std::vector<State> after(const std::function<void(AccessState&)>& transition) {
  std::vector<State> states;
  for (const State state : kStates) {
    AccessState access(state);
    transition(access);
    states.push_back(access.state());
  }
  return states;
}

std::vector<bool> answers(const std::function<bool(AccessState&)>& question) {
  std::vector<bool> all;
  for (const State state : kStates) {
    AccessState access(state);
    all.push_back(question(access));
  }
  return all;
}

}  // namespace

TEST_CASE("Access state: the table of transitions", "[session]") {
  using enum AccessState::State;
  CHECK(after([](AccessState& a) { a.note(); }) == std::vector{known, known, questioned, rechecking, both});
  CHECK(after([](AccessState& a) { a.question(); }) == std::vector{questioned, questioned, questioned, both, both});
  CHECK(after([](AccessState& a) { a.recheck(); }) == std::vector{rechecking, rechecking, both, rechecking, both});
  CHECK(after([](AccessState& a) { a.cancel_recheck(); }) ==
        std::vector{unknown, known, questioned, known, questioned});
  CHECK(after([](AccessState& a) { a.verdict(); }) == std::vector{unknown, known, known, known, known});
}

TEST_CASE("Access state: the table of states, and what transitions say", "[session]") {
  CHECK(answers([](AccessState& a) { return a.is_known(); }) == std::vector{false, true, true, true, true});
  CHECK(answers([](AccessState& a) { return a.verdict_is_awaited(); }) == std::vector{false, false, true, true, true});
  CHECK(answers([](AccessState& a) { return a.events_wait(); }) == std::vector{false, false, false, true, true});
  CHECK(answers([](AccessState& a) { return a.question(); }) == std::vector{true, true, false, false, false});
  CHECK(answers([](AccessState& a) { return a.verdict(); }) == std::vector{false, false, false, true, true});
  CHECK(AccessState().state() == State::unknown);
}
