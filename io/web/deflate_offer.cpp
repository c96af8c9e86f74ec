#include "io/web/deflate_offer.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace resflow {
namespace {

struct Parameter {
  std::string name;
  std::optional<std::string> value;
};

// One extension in the list that a client offers (RFC 6455, section 9.1).
struct Offer {
  std::string extension;
  std::vector<Parameter> parameters;
};

// Returns true for a character that a token may contain (RFC 9110, section 5.6.2).
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Parses the value of a Sec-WebSocket-Extensions header.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // Returns the offers in the header. If an offer is malformed, returns only the offers before it.
  std::vector<Offer> offers() {
    std::vector<Offer> list;
    do {
      std::optional<Offer> offer = read_offer();
      if (!offer) break;
      list.push_back(std::move(*offer));
    } while (skip(','));
    return list;
  }

 private:
  std::optional<Offer> read_offer() {
    Offer offer{token(), {}};
    if (offer.extension.empty()) return std::nullopt;
    while (skip(';')) {
      Parameter parameter{token(), {}};
      if (parameter.name.empty()) return std::nullopt;
      if (skip('=') && !read_value(parameter)) return std::nullopt;
      offer.parameters.push_back(std::move(parameter));
    }
    spaces();
    if (at_ != text_.size() && text_[at_] != ',') return std::nullopt;
    return offer;
  }

  // Reads the value of a parameter: a token, which may be in quotes. Returns false if the value is malformed.
  bool read_value(Parameter& parameter) {
    const bool quoted = skip('"');
    parameter.value = token();
    if (parameter.value->empty()) return false;
    if (!quoted) return true;
    if (at_ == text_.size() || text_[at_] != '"') return false;
    ++at_;
    return true;
  }

  std::string token() {
    spaces();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_token_char(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  bool skip(char c) {
    spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Returns true for a valid window size in a parameter: a number from 8 to 15 without leading zeros, which is the base-2
// logarithm of the size in bytes (RFC 7692, section 7.1.2).
bool is_window(const std::string& value) {
  static constexpr std::string_view kWindows[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
  return std::find(std::begin(kWindows), std::end(kWindows), value) != std::end(kWindows);
}

// Returns true if this server can do what the parameter asks for. The server compresses a message once for all clients,
// always with the largest window (32 KiB). So it does not accept an offer with a smaller window. A client that makes
// only such offers gets uncompressed messages.
bool can_keep(const Parameter& p) {
  if (p.name == "server_no_context_takeover" || p.name == "client_no_context_takeover") return !p.value;
  if (p.name == "client_max_window_bits") return !p.value || is_window(*p.value);
  return p.name == "server_max_window_bits" && p.value == "15";
}

// Returns true if the server can accept the offer. The offer must be for permessage-deflate, the server must be able to
// do what each parameter asks for, and no parameter may occur twice.
bool is_acceptable(const Offer& offer) {
  if (offer.extension != "permessage-deflate") return false;
  for (auto p = offer.parameters.begin(); p != offer.parameters.end(); ++p) {
    const auto same = [&](const Parameter& other) { return other.name == p->name; };
    if (!can_keep(*p) || std::any_of(offer.parameters.begin(), p, same)) return false;
  }
  return true;
}

// Returns the header value that accepts an offer. It always asks for "no context takeover" (each message is compressed
// on its own), even if the client has not offered this (RFC 7692, section 7.1.1). If the client has offered
// server_max_window_bits, the value must contain this parameter, too (section 7.1.2.1).
std::string answer(const Offer& offer) {
  std::string text = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const bool window = std::any_of(offer.parameters.begin(), offer.parameters.end(),
                                  [](const Parameter& p) { return p.name == "server_max_window_bits"; });
  return window ? text + "; server_max_window_bits=15" : text;
}

}  // namespace

std::optional<std::string> accept_deflate(const HttpRequestHead& head) {
  for (const auto& [name, value] : head.headers) {
    if (name != "Sec-Websocket-Extensions") continue;
    for (const Offer& offer : Reader(value).offers()) {
      if (is_acceptable(offer)) return answer(offer);
    }
  }
  return std::nullopt;
}

}  // namespace resflow
