#include "tests/simulation/truth.hpp"

#include <algorithm>
#include <charconv>

namespace resflow::simulation {

namespace {

constexpr unsigned kLevels = 4;

std::size_t parameter(std::string_view query, std::string_view name, std::size_t otherwise) {
  const std::size_t at = query.find(std::string(name) + '=');
  if (at == std::string_view::npos) return otherwise;
  const std::string_view digits = query.substr(at + name.size() + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), otherwise);
  return otherwise;
}

// Returns the value as a client gets it that speaks a RES protocol before 1.2.1.
Json for_legacy(const Json& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  if (object->contains("data")) return "[Data]";
  if (object->contains("soft")) return object->at("rid");
  return value;
}

}  // namespace

std::string_view reference(const Json& value) {
  const auto* object = value.if_object();
  if (object == nullptr || object->contains("soft")) return {};
  const Json* rid = object->if_contains("rid");
  if (rid == nullptr) return {};
  return {rid->as_string().data(), rid->as_string().size()};
}

Truth::Truth(std::uint64_t seed, std::size_t services, std::size_t resources, bool refers)
    : resources_count_(resources), refers_(refers), lists_(services) {
  Dice dice(seed);
  for (std::size_t s = 0; s < services; ++s) {
    const std::string service = 's' + std::to_string(s);
    for (std::size_t i = 0; i < resources; ++i) {
      create(service + ".m." + std::to_string(i), dice);
      create(service + ".c." + std::to_string(i), dice);
    }
    for (std::size_t i = 0; i < 12; ++i) lists_[s].emplace_back("item " + std::to_string(i));
  }
}

std::string Truth::any_model(Dice& dice) const {
  return 's' + std::to_string(dice.below(services())) + ".m." + std::to_string(dice.below(resources_count_));
}

std::string Truth::any_collection(Dice& dice) const {
  return 's' + std::to_string(dice.below(services())) + ".c." + std::to_string(dice.below(resources_count_));
}

std::string Truth::any_rid(Dice& dice) const {
  const std::string service = 's' + std::to_string(dice.below(services()));
  const std::string start = "start=" + std::to_string(dice.below(3) * 2);
  const std::string limit = "limit=" + std::to_string(3 + dice.below(2) * 3);
  switch (dice.below(12)) {
    case 0:
      return service + ".q?" + start + '&' + limit;
    case 1:
      return service + ".q?" + limit + '&' + start;
    case 2:
      return service + ".q?" + limit;
    case 3:
      return service + ".none." + std::to_string(dice.below(2));
    default:
      return dice.one_in(2) ? any_model(dice) : any_collection(dice);
  }
}

Json Truth::any_value(Dice& dice) const {
  if (!refers_) return static_cast<std::int64_t>(dice.below(1'000));
  switch (dice.below(12)) {
    case 0:
    case 1:
      return {{"rid", any_model(dice)}};
    case 2:
      return {{"rid", any_collection(dice)}};
    case 3:
      return {{"rid", any_model(dice)}, {"soft", true}};
    case 4:
      return {{"data", boost::json::array{1, "two", nullptr}}};
    case 5:
      return {{"rid", 's' + std::to_string(dice.below(services())) + ".q?start=0&limit=3"}};
    case 6:
      return nullptr;
    case 7:
      return "a \"text\" <\xC3\xA9>";
    default:
      return static_cast<std::int64_t>(dice.below(1'000));
  }
}

const Json* Truth::find(std::string_view name) const {
  const auto it = resources_.find(name);
  return it == resources_.end() ? nullptr : &it->second;
}

Json* Truth::find(std::string_view name) {
  const auto it = resources_.find(name);
  return it == resources_.end() ? nullptr : &it->second;
}

void Truth::create(const std::string& name, Dice& dice) {
  const std::size_t size = dice.below(4);
  if (name[3] == 'm') {
    boost::json::object model;
    for (std::size_t i = 0; i < size; ++i) model["p" + std::to_string(i)] = any_value(dice);
    resources_[name] = std::move(model);
  } else {
    boost::json::array collection;
    for (std::size_t i = 0; i < size; ++i) collection.push_back(any_value(dice));
    resources_[name] = std::move(collection);
  }
}

std::string Truth::normalize(std::string_view query) {
  return "limit=" + std::to_string(parameter(query, "limit", 3)) +
         "&start=" + std::to_string(parameter(query, "start", 0));
}

boost::json::array Truth::part(const boost::json::array& list, std::string_view normalized) {
  const std::size_t start = std::min(parameter(normalized, "start", 0), list.size());
  const std::size_t end = std::min(start + parameter(normalized, "limit", 3), list.size());
  boost::json::array shown;
  for (std::size_t i = start; i < end; ++i) shown.push_back(list[i]);
  return shown;
}

std::optional<Json> Truth::seen(const std::string& rid, bool legacy) const {
  const std::size_t question = rid.find('?');
  if (question != std::string::npos) return part(lists_[service_of(rid)], normalize(rid.substr(question + 1)));
  const Json* found = find(rid);
  if (found == nullptr) return std::nullopt;
  Json resource = *found;
  if (!legacy) return resource;
  if (auto* model = resource.if_object()) {
    for (auto& property : *model) property.value() = for_legacy(property.value());
  } else {
    for (Json& value : resource.as_array()) value = for_legacy(value);
  }
  return resource;
}

unsigned Truth::level_needed(const std::string& name) const {
  const auto it = levels_.find(name);
  return it == levels_.end() ? 0 : it->second % kLevels;
}

}  // namespace resflow::simulation
