// The kinds of values that options have. A kind says how to read a value from text, wherever the value was set, and how
// to write the value as JSON. Used by the table of options and by the code that applies settings.
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

// The value of an option as text: several texts if the value is a list or the option is repeated; otherwise one text.
using Texts = std::vector<std::string>;

// The JSON type of a value, and whether the command line needs a value.
enum class Shape : std::uint8_t {
  action,  // the option has no value, such as --help; on the command line only
  flag,    // true or false; on the command line, the option without a value means true
  number,
  text,
  list,  // a list of texts
};

struct OptionValue {
  Shape shape = Shape::action;
  std::string allowed;  // describes the allowed values; a part of error messages
  // read() stores the value in a Config; it returns false if the value is not allowed. write() returns the value in a
  // Config as JSON. Both functions are empty if Config has no member for the option.
  std::function<bool(Config&, const Texts&)> read;
  std::function<boost::json::value(const Config&)> write;
  bool repeats = false;  // true: the option may be given again, to add a value; false: the last value counts
};

// Makes the OptionValue of an option whose value is stored in a member of Config. `field` says which member: a pointer
// to a member of Config, or a function that returns a reference into a Config. parse(texts) returns the value for that
// member, or nullopt if the texts are not allowed. show(value) returns the value as JSON.
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

// Returns a copy of `value` whose read() stores the option's default if the text is `nothing`, as Resgate does.
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
