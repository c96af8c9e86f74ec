#include "tests/bench/cases.hpp"

#include <array>
#include <iterator>

namespace resflow::bench {

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto* part : {text_cases, client_cases, service_cases, pipeline_cases}) {
    std::vector<Case> cases = part();
    all.insert(all.end(), std::make_move_iterator(cases.begin()), std::make_move_iterator(cases.end()));
  }
  return all;
}

std::string model_text(std::size_t properties) {
  constexpr std::array<const char*, 5> values{"42", "\"Frank Herbert\"", "true", "-17.25e3",
                                              "\"On a planet far away, \\\"sand\\\" is all there is\""};
  std::string text = "{";
  for (std::size_t i = 0; i < properties; ++i) {
    if (i > 0) text += ',';
    text.append("\"property").append(std::to_string(i)).append("\":").append(values[i % values.size()]);
  }
  return text + '}';
}

std::string references_text(const std::string& prefix, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text.append("{\"rid\":\"").append(prefix).append(std::to_string(i)).append("\"}");
  }
  return text + ']';
}

}  // namespace resflow::bench
