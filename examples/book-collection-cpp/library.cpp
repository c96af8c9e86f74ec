#include "examples/book-collection-cpp/library.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace books {

namespace {

constexpr std::size_t kMaxLength = 200;  // characters
constexpr std::string_view kSpace = " \t\r\n\f\v";

std::string rid_of(std::int64_t id) {
  return "library.book." + std::to_string(id);
}

Refusal invalid(const std::string& message, std::string field = "") {
  return {"system.invalidParams", message, std::move(field)};
}

const json::object& object(const json::value& params) {
  if (!params.is_object()) throw invalid("Parameters must be an object");
  return params.as_object();
}

// Counts the characters of a UTF-8 text: in UTF-8 only the first byte of a character is not 10xxxxxx.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Returns the text of a field, trimmed; `name` is its name in the model, `label` its name in the page. Returns nullopt
// if the parameters do not have the field. Throws a Refusal if the text is not valid.
std::optional<std::string> text(const json::object& params, const std::string& name, const std::string& label) {
  const json::value* value = params.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw invalid(label + " must be a string", name);
  const std::string_view trimmed = trim({value->as_string().data(), value->as_string().size()});
  if (trimmed.empty()) throw invalid(label + " must not be empty", name);
  if (characters(trimmed) > kMaxLength) {
    throw invalid(label + " must not exceed " + std::to_string(kMaxLength) + " characters", name);
  }
  return std::string(trimmed);
}

struct Fields {
  std::optional<std::string> title;
  std::optional<std::string> author;
};

Fields fields(const json::value& params) {
  const json::object& given = object(params);
  for (const json::key_value_pair& member : given) {
    if (member.key() == "title" || member.key() == "author") continue;
    throw invalid("There is no property \"" + std::string(member.key()) + "\" to set");
  }
  return {text(given, "title", "Title"), text(given, "author", "Author")};
}

std::int64_t milliseconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Library::Library(Publish publish)
    : publish_(std::move(publish)),
      books_{{1, "Animal Farm", "George Orwell"},
             {2, "Brave New World", "Aldous Huxley"},
             {3, "Coraline", "Neil Gaiman"}} {}

std::size_t Library::find(std::string_view rid) const {
  const auto found = std::find_if(books_.begin(), books_.end(), [&](const Book& b) { return rid_of(b.id) == rid; });
  if (found == books_.end()) throw Refusal("system.notFound", "Not found");
  return static_cast<std::size_t>(found - books_.begin());
}

json::array Library::collection() const {
  json::array references;
  for (const Book& book : books_) references.push_back(json::object{{"rid", rid_of(book.id)}});
  return references;
}

json::object Library::model(std::string_view rid) const {
  const Book& book = books_[find(rid)];
  return {{"id", book.id}, {"title", book.title}, {"author", book.author}};
}

void Library::set(std::string_view rid, const json::value& params) {
  Book& book = books_[find(rid)];
  Fields given = fields(params);
  json::object values;  // only what has changed, because a change event must not contain more
  if (given.title && *given.title != book.title) values["title"] = book.title = std::move(*given.title);
  if (given.author && *given.author != book.author) values["author"] = book.author = std::move(*given.author);
  if (!values.empty()) publish_(rid, "change", {{"values", values}});
}

std::string Library::add(const json::value& params) {
  Fields given = fields(params);
  if (!given.title) throw invalid("Title must not be empty", "title");
  if (!given.author) throw invalid("Author must not be empty", "author");
  // A new book must not get an id that another book had in an earlier run, because clients may still hold that book.
  // Ids come from the clock, which is always ahead of earlier ids.
  const std::int64_t last = books_.empty() ? 0 : books_.back().id;
  books_.push_back({std::max(milliseconds_since_1970(), last + 1), std::move(*given.title), std::move(*given.author)});
  std::string rid = rid_of(books_.back().id);
  publish_("library.books", "add", {{"idx", books_.size() - 1}, {"value", {{"rid", rid}}}});
  return rid;
}

void Library::remove(const json::value& params) {
  const json::value* id = object(params).if_contains("id");
  if (id == nullptr || !id->is_int64()) throw invalid("The id of the book must be a whole number");
  const auto found =
      std::find_if(books_.begin(), books_.end(), [&](const Book& book) { return book.id == id->as_int64(); });
  if (found == books_.end()) throw invalid("There is no book with the id " + std::to_string(id->as_int64()));
  const auto idx = found - books_.begin();
  books_.erase(found);
  publish_("library.books", "remove", {{"idx", idx}});
  publish_(rid_of(id->as_int64()), "delete", nullptr);
}

}  // namespace books
