#include "tests/simulation/client.hpp"

#include <array>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/utf8.hpp"

namespace resflow::simulation {

namespace {

constexpr std::array kVersions = {"1.1.1", "1.2.0", "1.2.1", "1.2.3"};
constexpr std::array kSetMembers = {"models", "collections", "errors"};

const boost::json::object* object_at(const boost::json::object& object, std::string_view name) {
  const Json* found = object.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

std::string text_at(const boost::json::object& object, std::string_view name) {
  const Json* found = object.if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

// Calls f(rid) for each reference in the resource.
template <typename F>
void for_each_reference(const Json& resource, F&& f) {
  const auto visit = [&](const Json& value) {
    if (const std::string_view rid = reference(value); !rid.empty()) f(std::string(rid));
  };
  if (const auto* model = resource.if_object()) {
    for (const auto& property : *model) visit(property.value());
  } else if (const auto* collection = resource.if_array()) {
    for (const Json& value : *collection) visit(value);
  }
}

}  // namespace

std::string Client::request(Kind kind, const std::string& method, const std::string& rid, const Json& params,
                            std::uint32_t count) {
  asked_[++last_id_] = Asked{kind, rid, count};
  boost::json::object request{{"id", last_id_}, {"method", method}};
  if (!params.is_null()) request["params"] = params;
  return boost::json::serialize(request);
}

std::string Client::ask_version(unsigned number) {
  version_ = number;
  return request(Kind::version, "version", {}, {{"protocol", kVersions[version_]}});
}

std::string Client::ask(Dice& dice, const Truth& truth) {
  if (last_id_ == 0 && dice.one_in(2)) return ask_version(static_cast<unsigned>(dice.below(kVersions.size())));
  const std::string rid = truth.any_rid(dice);
  const std::string name = rid.substr(0, rid.find('?'));
  switch (dice.below(20)) {
    case 0:
    case 1:
    case 2:
      return request(Kind::get, "get." + rid, rid, nullptr);
    case 3:
    case 4:
      return request(Kind::call, "call." + name + ".do", rid, {{"a", 1}});
    case 5:
      return request(Kind::auth, "auth.s0.m.0.login", rid, nullptr);
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11: {
      const bool known = !direct_.empty() && !dice.one_in(8);
      const std::string which =
          known ? std::next(direct_.begin(), static_cast<std::ptrdiff_t>(dice.below(direct_.size())))->first : rid;
      const auto count = static_cast<std::uint32_t>(1 + (dice.one_in(6) ? 1 : 0));
      const Json params = count == 1 ? Json(nullptr) : Json{{"count", count}};
      return request(Kind::unsubscribe, "unsubscribe." + which, which, params, count);
    }
    default:
      return request(Kind::subscribe, "subscribe." + rid, rid, nullptr);
  }
}

void Client::receive(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = text.size();
  const Json parsed = boost::json::parse({text.data(), text.size()}, error, {}, options);
  // Boost.JSON does not read numbers with a large exponent. Such a text may be right, but the client can follow no
  // more.
  const bool is_object = error ? text.starts_with('{') && valid_utf8(text) && json::valid(text) : parsed.is_object();
  if (!is_object) return object_to("no JSON object: " + std::string(text));
  careless = careless || error.failed();
  if (careless) return;
  const auto* message = &parsed.as_object();
  if (message->contains("event")) return event(*message);
  const Json* id = message->if_contains("id");
  const auto it =
      id == nullptr || !id->is_int64() ? asked_.end() : asked_.find(static_cast<std::uint64_t>(id->as_int64()));
  if (it == asked_.end()) return object_to("an answer to nothing: " + std::string(text));
  const Asked asked = it->second;
  asked_.erase(it);
  answered(asked, *message);
}

void Client::answered(const Asked& asked, const boost::json::object& message) {
  if (message.contains("error")) return;
  if (asked.kind == Kind::unsubscribe) {
    const auto it = direct_.find(asked.rid);
    if (it == direct_.end() || it->second < asked.count) {
      return object_to("unsubscribed from " + asked.rid + " more often than it was subscribed");
    }
    if ((it->second -= asked.count) == 0) direct_.erase(it);
    return tidy();
  }
  if (const auto* result = object_at(message, "result")) got(asked, *result);
}

void Client::got(const Asked& asked, const boost::json::object& result) {
  if (asked.kind == Kind::get) {
    Items known = items_;
    add(known, result);
    const std::set<std::string> reached = reach(known, {asked.rid});
    for (const char* member : kSetMembers) {
      const auto* resources = object_at(result, member);
      if (resources == nullptr) continue;
      for (const auto& resource : *resources) {
        if (!reached.contains(resource.key())) object_to(std::string(resource.key()) + " is no part of what it got");
        const auto held = items_.find(resource.key());
        if (held != items_.end() && !held->second.error && !held->second.gone) {
          object_to("the get of " + asked.rid + " repeats " + held->first);
        }
      }
    }
  } else if (asked.kind == Kind::subscribe) {
    take(result);
    ++direct_[asked.rid];
    tidy();
  } else if (asked.kind == Kind::call) {
    check_order(asked.rid, result);
    const std::string rid = text_at(result, "rid");
    if (rid.empty() || version_ == 0) return;  // before 1.2.0, the answer does not subscribe the client
    const auto* errors = object_at(result, "errors");
    if (errors != nullptr && errors->contains(rid)) return;
    take(result);
    ++direct_[rid];
    tidy();
  }
}

// Objects to the answer of a call if an event is missing that the service sent before it.
void Client::check_order(const std::string& rid, const boost::json::object& result) {
  const auto* payload = version_ == 0 ? &result : object_at(result, "payload");
  const Json* number = payload == nullptr ? nullptr : payload->if_contains(kEventNumber);
  const auto it = items_.find(rid);
  if (number == nullptr || it == items_.end() || it->second.error || it->second.gone) return;
  const Json* latest = it->second.value.as_object().if_contains(kEventNumber);
  if (latest == nullptr || latest->as_int64() < number->as_int64()) {
    object_to("a call of " + rid + " is answered before an event that was sent before");
  }
}

void Client::add(Items& items, const boost::json::object& set) {
  for (const char* member : kSetMembers) {
    const auto* resources = object_at(set, member);
    if (resources == nullptr) continue;
    const bool error = std::string_view(member) == "errors";
    for (const auto& r : *resources) items[r.key()] = Item{error ? Json(nullptr) : r.value(), false, error};
  }
}

void Client::take(const boost::json::object& set) {
  for (const char* member : kSetMembers) {
    const auto* resources = object_at(set, member);
    if (resources == nullptr) continue;
    for (const auto& resource : *resources) {
      const auto held = items_.find(resource.key());
      if (held != items_.end() && !held->second.error && !held->second.gone) {
        object_to(held->first + " sent again");
      }
    }
  }
  add(items_, set);
}

void Client::event(const boost::json::object& message) {
  const std::string name = text_at(message, "event");
  const std::size_t dot = name.rfind('.');
  const std::string rid = name.substr(0, dot);
  const std::string kind = name.substr(dot + 1);
  const auto it = items_.find(rid);
  if (it == items_.end()) return object_to(name + ", though it does not hold it");
  if (kind == "unsubscribe") {
    if (direct_.erase(rid) == 0) object_to(name + " without a direct subscription");
    return tidy();
  }
  Item& item = it->second;
  if (item.error) return object_to(name + " on an error");
  if (item.gone) return object_to(name + " on what was deleted");
  if (kind == "delete") {
    item.gone = true;
    return;
  }
  const Json* data = message.if_contains("data");
  if (kind == "change" || kind == "add" || kind == "remove") {
    if (data == nullptr) return object_to(name + " without data");
    apply(rid, item, kind, *data);
    tidy();
  }
}

void Client::apply(const std::string& rid, Item& item, std::string_view kind, const Json& data) {
  const boost::json::object& members = data.as_object();
  if (kind != "remove") take(members);
  if (kind == "change") {
    auto* model = item.value.if_object();
    if (model == nullptr) return object_to("a change of " + rid + ", which is no model");
    for (const auto& property : members.at("values").as_object()) {
      const auto* action = property.value().if_object();
      if (action != nullptr && action->contains("action")) {
        model->erase(property.key());
      } else {
        (*model)[property.key()] = property.value();
      }
    }
    return;
  }
  auto* collection = item.value.if_array();
  if (collection == nullptr) return object_to("an index in " + rid + ", which is no collection");
  const auto at = static_cast<std::size_t>(members.at("idx").as_int64());
  if (at > collection->size() || (kind == "remove" && at == collection->size())) {
    return object_to("an index of " + std::to_string(at) + " in " + rid + ", which has " +
                     std::to_string(collection->size()));
  }
  const auto place = collection->begin() + static_cast<std::ptrdiff_t>(at);
  if (kind == "add") {
    collection->insert(place, members.at("value"));
  } else {
    collection->erase(place);
  }
}

std::set<std::string> Client::reach(const Items& items, const std::set<std::string>& roots) {
  std::set<std::string> seen;
  std::vector<std::string> walk(roots.begin(), roots.end());
  while (!walk.empty()) {
    const std::string rid = walk.back();
    walk.pop_back();
    if (!seen.insert(rid).second) continue;
    const auto it = items.find(rid);
    if (it == items.end()) {
      object_to(rid + " was never given to it");
    } else {
      for_each_reference(it->second.value, [&](std::string to) { walk.push_back(std::move(to)); });
    }
  }
  return seen;
}

void Client::tidy() {
  std::set<std::string> roots;
  for (const auto& [rid, count] : direct_) roots.insert(rid);
  const std::set<std::string> keep = reach(items_, roots);
  std::erase_if(items_, [&](const auto& item) { return !keep.contains(item.first); });
}

std::size_t Client::compare(const Truth& truth) {
  for (const auto& [id, asked] : asked_) object_to("no answer to request " + std::to_string(id) + " for " + asked.rid);
  std::size_t compared = 0;
  for (const auto& [rid, item] : items_) {
    const std::optional<Json> is = truth.seen(rid, legacy());
    ++compared;
    if (item.gone || item.error) continue;
    if (!is) {
      object_to(rid + ", which does not exist any more");
    } else if (*is != item.value) {
      object_to(rid + " is " + boost::json::serialize(item.value) + " to it, and not " + boost::json::serialize(*is));
    }
  }
  return compared;
}

}  // namespace resflow::simulation
