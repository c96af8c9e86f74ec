// Checks what must be true in a world that has come to rest.
#include <boost/json.hpp>

#include "tests/simulation/world.hpp"

namespace resflow::simulation {

namespace {

constexpr std::size_t kTooLong = 200'000;  // how many steps a world may take until it is at rest

}  // namespace

// Goes on until nothing is under way any more: services answer all requests, messages arrive, stalled clients read, and
// time passes until nothing waits for it. The caller has told the services not to fail any more.
void World::come_to_rest(Dice& dice) {
  constexpr Millis step = 100;
  constexpr int idle_steps = 40;  // longer than any time limit in the plans
  for (std::size_t g = 0; g < gateways_.size(); ++g) {
    broker_.restore(g);
    for (Client* client : gateways_[g]->clients()) {
      if (client->stalled) gateways_[g]->read_again(*client);
    }
  }
  int idle = 0;
  for (std::size_t i = 0; idle < idle_steps; ++i) {
    if (i > kTooLong) return odd("the world does not come to rest");
    bool any = broker_.deliver_any(dice);
    any = services_.serve(dice) || any;
    for (auto& gateway : gateways_) any = gateway->turn_all(now_) || any;
    renew_closed();
    if (any) continue;
    ++idle;
    wait(step);
    for (auto& gateway : gateways_) gateway->turn_all(now_);
    if (broker_.under_way() > 0) idle = 0;
  }
}

void World::quiet(Dice& dice) {
  services_.rest();
  broker_.stop_refusing();
  come_to_rest(dice);
  compare();
  check_responses();
  audit(dice);
  services_.go_on();
  broker_.refuse_again();
}

void World::compare() {
  for (const auto& gateway : gateways_) {
    for (Client* client : gateway->clients()) {
      outcome_.comparisons += client->compare(truth_);
      check_access(*client, gateway->number());
      if (client->paused) odd("client " + client->cid() + " is not read any more");
    }
    for (const ConnId conn : gateway->browsing()) {
      odd("no response to the web request in slot " + std::to_string(conn.slot));
    }
  }
}

// Checks that the client is not subscribed to a resource that needs a higher level than the client's token has.
void World::check_access(const Client& client, std::size_t gateway) {
  const std::optional<unsigned> level = services_.level_known(client.cid());
  if (!level) return;
  for (const auto& [rid, count] : client.direct()) {
    const std::string name = rid.substr(0, rid.find('?'));
    if (client.sees(rid) && truth_.level_needed(name) > *level) {
      odd("client " + client.cid() + " of gateway " + std::to_string(gateway) + " is subscribed to " + rid +
          ", which it may not read");
    }
  }
}

// Discards the responses that came while services still changed. Then sends a few GET requests to each gateway, and
// compares their responses with the truth.
void World::check_responses() {
  for (auto& gateway : gateways_) gateway->take_responses();
  for (auto& gateway : gateways_) {
    Dice dice(static_cast<std::uint64_t>(now_));
    for (int i = 0; i < 4; ++i) gateway->browse(dice.below(gateway->lanes()), truth_.any_rid(dice));
  }
  Dice dice(static_cast<std::uint64_t>(now_));
  come_to_rest(dice);
  for (auto& gateway : gateways_) {
    for (const auto& [rid, response] : gateway->take_responses()) check_response(rid, response);
  }
}

void World::check_response(const std::string& rid, const WebResponse& response) {
  const std::optional<Json> is = truth_.seen(rid, false);
  const std::string name = rid.substr(0, rid.find('?'));
  const unsigned expected = truth_.level_needed(name) > 0 ? 401 : is ? 200 : 404;
  if (plan_.tight) return;  // the resource may not fit into the small limits of the gateway
  if (response.status != expected) {
    return odd("a GET of " + rid + " gives " + std::to_string(response.status) + " and not " +
               std::to_string(expected) + ": " + response.body);
  }
  if (expected != 200) return;
  boost::json::error_code error;
  const Json body = boost::json::parse(response.body, error);
  if (error) return odd("a GET of " + rid + " gives no JSON: " + response.body);
  check_part(rid, body, *is);
  ++outcome_.comparisons;
}

// Compares a resource in the body of a response, and everything that is nested in it, with the truth (`is`).
void World::check_part(const std::string& rid, const Json& body, const Json& is) {
  const auto wrong = [&] { odd("a GET shows " + rid + " as " + boost::json::serialize(body)); };
  const auto check = [&](const Json* shown, const Json& value) {
    if (shown == nullptr) return wrong();
    const std::string_view to = reference(value);
    const auto* object = value.if_object();
    if (object != nullptr && object->contains("data")) {
      if (*shown != object->at("data")) wrong();
    } else if (object != nullptr && !to.empty()) {
      const auto* nested = shown->if_object();
      if (nested == nullptr) return wrong();
      const std::optional<Json> next = truth_.seen(std::string(to), false);
      for (const char* kind : {"model", "collection"}) {
        const Json* part = nested->if_contains(kind);
        if (part != nullptr && next) check_part(std::string(to), *part, *next);
        if (part != nullptr && !next) wrong();
      }
    } else if (object == nullptr && *shown != value) {
      wrong();
    }
  };
  if (const auto* model = is.if_object()) {
    const auto* shown = body.if_object();
    if (shown == nullptr || shown->size() != model->size()) return wrong();
    for (const auto& property : *model) check(shown->if_contains(property.key()), property.value());
  } else {
    const auto* shown = body.if_array();
    const auto& values = is.as_array();
    if (shown == nullptr || shown->size() != values.size()) return wrong();
    for (std::size_t i = 0; i < values.size(); ++i) check(&(*shown)[i], values[i]);
  }
}

// Checks that a client that connects now gets what it asks for: resources that exist and that everybody may read.
void World::audit(Dice& dice) {
  if (plan_.tight) return;
  for (auto& gateway : gateways_) {
    Client& auditor = gateway->connect(dice.below(gateway->lanes()));
    std::vector<std::string> wanted;
    for (int i = 0; i < 6; ++i) {
      const std::string rid = truth_.any_rid(dice);
      if (!truth_.seen(rid, true) || truth_.level_needed(rid.substr(0, rid.find('?'))) > 0) continue;
      wanted.push_back(rid);
      gateway->send(auditor, auditor.ask_for(rid));
    }
    come_to_rest(dice);
    for (const std::string& rid : wanted) {
      if (!auditor.direct().contains(rid)) odd("a client that comes now does not get " + rid);
    }
    outcome_.comparisons += auditor.compare(truth_);
    gateway->disconnect(auditor);
  }
}

void World::leave(Dice& dice) {
  services_.rest();
  for (auto& gateway : gateways_) {
    for (Client* client : gateway->clients()) gateway->disconnect(*client);
    for (const ConnId conn : gateway->browsing()) gateway->go_away(conn);
  }
  come_to_rest(dice);
  for (const auto& gateway : gateways_) {
    for (const std::string& what : gateway->remains()) odd(what + " left when nobody is there any more");
  }
}

}  // namespace resflow::simulation
