// Describes the value of an option: how to read it from text, and how to write it as JSON. Used by the table of
// options, and by the code that stores the values of options in the Config.
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

// The value of an option as text. A list, or an option that was given several times, has one element for each entry;
// any other value is a single element.
using Texts = std::vector<std::string>;

// The kind of value that an option takes.
enum class Shape : std::uint8_t {
  action,  // an option without a value, such as --help; only on the command line
  flag,    // true or false; the command line may leave out the value, which means true
  number,
  text,
  list,  // a list of texts
};

struct OptionValue {
  Shape shape = Shape::action;
  std::string allowed;  // what values are allowed, for error messages
  // read() stores the texts as a value in a Config; it returns false if they are not allowed. write() returns the value
  // in a Config as JSON. Both are empty for an option whose value is not stored in a Config, such as --help.
  std::function<bool(Config&, const Texts&)> read;
  std::function<boost::json::value(const Config&)> write;
  bool repeats = false;  // true: an option that is given several times has all these values; false: only the last one
};

// Makes the OptionValue of an option whose value is stored in a Config. `field` says where: it is a pointer to a member
// of Config, or a function that returns a reference to a part of a Config. parse(texts) returns the value to store, or
// nullopt if the texts are not allowed. show(value) returns the value as JSON.
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

// Returns `value` with one change: if the option is set to the text in the parameter `nothing`, for example "0", the
// option gets its default value.
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
