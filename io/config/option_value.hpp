// What an option takes: how it is read from texts, wherever they were said, and written as JSON.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/config/config.hpp"

namespace resflow {

using Texts = std::vector<std::string>;  // one, unless the option repeats

// What a value looks like in JSON, and whether the command line wants one.
enum class Shape : std::uint8_t {
  action,  // nothing, and nowhere but on the command line
  flag,    // true or false; on the command line it may be left out
  number,
  text,
  list,  // of texts
};

struct OptionValue {
  Shape shape = Shape::action;
  std::string allowed;                              // in words
  std::function<bool(Config&, const Texts&)> read;  // false: that is not allowed. Empty: nothing for Config.
  std::function<boost::json::value(const Config&)> write;
  bool repeats = false;  // said again it adds to what was said; other options take the last word
};

// `field` is a member of Config, or a function from a Config to the place in it; parse(texts) is an optional value for
// it, and show(value) its JSON.
template <typename Field, typename Parse, typename Show>
OptionValue value_in(Field field, Shape shape, std::string allowed, Parse parse, Show show) {
  const auto read = [field, parse](Config& c, const Texts& texts) {
    auto value = parse(texts);
    if (!value) return false;
    auto& place = std::invoke(field, c);
    place = static_cast<std::remove_reference_t<decltype(place)>>(std::move(*value));
    return true;
  };
  const auto write = [field, show](const Config& c) -> boost::json::value { return show(std::invoke(field, c)); };
  return {shape, std::move(allowed), read, write, false};
}

inline OptionValue repeated(OptionValue value) {
  value.repeats = true;
  return value;
}

// As Resgate has it, `nothing` stands for the default.
template <typename Field>
OptionValue or_default(std::string_view nothing, Field field, OptionValue value) {
  value.read = [nothing = std::string(nothing), field, read = std::move(value.read)](Config& c, const Texts& texts) {
    if (texts.front() != nothing) return read(c, texts);
    const Config defaults;
    std::invoke(field, c) = std::invoke(field, defaults);
    return true;
  };
  return value;
}

}  // namespace resflow
