// Hides secrets in a capture: access tokens, headers that hold secrets (cookies, authorization, tokens, keys) and the
// parameters of auth methods. Each is replaced by a word of its own, the same wherever it is met, so that the traffic
// still fits together and can be played again. The word is made with a key that is not kept: it tells nothing of the
// secret.
//
// What is hidden where follows the RES-Service protocol ("Connection token event", "Requests", "Meta object") and the
// RES-Client protocol ("Auth request"). A text that is no sound JSON and might hold a secret is hidden as a whole. Not
// hidden: results of auth methods, query strings, data of resources.
//
// One instance for all lanes; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nodes/messages.hpp"
#include "nodes/protocol/client_messages.hpp"

namespace resflow {

class Redactor {
 public:
  Redactor();
  explicit Redactor(std::uint64_t key) : key_(key) {}

  Headers headers(Headers headers) const;
  ParseIn entered(ParseIn message) const;
  ServiceReply entered(ServiceReply reply) const;
  ServiceMessage entered(ServiceMessage message) const;
  // The payload of a request to a service.
  std::string request(std::string_view subject, std::string_view payload) const;

 private:
  std::string word(std::string_view secret) const;
  // The value of a member in the place of another.
  std::string value(std::string_view text) const;
  std::string client_frame(std::string_view text) const;
  std::string header_object(std::string_view text) const;

  std::uint64_t key_;
};

}  // namespace resflow
