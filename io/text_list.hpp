// Lists in texts, and letters in one case. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

// ASCII only, as Resgate compares origins.
std::string lower_case(std::string_view text);

// The parts between separators, of which there is at least one.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, char separator);

}  // namespace resflow
