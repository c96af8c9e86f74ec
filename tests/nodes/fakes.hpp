// Helpers for the tests of single nodes: builders of messages, a log and a service port that remember what they were
// given, and a random source that repeats itself for the same seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "tests/nodes/client_info.hpp"

namespace resflow::testing {

struct FakeLog : LogPort {
  std::vector<std::pair<LogLevel, std::string>> lines;

  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel level, std::string_view text) override { lines.emplace_back(level, text); }

  std::size_t errors() const {
    std::size_t count = 0;
    for (const auto& [level, text] : lines) count += level == LogLevel::error ? 1 : 0;
    return count;
  }
  bool has(std::string_view part) const {
    for (const auto& [level, text] : lines) {
      if (text.find(part) != std::string::npos) return true;
    }
    return false;
  }
};

struct FakeServices : ServicePort {
  struct Request {
    ServiceRequestId id;
    std::string subject;
    std::string payload;
  };
  std::vector<Request> requests;
  std::vector<std::string> subscriptions;
  bool refuse = false;                     // refuse the subscriptions from now on
  std::vector<ServiceRequestId> held;      // requests that wait for a connection
  std::vector<ServiceRequestId> released;  // held requests that the node still wanted when the connection came

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override {
    requests.push_back({id, std::string(subject), std::string(payload)});
  }
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override {
    subscriptions.push_back('+' + std::to_string(handle.value()) + ' ' + std::string(subject));
    return !refuse;
  }
  void unsubscribe(SubscriptionHandle handle) override {
    subscriptions.push_back('-' + std::to_string(handle.value()));
  }
  void flush() override {}
  void send_kept(const std::function<bool(ServiceRequestId)>& wanted) override {
    std::copy_if(held.begin(), held.end(), std::back_inserter(released), wanted);
  }
};

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return engine_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  char of(std::string_view alphabet) { return alphabet[below(alphabet.size())]; }
  template <typename T>
  T& of(std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

// Returns the message if it is of type T, also when T is boxed. Returns null if it is of another type.
template <typename T, typename... All>
const T* message_if(const std::variant<All...>& message) {
  if constexpr ((std::is_same_v<Boxed<T>, All> || ...)) {
    const auto* boxed = std::get_if<Boxed<T>>(&message);
    return boxed == nullptr ? nullptr : &**boxed;
  } else {
    return std::get_if<T>(&message);
  }
}
template <typename T, typename... All>
const T& message_as(const std::variant<All...>& message) {
  const T* found = message_if<T>(message);
  if (found == nullptr) throw std::bad_variant_access();
  return *found;
}

// Returns the messages of type T that were sent on an edge, in order.
template <typename T, typename Variant>
std::vector<T> only(const std::vector<Variant>& messages) {
  std::vector<T> found;
  for (const Variant& m : messages) {
    if (const T* t = message_if<T>(m)) found.push_back(*t);
  }
  return found;
}

inline Value value(std::string_view text) {
  json::Cursor in(text);
  Value v;
  std::string error;
  if (!read_value(in, "test", v, error)) v.text = "not a value: " + error;
  return v;
}

inline Properties model(const std::vector<std::pair<std::string, std::string>>& properties) {
  Properties all;
  for (const auto& [name, text] : properties) all.emplace(name, value(text));
  return all;
}

inline Values collection(const std::vector<std::string>& texts) {
  Values all;
  for (const std::string& text : texts) all.push_back(value(text));
  return all;
}

inline std::string text_of(const Properties& p) {
  std::string out;
  append_properties(out, p, false);
  return out;
}

inline std::string text_of(const Values& v) {
  std::string out;
  append_values(out, v, false);
  return out;
}

inline std::string code_of(const ErrorPtr& error) {
  return error ? error->code : std::string();
}

inline std::string message_of(const ErrorPtr& error) {
  return error ? error->message : std::string();
}

inline std::string text_of(const RidPtr& rid) {
  return rid ? rid->text() : std::string();
}

}  // namespace resflow::testing
