// The books, and what can be done with them: everything about this service that is not messaging.
//
// Whatever changes a book sends its event, through `publish`, before it returns: the RES-Service protocol wants events
// ahead of the reply to the call that caused them. What a client asks wrongly is thrown as a Refusal. Not for several
// threads at once.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace books {

namespace json = boost::json;

// An error reply. `field` names the parameter that is wrong, for a page to point at; empty when it is none of them.
class Refusal : public std::runtime_error {
 public:
  Refusal(std::string error_code, const std::string& message, std::string wrong_field = "")
      : std::runtime_error(message), code(std::move(error_code)), field(std::move(wrong_field)) {}

  std::string code;
  std::string field;
};

class Library {
 public:
  // Sends an event of a resource: its name, and its data.
  using Publish = std::function<void(std::string_view rid, std::string_view event, const json::value& data)>;

  explicit Library(Publish publish);

  json::array collection() const;                  // of library.books: references to the models, in order
  json::object model(std::string_view rid) const;  // of library.book.<id>

  void set(std::string_view rid, const json::value& params);  // {"title": ..., "author": ...}, or one of them
  std::string add(const json::value& params);                 // both; returns the resource id of the new book
  void remove(const json::value& params);                     // {"id": ...}

 private:
  struct Book {
    std::int64_t id;
    std::string title;
    std::string author;
  };

  std::size_t find(std::string_view rid) const;  // throws a Refusal when there is none

  Publish publish_;
  std::vector<Book> books_;
};

}  // namespace books
