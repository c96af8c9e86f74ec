#include "io/nats/nats_error.hpp"

#include <algorithm>
#include <array>

#include "io/text_list.hpp"

namespace resflow {

namespace {

// Words in an error text of the NATS server, and what such an error affects: for example one request, or one
// subscription.
struct Saying {
  std::string_view words;  // in lower case
  NatsReach reach;
};

constexpr std::array<Saying, 9> kSayings{{
    {"permissions violation for subscription", NatsReach::subscription},
    {"permissions violation for publish", NatsReach::publish},
    {"maximum subscriptions exceeded", NatsReach::subscription_count},
    {"maximum control line exceeded", NatsReach::control_line},
    {"maximum payload", NatsReach::message},
    {"invalid subject", NatsReach::message},
    {"invalid publish subject", NatsReach::message},
    {"parser error", NatsReach::message},
    {"unknown protocol operation", NatsReach::message},
}};

// Finds the subject, which is in quotes in the error text, and stores it in `fault`. Turns an escaped quote (\") into a
// quote, and an escaped backslash into a backslash. If another escape comes, stores only the part before this escape.
// If the closing quote is missing, stores the part up to the end of the text. Sets `cut_off` in both cases.
void read_subject(std::string_view text, NatsFault& fault) {
  const std::size_t quote = text.find('"');
  fault.cut_off = true;
  for (std::size_t i = quote == std::string_view::npos ? text.size() : quote + 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      fault.cut_off = false;
      return;
    }
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\'))) return;
    fault.subject.push_back(text[i]);
  }
}

}  // namespace

NatsFault judge_nats_error(natsStatus status, std::string_view text) {
  NatsFault fault;
  if (status == NATS_SLOW_CONSUMER) {
    fault.reach = NatsReach::message;
    return fault;
  }
  const std::string words = lower_case(text);
  const auto saying = std::find_if(kSayings.begin(), kSayings.end(),
                                   [&](const Saying& s) { return words.find(s.words) != std::string::npos; });
  if (saying == kSayings.end()) return fault;
  fault.reach = saying->reach;
  if (fault.reach == NatsReach::publish || fault.reach == NatsReach::subscription) read_subject(text, fault);
  return fault;
}

bool is_about(const NatsFault& fault, std::string_view subject) {
  return fault.cut_off ? !fault.subject.empty() && subject.starts_with(fault.subject) : subject == fault.subject;
}

}  // namespace resflow
