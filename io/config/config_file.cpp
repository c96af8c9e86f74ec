#include "io/config/config_file.hpp"

#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

constexpr std::size_t kMaxSize = 1 << 20;  // bytes; a larger configuration file is an error

std::string place_of(const std::string& path) {
  return "configuration file " + path + ": ";
}

// Returns the content of the configuration file, which may also be a pipe. Returns nullopt if the file does not exist.
// Throws ConfigError if the file cannot be read or is too large.
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

// Returns a position in the text in the form `line 3, column 8`. Lines and columns count from 1. Columns count
// characters, not bytes.
std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::string_view row = before.substr(before.rfind('\n') + 1);
  const auto column = 1 + std::count_if(row.begin(), row.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Returns the offset of the first error in a text that is not valid JSON.
std::size_t error_offset(std::string_view text) {
  js::parse_options options;
  options.max_depth = text.size();
  js::parser parser({}, options);
  boost::system::error_code error;
  return parser.write(text.data(), text.size(), error);
}

struct Property {
  std::string name;
  std::string value;  // JSON text, as it is written in the file
};

// Parses the configuration file: a JSON object, or null, which counts as an empty object. Returns the members of the
// object in the order of the file; the same name may occur twice. Skips a byte order mark at the beginning, which some
// editors write.
std::vector<Property> properties_of(const std::string& path, std::string text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.erase(0, mark.size());
  text = to_valid_utf8(text);  // invalid UTF-8 is no error: it is replaced, as in Go's JSON decoder
  if (!json::valid(text)) {
    throw ConfigError(place_of(path) + position(text, error_offset(text)) +
                      ": this is not JSON: " + json::syntax_error(text));
  }
  std::vector<Property> properties;
  json::Cursor in(text);
  if (in.kind() == json::Kind::null) return properties;  // null is allowed, as in Go's JSON decoder
  if (in.kind() != json::Kind::object) throw ConfigError(place_of(path) + "it must hold a JSON object");
  in.members([&](std::string_view name) {
    Property& property = properties.emplace_back(Property{std::string(name), {}});
    property.value = in.value();
  });
  return properties;
}

// Finds an option by its name in the configuration file: first the option with exactly this name, else one whose name
// differs only in upper and lower case. Returns null if there is none.
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

std::optional<Texts> texts_of_list(std::string_view value) {
  Texts texts;
  bool strings = true;
  json::Cursor in(value);
  in.elements([&] {
    auto text = json::decode_string(in.value());
    strings = strings && text;
    if (text) texts.push_back(std::move(*text));
  });
  return strings ? std::optional(std::move(texts)) : std::nullopt;
}

// Converts a JSON value to texts: one text, or several if the value is a list. Returns nullopt if the value does not
// have the JSON type that `shape` demands, or if it is a number with a fraction or an exponent.
std::optional<Texts> texts_of(std::string_view value, Shape shape) {
  const json::Kind kind = json::kind_of(value);
  if (shape == Shape::flag && kind == json::Kind::boolean) return Texts{std::string(value)};
  const bool whole = kind == json::Kind::number && value.find_first_of(".eE") == value.npos;
  if (shape == Shape::number && whole) return Texts{std::string(value)};
  if (shape == Shape::text && kind == json::Kind::string) return Texts{*json::decode_string(value)};
  if (shape == Shape::list && kind == json::Kind::array) return texts_of_list(value);
  return std::nullopt;
}

// Converts a property of the configuration file to a setting of the option. Returns nullopt if the value is null: such
// a property counts as missing. Throws ConfigError if the value has the wrong JSON type.
std::optional<Setting> read_property(const Option& option, const std::string& path, const Property& property) {
  if (property.value == "null") return std::nullopt;
  Setting setting{&option, place_of(path), property.name, show(property.value), {}};
  auto texts = texts_of(property.value, option.value.shape);
  if (!texts) refuse(setting);
  setting.texts = std::move(*texts);
  return setting;
}

}  // namespace

std::optional<Settings> read_config_file(const std::string& path, std::vector<std::string>& warnings) {
  auto text = read_text(path);
  if (!text) return std::nullopt;
  Settings settings;
  for (const Property& property : properties_of(path, std::move(*text))) {
    const Option* option = find_property(property.name);
    if (option == nullptr) {
      warnings.push_back(place_of(path) + "nothing is known of a property " + show_text(property.name));
    } else if (auto setting = read_property(*option, path, property)) {
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
