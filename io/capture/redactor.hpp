// Hides secrets in a capture (a recording of the gateway's traffic). Secrets are: access tokens, the values of headers
// such as Cookie and Authorization, and the parameters of auth requests, with which clients log in. The redactor
// replaces each secret by a word such as `redacted-1f0a93bc`. The word is a hash of the secret with a random key that
// is never stored, so it does not reveal the secret. The same secret always becomes the same word, so a redacted
// capture can still be replayed.
//
// The RES protocol documents say where a message holds secrets: RES-Service ("Connection token event", "Requests",
// "Meta object") and RES-Client ("Auth request"). If a message might hold a secret but is not valid JSON, the redactor
// hides the whole message. The redactor does not hide query strings, data of resources and results of auth requests.
//
// The gateway has one Redactor, which all of its threads use. Any thread.
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

  // Each of these functions returns a copy of its argument in which the secrets are hidden. entered() is for messages
  // that come from clients and services.
  Headers headers(Headers headers) const;
  ParseIn entered(ParseIn message) const;
  ServiceReply entered(ServiceReply reply) const;
  ServiceMessage entered(ServiceMessage message) const;
  // Returns `payload`, the payload of a request that the gateway sends to a service, with the secrets hidden.
  std::string request(std::string_view subject, std::string_view payload) const;

 private:
  // Returns the word that replaces the secret: `redacted-` and a hash of the secret.
  std::string word(std::string_view secret) const;
  // Returns the JSON string that replaces the secret JSON value `text`. If `text` is the JSON value null, returns an
  // empty string: null is no secret, so the caller leaves it as it is.
  std::string value(std::string_view text) const;
  std::string client_frame(std::string_view text) const;
  std::string header_object(std::string_view text) const;

  std::uint64_t key_;
};

}  // namespace resflow
