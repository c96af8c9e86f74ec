// How the services change their resources, tokens and access rules, and which events they send about it.
#include <algorithm>
#include <boost/json.hpp>

#include "tests/simulation/services.hpp"

namespace resflow::simulation {

namespace {

std::string text(const Json& value) {
  return boost::json::serialize(value);
}

// Returns the gateway of a connection: connection ids begin with the number of their gateway, for example "g1c7".
std::size_t gateway_of(std::string_view cid) {
  return static_cast<std::size_t>(cid.at(1) - '0');
}

}  // namespace

void Services::publish(const std::string& name, const std::string& event, const std::string& payload) {
  broker_.publish(Truth::service_of(name), "event." + name + '.' + event, payload);
}

void Services::change(Dice& dice) {
  const std::string model = truth_.any_model(dice);
  const std::string collection = truth_.any_collection(dice);
  switch (dice.below(12)) {
    case 0:
      return change_list(Truth::service_of(model), dice);
    case 1:
      return change_existence(dice.one_in(2) ? model : collection, dice);
    case 2:
      return publish(model, "custom", R"({"some":"data"})");
    case 3:
      if (fails()) return send_nonsense(dice.one_in(2) ? model : collection, dice);
      [[fallthrough]];
    default:
      return dice.one_in(2) ? change_model(model, dice, false) : change_collection(collection, dice, false);
  }
}

void Services::change_model(const std::string& name, Dice& dice, bool silent) {
  Json* found = truth_.find(name);
  if (found == nullptr) return;
  boost::json::object& model = found->as_object();
  boost::json::object values;
  for (std::size_t i = 0; i <= dice.below(3); ++i) {
    const std::string property = 'p' + std::to_string(dice.below(5));
    if (dice.one_in(4)) {
      if (model.erase(property) > 0) values[property] = {{"action", "delete"}};
    } else {
      model[property] = values[property] = truth_.any_value(dice);
    }
  }
  constexpr std::size_t sometimes = 5;
  if (dice.one_in(sometimes) && !model.empty()) {  // adds a value that stays the same to the event
    const auto& same = *(model.begin() + static_cast<std::ptrdiff_t>(dice.below(model.size())));
    values[same.key()] = same.value();
    ++faults_[Fault::event_idle];
  }
  if (silent || values.empty()) return;
  if (counts_) {
    const Json* latest = model.if_contains(kEventNumber);
    model[kEventNumber] = values[kEventNumber] = latest == nullptr ? 1 : latest->as_int64() + 1;
  }
  publish(name, "change", text({{"values", values}}));
}

void Services::change_collection(const std::string& name, Dice& dice, bool silent) {
  constexpr std::size_t most = 6;
  Json* found = truth_.find(name);
  if (found == nullptr) return;
  boost::json::array& all = found->as_array();
  if (!all.empty() && (dice.one_in(2) || all.size() > most)) {
    const std::size_t at = dice.below(all.size());
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    if (!silent) publish(name, "remove", text({{"idx", at}}));
  } else {
    const std::size_t at = dice.below(all.size() + 1);
    const Json value = truth_.any_value(dice);
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), value);
    if (!silent) publish(name, "add", text({{"idx", at}, {"value", value}}));
  }
}

void Services::change_list(std::size_t service, Dice& dice) {
  constexpr std::size_t least = 6;
  boost::json::array& list = truth_.list(service);
  QueryEvent event{list, {}};
  const std::size_t at = dice.below(list.size());
  if (dice.one_in(2) && list.size() > least) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
  } else {
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), Json("new " + std::to_string(last_query_)));
  }
  event.now = list;
  const std::string name = 's' + std::to_string(service);
  const std::string subject = "qs." + name + '.' + std::to_string(++last_query_);
  query_events_.emplace(subject, std::move(event));
  publish(name + ".q", "query", text({{"subject", subject}}));
  ++faults_[Fault::query_event];
}

void Services::change_existence(const std::string& name, Dice& dice) {
  if (truth_.find(name) == nullptr) return truth_.create(name, dice);
  truth_.remove(name);
  publish(name, "delete", {});
  ++faults_[Fault::resource_deleted];
}

// Sends an event that changes nothing, because it is malformed or does not fit the kind of the resource.
void Services::send_nonsense(const std::string& name, Dice& dice) {
  ++faults_[Fault::event_nonsense];
  switch (dice.below(6)) {
    case 0:
      return publish(name, "change", "{");
    case 1:
      return publish(name, name[3] == 'm' ? "add" : "change",
                     name[3] == 'm' ? R"({"idx":0,"value":1})" : R"({"values":{"p0":1}})");
    case 2:
      return publish(name, name[3] == 'm' ? "change" : "add",
                     name[3] == 'm' ? R"({"values":{"p0":{"rid":"..."}}})" : R"({"idx":-1,"value":1})");
    case 3:
      return publish(name, "unsubscribe", {});
    case 4:
      return publish(name, "query", R"({"subject":""})");
    default:
      return publish(name, "remove", R"({"idx":1000000})");
  }
}

void Services::change_silently(Dice& dice) {
  ++faults_[Fault::silent_change];
  const std::size_t service = dice.below(truth_.services());
  const std::string prefix = 's' + std::to_string(service);
  for (std::size_t n = dice.below(6); n > 0; --n) {
    const std::string model = truth_.any_model(dice);
    const std::string collection = truth_.any_collection(dice);
    if (Truth::service_of(model) == service) change_model(model, dice, true);
    if (Truth::service_of(collection) == service) change_collection(collection, dice, true);
  }
  boost::json::object reset;
  reset["resources"] = boost::json::array{dice.one_in(3) ? prefix + ".*.*" : prefix + ".>"};
  if (dice.one_in(2)) reset["access"] = boost::json::array{prefix + ".c.>"};
  broker_.publish(service, "system.reset", text(reset));
}

void Services::set_token(const std::string& cid, unsigned level) {
  const Json token = level == 0 ? Json(nullptr) : Json{{"level", level}};
  const Json event{{"token", token}, {"tid", 't' + std::to_string(level)}};
  ++faults_[Fault::token_changed];
  if (broker_.publish(0, "conn." + cid + ".token", text(event)))
    tokens_[cid] = {level, broker_.connection(gateway_of(cid))};
}

std::optional<unsigned> Services::level_known(const std::string& cid) const {
  const auto it = tokens_.find(cid);
  if (it == tokens_.end()) return 0;
  if (it->second.connection != broker_.connection(gateway_of(cid))) return std::nullopt;
  return it->second.level;
}

void Services::judge(Dice& dice, const std::vector<std::string>& cids) {
  if (dice.one_in(3) && !cids.empty()) return set_token(dice.of(cids), static_cast<unsigned>(dice.below(4)));
  constexpr std::size_t seldom = 6;
  if (dice.one_in(seldom)) {
    ++faults_[Fault::token_reset];
    broker_.publish(0, "system.tokenReset", R"({"tids":["t1","t2"],"subject":"auth.s0.renew"})");
    return;
  }
  const std::string name = dice.one_in(2) ? truth_.any_model(dice) : truth_.any_collection(dice);
  truth_.set_level_needed(name, dice.one_in(2) ? 0 : static_cast<unsigned>(dice.below(3)));
  ++faults_[Fault::access_withdrawn];
  // A reaccess event reaches only gateways that subscribe to the resource already. A gateway whose access request is
  // under way but whose subscription has not arrived yet would miss the event.
  if (dice.one_in(2) && broker_.all_subscribe("event." + name)) return publish(name, "reaccess", {});
  broker_.publish(Truth::service_of(name), "system.reset", text({{"access", boost::json::array{name}}}));
}

}  // namespace resflow::simulation
