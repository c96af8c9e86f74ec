#include "tools/bench/message.hpp"

#include <charconv>

#include "nodes/protocol/json.hpp"

namespace resflow::bench {

namespace {

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

}  // namespace

// Returns true if the key "event" is near the start of the text. Returns false for a text that starts like an answer to
// a request, because the result in an answer can contain this key, too.
bool is_event(std::string_view text) {
  if (text.starts_with("{\"event\":")) return true;
  if (text.starts_with("{\"result\":") || text.starts_with("{\"error\":") || text.starts_with("{\"id\":")) return false;
  return text.substr(0, 64).find("\"event\":") != std::string_view::npos;
}

std::optional<std::int64_t> stamp_of(std::string_view event) {
  const std::size_t key = event.find(kStampKey);
  std::int64_t stamp = 0;
  if (key == std::string_view::npos || !read_number(event.substr(key + kStampKey.size()), stamp)) return std::nullopt;
  return stamp;
}

std::optional<Answer> read_answer(std::string_view text) {
  Answer answer;
  bool has_id = false;
  json::Cursor in(text);
  if (in.kind() != json::Kind::object) return std::nullopt;
  in.members([&](std::string_view key) {
    const bool id = key == "id";
    const bool error = key == "error";
    const bool result = key == "result";
    const std::string_view value = in.value();
    if (id) has_id = read_number(value, answer.id);
    if (result) answer.result = value;
    if (error && value != "null") {
      answer.failed = true;
      answer.error = value;
    }
  });
  if (in.failed() || !has_id) return std::nullopt;
  return answer;
}

std::size_t count_models(std::string_view result) {
  std::size_t models = 0;
  json::Cursor in(result);
  in.members([&](std::string_view group) {
    if (group != "models" || in.kind() != json::Kind::object) {
      in.value();
      return;
    }
    in.members([&](std::string_view) {
      ++models;
      in.value();
    });
  });
  return models;
}

}  // namespace resflow::bench
