// The books and the operations on them: everything in this service that is not messaging. service.cpp calls it.
//
// A function that changes a book sends the event through `publish` before it returns, because the RES-Service protocol
// wants events ahead of the reply to the call that caused them. A wrong request is thrown as a Refusal. One thread at a
// time.
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

// An error reply. `field` names the wrong parameter, so that a page can point at it; empty if no single parameter is
// wrong.
class Refusal : public std::runtime_error {
 public:
  Refusal(std::string error_code, const std::string& message, std::string wrong_field = "")
      : std::runtime_error(message), code(std::move(error_code)), field(std::move(wrong_field)) {}

  std::string code;
  std::string field;
};

class Library {
 public:
  // Sends an event of a resource: the resource id, the name of the event, and its data.
  using Publish = std::function<void(std::string_view rid, std::string_view event, const json::value& data)>;

  explicit Library(Publish publish);

  json::array collection() const;                  // library.books: references to the models, in order
  json::object model(std::string_view rid) const;  // a model library.book.<id>

  void set(std::string_view rid, const json::value& params);  // {"title": ..., "author": ...}, or one of both
  std::string add(const json::value& params);                 // both fields; returns the new book's rid
  void remove(const json::value& params);                     // {"id": ...}

 private:
  struct Book {
    std::int64_t id;
    std::string title;
    std::string author;
  };

  std::size_t find(std::string_view rid) const;  // returns its index; throws a Refusal if there is none

  Publish publish_;
  std::vector<Book> books_;
};

}  // namespace books
