#include "io/config_file.hpp"

#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "nodes/json.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

constexpr std::size_t kMaxSize = 1 << 20;

std::string place_of(const std::string& path) {
  return "configuration file " + path + ": ";
}

// Any kind of file, also a pipe.
std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in && errno == ENOENT) return std::nullopt;
  std::string text(kMaxSize + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) throw ConfigError("cannot read " + place_of(path) + std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() <= kMaxSize) return text;
  throw ConfigError(place_of(path) + "it has more than " + std::to_string(kMaxSize) + " bytes");
}

// `line 3, column 8`, counted from 1 and in characters.
std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::string_view row = before.substr(before.rfind('\n') + 1);
  const auto column = 1 + std::count_if(row.begin(), row.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Some editors put a byte order mark at the head of a file, which is no part of the JSON.
js::object parse(const std::string& path, std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  js::parser parser;
  boost::system::error_code error;
  const std::size_t offset = parser.write(text.data(), text.size(), error);
  if (error) {
    const std::string reason = json::valid(text) ? error.message() : json::syntax_error(text);
    throw ConfigError(place_of(path) + position(text, offset) + ": this is not JSON: " + reason);
  }
  const js::value value = parser.release();
  if (value.is_null()) return {};  // as Go's decoder has it
  if (!value.is_object()) throw ConfigError(place_of(path) + "it must hold a JSON object");
  return value.get_object();
}

// As Go's decoder does: the name as it is before one in another case.
const Option* find_property(std::string_view name) {
  const auto is = [&](std::string_view property, auto&& equal) {
    return !property.empty() && property.size() == name.size() && equal(property);
  };
  const auto exact = [&](std::string_view property) { return property == name; };
  const auto any_case = [&](std::string_view property) {
    return strncasecmp(property.data(), name.data(), name.size()) == 0;
  };
  for (const Option& o : config_options()) {
    if (is(o.property, exact) || is(o.other_property, exact)) return &o;
  }
  for (const Option& o : config_options()) {
    if (is(o.property, any_case) || is(o.other_property, any_case)) return &o;
  }
  return nullptr;
}

// The value as text; nullopt when it is not of the option's shape. Numbers are whole.
std::optional<Texts> texts_of(const js::value& value, Shape shape) {
  if (shape == Shape::flag && value.is_bool()) return Texts{value.get_bool() ? "true" : "false"};
  if (shape == Shape::number && (value.is_int64() || value.is_uint64())) return Texts{js::serialize(value)};
  if (shape == Shape::text && value.is_string()) return Texts{std::string(value.get_string())};
  if (shape != Shape::list || !value.is_array()) return std::nullopt;
  Texts texts;
  for (const js::value& element : value.get_array()) {
    if (!element.is_string()) return std::nullopt;
    texts.emplace_back(element.get_string());
  }
  return texts;
}

// Nothing for null, which is as if the property were not there.
std::optional<Setting> read_property(const Option& option, const std::string& path, std::string_view name,
                                     const js::value& value) {
  if (value.is_null()) return std::nullopt;
  Setting setting{&option, place_of(path), std::string(name), show(js::serialize(value)), {}};
  auto texts = texts_of(value, option.value.shape);
  if (!texts) refuse(setting);
  setting.texts = std::move(*texts);
  return setting;
}

}  // namespace

std::optional<Settings> read_config_file(const std::string& path, std::vector<std::string>& warnings) {
  const auto text = read_text(path);
  if (!text) return std::nullopt;
  Settings settings;
  for (const auto& [key, value] : parse(path, *text)) {
    const Option* option = find_property(key);
    if (option == nullptr) {
      warnings.push_back(place_of(path) + "nothing is known of a property " + show_text(key));
    } else if (auto setting = read_property(*option, path, key, value)) {
      for (const Setting& s : settings) {
        if (s.option != option) continue;
        warnings.push_back(place_of(path) + s.name + " and " + setting->name + " are the same, and the last counts");
      }
      settings.push_back(std::move(*setting));
    }
  }
  return settings;
}

}  // namespace resflow
