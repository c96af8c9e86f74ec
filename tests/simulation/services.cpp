// How the services answer requests, and how they fail to do so.
#include "tests/simulation/services.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace resflow::simulation {

namespace {

constexpr const char* kNotFound = R"({"error":{"code":"system.notFound","message":"Not found"}})";
constexpr const char* kBroken = R"({"error":{"code":"system.internalError","message":"Broken"}})";

std::string text(const Json& value) {
  return boost::json::serialize(value);
}

Json parse(const std::string& text) {
  boost::json::error_code error;
  Json value = boost::json::parse(text.empty() ? "{}" : text, error);
  return error ? Json(boost::json::object()) : value;
}

std::string member(const Json& object, const char* name) {
  const Json* found = object.as_object().if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

unsigned level_of(const Json& payload) {
  const Json* token = payload.as_object().if_contains("token");
  if (token == nullptr || !token->is_object()) return 0;
  return static_cast<unsigned>(token->at("level").as_int64());
}

// Returns the events that lead from one state of a query to another.
boost::json::array edits(const boost::json::array& a, const boost::json::array& b) {
  std::size_t same = 0;
  while (same < std::min(a.size(), b.size()) && a[same] == b[same]) ++same;
  boost::json::array events;
  for (std::size_t i = a.size(); i > same; --i) {
    events.push_back({{"event", "remove"}, {"data", {{"idx", i - 1}}}});
  }
  for (std::size_t i = same; i < b.size(); ++i) {
    events.push_back({{"event", "add"}, {"data", {{"idx", i}, {"value", b[i]}}}});
  }
  return events;
}

// Returns the service that a request is for: 1 for "get.s1.m.0" and for "qs.s1.7".
std::size_t service_in(const std::string& subject, std::size_t services) {
  const std::size_t dot = subject.find('.');
  return dot + 2 < subject.size() ? Truth::service_of(std::string_view(subject).substr(dot + 1)) % services : 0;
}

}  // namespace

bool Services::serve(Dice& dice) {
  std::vector<Asked>& all = broker_.asked();
  if (all.empty()) return false;
  const std::size_t at = dice.below(all.size());
  const std::size_t service = service_in(all[at].subject, truth_.services());
  if (at > 0) ++faults_[Fault::reply_out_of_order];
  constexpr std::size_t seldom = 12;
  if (fails() && dice.one_in(seldom) && !all[at].announced) {
    ++faults_[Fault::pre_response];
    all[at].announced = true;
    broker_.reply(service, all[at], "timeout:\"" + std::to_string(300 + dice.below(500)) + '"');
    return true;
  }
  const Asked asked = std::move(all[at]);
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
  if (!fails() || !misbehave(asked, service, dice)) answer(asked, service, dice);
  return true;
}

bool Services::misbehave(const Asked& a, std::size_t service, Dice& dice) {
  static constexpr std::array nonsense = {"",
                                          "{",
                                          "[]",
                                          R"({"result":7})",
                                          R"({"result":{"model":{},"collection":[]}})",
                                          R"({"result":{"model":{"a":{"b":1}}}})",
                                          R"({"result":{"model":{"a":{"rid":"no..rid"}}}})",
                                          R"({"resource":{"rid":""}})",
                                          "{\"result\":\"\xFF\"}",
                                          R"({"result":{"get":"yes"}})"};
  // If the answer to a query request is an error, clients keep a state that is out of date.
  const bool is_query = a.subject.starts_with("qs.");
  switch (dice.below(60)) {
    case 0:
    case 1:
      ++faults_[Fault::reply_lost];
      return true;
    case 2:
      if (is_query) return false;
      ++faults_[Fault::reply_error];
      broker_.reply(service, a, dice.one_in(2) ? kNotFound : kBroken);
      return true;
    case 3:
      if (is_query) return false;
      ++faults_[Fault::reply_nonsense];
      broker_.reply(service, a, nonsense[dice.below(nonsense.size())]);
      return true;
    case 4:
      ++faults_[Fault::no_responders];
      broker_.reply(service, a, {}, true);
      return true;
    default:
      return false;
  }
}

void Services::answer(const Asked& a, std::size_t service, Dice& dice) {
  const Json payload = parse(a.payload);
  const std::size_t dot = a.subject.find('.');
  const std::string kind = a.subject.substr(0, dot);
  const std::string rest = a.subject.substr(dot + 1);
  if (kind == "get") return broker_.reply(service, a, get(rest, member(payload, "query")));
  if (kind == "access") return broker_.reply(service, a, access(rest, payload));
  if (kind == "qs") return broker_.reply(service, a, query(a.subject, member(payload, "query"), dice));
  if (kind == "auth") {
    if (!counts_) set_token(member(payload, "cid"), static_cast<unsigned>(dice.below(4)));
    return broker_.reply(service, a, R"({"result":null})");
  }
  broker_.reply(service, a, call(rest.substr(0, rest.rfind('.')), dice));
}

std::string Services::get(const std::string& name, const std::string& query) const {
  if (name.ends_with(".q")) {
    const std::string normal = Truth::normalize(query);
    const auto part = Truth::part(truth_.list(Truth::service_of(name)), normal);
    return text({{"result", {{"collection", part}, {"query", normal}}}});
  }
  const Json* found = static_cast<const Truth&>(truth_).find(name);
  if (found == nullptr) return kNotFound;
  return text({{"result", {{found->is_object() ? "model" : "collection", *found}}}});
}

std::string Services::access(const std::string& name, const Json& payload) const {
  const bool allowed = level_of(payload) >= truth_.level_needed(name);
  return text({{"result", {{"get", allowed}, {"call", "*"}}}});
}

std::string Services::call(const std::string& name, Dice& dice) const {
  switch (dice.below(4)) {
    case 0:
      return text({{"resource", {{"rid", truth_.any_model(dice)}}}});
    case 1:
      return kBroken;
    default:
      break;
  }
  boost::json::object result{{"done", true}};
  const Json* model = counts_ ? static_cast<const Truth&>(truth_).find(name) : nullptr;
  if (model != nullptr && model->is_object() && model->as_object().contains(kEventNumber)) {
    result[kEventNumber] = model->as_object().at(kEventNumber);
  }
  return text({{"result", result}});
}

std::string Services::query(const std::string& subject, const std::string& query, Dice& dice) {
  const auto it = query_events_.find(subject);
  if (it == query_events_.end()) return kNotFound;
  const boost::json::array now = Truth::part(it->second.now, query);
  if (dice.one_in(2)) return text({{"result", {{"collection", now}}}});
  return text({{"result", {{"events", edits(Truth::part(it->second.before, query), now)}}}});
}

}  // namespace resflow::simulation
