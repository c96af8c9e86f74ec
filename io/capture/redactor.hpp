// Hides secrets in a capture (a recording of the gateway's traffic): access tokens, headers that hold secrets (cookies,
// authorization, tokens, keys) and the parameters of auth methods. The redactor replaces each secret by a word. It
// replaces the same secret always by the same word, so the traffic stays consistent and can be replayed. The word is a
// hash of the secret with a random key. The key is never stored, so the word tells nothing about the secret.
//
// The RES-Service protocol ("Connection token event", "Requests", "Meta object") and the RES-Client protocol ("Auth
// request") define where secrets are. If a text is not valid JSON and might hold a secret, the redactor hides the whole
// text. It does not hide results of auth methods, query strings and data of resources.
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

  // Each function returns its argument with the secrets hidden.
  Headers headers(Headers headers) const;
  ParseIn entered(ParseIn message) const;
  ServiceReply entered(ServiceReply reply) const;
  ServiceMessage entered(ServiceMessage message) const;
  // Returns the payload of a request to a service with the secrets hidden.
  std::string request(std::string_view subject, std::string_view payload) const;

 private:
  // Returns the word that stands for a secret.
  std::string word(std::string_view secret) const;
  // Returns the JSON value that replaces the secret value of a member. Returns an empty text if the value is null,
  // which is no secret.
  std::string value(std::string_view text) const;
  std::string client_frame(std::string_view text) const;
  std::string header_object(std::string_view text) const;

  std::uint64_t key_;
};

}  // namespace resflow
