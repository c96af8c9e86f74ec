// For tables keyed by std::string that are searched by any text, with std::equal_to<> beside it. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace resflow {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace resflow
