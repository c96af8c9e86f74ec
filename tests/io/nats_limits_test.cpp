// A real nats-server that refuses something: what ends because of that, and what goes on.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/io/nats_fixture.hpp"

using namespace resflow;
using namespace resflow::test;
using Catch::Matchers::Contains;

namespace {

bool subscribe(Gateway& gateway, SubscriptionHandle handle) {
  return gateway.ports[0]->subscribe(handle, "event.r" + std::to_string(handle.value()) + ".*");
}

// Waits for the answer to a request, and returns its payload or the reason of its failure.
std::string answer(Gateway& gateway, ServiceRequestId id) {
  std::string said;
  const auto come = [&] {
    gateway.ports[0]->flush();
    for (const ServiceReply& r : gateway.sinks[0].replies()) {
      if (r.id == id) said = r.failure.empty() ? r.payload : r.failure;
    }
    return !said.empty();
  };
  CHECK(gateway.loop.until(come));
  return said;
}

// Waits until the lane knows of the new connection, and lets waiting requests go on.
void send_kept(Gateway& gateway, std::size_t times = 1) {
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].restored() >= times; }));
  for (ServicePort* port : gateway.ports) port->send_kept([](ServiceRequestId) { return true; });
}

// Checks that a published event arrives, with the given handle.
void check_event(Gateway& gateway, Service& service, SubscriptionHandle handle) {
  const std::size_t before = gateway.sinks[0].messages().size();
  service.publish("event.r" + std::to_string(handle.value()) + ".x", "1");
  service.flush();
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].messages().size() > before; }));
  CHECK(gateway.sinks[0].messages().back().handle == handle);
}

}  // namespace

TEST_CASE("nats limits: more subscriptions than the server allows", "[nats_limits]") {
  const NatsServer server(NatsConfig{"max_subscriptions: 60"});
  Service service(server.url());
  Gateway gateway(either_way(server));
  for (std::uint64_t i = 1; i <= 100; ++i) CHECK(subscribe(gateway, SubscriptionHandle::from(i)));
  gateway.ports[0]->flush();
  send_kept(gateway);
  CHECK(gateway.sinks[1].restored() == 1);
  // The oldest subscriptions stay and the newest are refused. The refusals come before the notice of the new
  // connection.
  const std::vector<SubscriptionRefused> refused = gateway.sinks[0].refused();
  REQUIRE_FALSE(refused.empty());
  CHECK(refused.size() >= 42);  // two subscriptions are the gateway's own
  if (gateway.client.is_direct()) CHECK(refused.size() == 42);
  for (const SubscriptionRefused& r : refused) CHECK(r.why == SubscriptionRefusal::limit);
  CHECK(refused.front().handle.value() == 101 - refused.size());
  CHECK(gateway.sinks[0].order().back() == "restored");
  REQUIRE(gateway.settle());
  check_event(gateway, service, 1);
  // From now on the client knows the limit.
  CHECK_FALSE(subscribe(gateway, 200));
  CHECK(gateway.sinks[0].refused().back().handle.value() == 200);
  for (std::uint64_t i = 1; i <= 10; ++i) gateway.ports[0]->unsubscribe(SubscriptionHandle::from(i));
  CHECK(subscribe(gateway, 200));
  REQUIRE(gateway.settle());
  check_event(gateway, service, 200);
  CHECK(gateway.sinks[0].restored() == 1);
  CHECK(gateway.losses().empty());
  const NatsTraffic traffic = gateway.client.traffic();
  CHECK(traffic.reconnects == 1);
  CHECK(traffic.subscription_limit == 102 - refused.size());
}

TEST_CASE("nats limits: a limit that is known beforehand is kept", "[nats_limits]") {
  const NatsServer server(NatsConfig{"max_subscriptions: 20"});
  NatsOptions options = Gateway::options(server.url());
  options.max_subscriptions = 20;
  Gateway gateway(options);
  std::size_t taken = 0;
  for (std::uint64_t i = 1; i <= 40; ++i) taken += subscribe(gateway, SubscriptionHandle::from(i)) ? 1 : 0;
  REQUIRE(gateway.settle());
  CHECK(taken == 17);  // two are the gateway's own, and one is reserved for clients
  CHECK(gateway.sinks[0].refused().size() == 23);
  CHECK(gateway.ports[0]->subscribe(connection_handle(ConnId{}), "conn.c.*"));
  REQUIRE(gateway.settle());
  CHECK(gateway.client.traffic().reconnects == 0);
  // There is one log line when refusing begins, and one when there is room again.
  const auto lines = [&](const std::string& text) {
    const std::string log = gateway.log.text();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find(text, at)) != std::string::npos; ++at) ++count;
    return count;
  };
  CHECK(lines("what needs more is refused") == 1);
  for (std::uint64_t i = 1; i <= 10; ++i) gateway.ports[0]->unsubscribe(SubscriptionHandle::from(i));
  CHECK(lines("room for NATS subscriptions again") == 1);
}

TEST_CASE("nats limits: what is sent while there is no connection is kept", "[nats_limits]") {
  const NatsServer server(NatsConfig{"max_subscriptions: 30"});
  Service service(server.url());
  Gateway gateway(either_way(server));
  for (std::uint64_t i = 1; i <= 40; ++i) subscribe(gateway, SubscriptionHandle::from(i));
  gateway.ports[0]->flush();
  REQUIRE(gateway.loop.until([&] { return gateway.log.text().find("has ended") != std::string::npos; }));
  gateway.request(0, 7, "echo.a", "kept");
  gateway.request(0, 8, "echo.a", "not wanted any more");
  CHECK(gateway.sinks[0].replies().empty());
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].restored() == 1; }));
  CHECK(gateway.sinks[0].replies().empty());
  gateway.ports[0]->send_kept([](ServiceRequestId id) { return id == 7; });
  CHECK(answer(gateway, 7) == "kept");
  CHECK(gateway.sinks[0].replies().size() == 1);
}

TEST_CASE("nats limits: a line that is too long ends a request", "[nats_limits]") {
  const NatsServer server(NatsConfig{"max_control_line: 1024"});
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(1, "event.r1.*");
  gateway.request(0, 1, "echo." + std::string(2'000, 'x'), "");
  send_kept(gateway);
  gateway.request(0, 2, "echo." + std::string(2'000, 'x'), "");
  CHECK_THAT(answer(gateway, 2), Contains("too long"));
  gateway.request(0, 3, "echo." + std::string(300, 'x'), "short");
  CHECK(answer(gateway, 3) == "short");
  CHECK_FALSE(gateway.ports[0]->subscribe(2, "event." + std::string(2'000, 'x') + ".*"));
  CHECK(gateway.sinks[0].refused().back().why == SubscriptionRefusal::length);
  check_event(gateway, service, 1);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats limits: what is not permitted ends nothing else", "[nats_limits]") {
  const NatsServer server(NatsConfig{R"(authorization { users = [
    {user: gateway, password: x, permissions: {publish: {deny: "echo.secret.>"}, subscribe: {deny: "event.secret.*.*"}}},
    {user: service, password: x}]})"});
  Service service("nats://service:x@" + server.address());
  NatsOptions options = Gateway::options("nats://gateway:x@" + server.address());
  options.direct = GENERATE(true, false);
  Gateway gateway(options);
  const std::string longer(300, 'x');
  gateway.ports[0]->subscribe(1, "event.r1.*");
  gateway.ports[0]->subscribe(2, "event.secret.a.*");
  gateway.ports[0]->subscribe(3, "event.secret.b.*");
  gateway.ports[0]->subscribe(4, "event.secret." + longer + ".*");
  gateway.request(0, 11, "echo.secret.a", "a");
  gateway.request(0, 12, "echo.secret.b", "b");
  gateway.request(0, 13, "echo.secret." + longer, "c");
  gateway.request(0, 14, "echo.open", "d");
  for (const ServiceRequestId id : std::initializer_list<ServiceRequestId>{11, 12, 13})
    CHECK_THAT(answer(gateway, id), Contains("not permit"));
  CHECK(answer(gateway, 14) == "d");
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].refused().size() == 3; }));
  for (const SubscriptionRefused& r : gateway.sinks[0].refused()) {
    CHECK(r.handle.value() >= 2);
    CHECK(r.why == SubscriptionRefusal::permission);
  }
  CHECK_THAT(gateway.log.text(), Contains(R"(Subscription to "event.secret.a.*")") &&
                                     Contains(R"(Subscription to "event.secret.b.*")") &&
                                     Contains(R"(Publish to "echo.secret.a")"));
  check_event(gateway, service, 1);
  CHECK(gateway.client.traffic().not_permitted == 6);
  CHECK(gateway.client.traffic().reconnects == 0);
}

TEST_CASE("nats limits: a reply inbox that is not permitted ends the start", "[nats_limits]") {
  const NatsServer server(NatsConfig{R"(authorization { users = [
    {user: a, password: x, permissions: {publish: ">", subscribe: ["_INBOX.*", "event.>", "system.*"]}},
    {user: b, password: x, permissions: {publish: "echo.>", subscribe: ["_MINE.>", "event.>", "system.*"]}},
    {user: service, password: x}]})"});
  const auto start_error = [&](const NatsOptions& options) {
    try {
      Gateway gateway(options);
    } catch (const std::runtime_error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(start_error(Gateway::options("nats://a:x@" + server.address())),
             Contains("does not permit") && Contains("_INBOX.") && Contains("--natsinboxprefix"));
  NatsOptions options = Gateway::options("nats://b:x@" + server.address());
  CHECK_THAT(start_error(options), Contains("does not permit"));
  // This user may not publish to its own inbox. The start must work without that right.
  options.inbox_prefix = "_MINE";
  Service service("nats://service:x@" + server.address());
  Gateway gateway(options);
  gateway.request(0, 1, "echo.a", "a");
  CHECK(answer(gateway, 1) == "a");
  CHECK_THAT(gateway.log.text(), !Contains("Violation"));
}

TEST_CASE("nats limits: messages that were dropped are made good", "[nats_limits]") {
  const NatsServer server;
  Service service(server.url());
  NatsOptions options = Gateway::options(server.url());
  options.direct = false;
  options.pending_messages = 5;
  Gateway gateway(options);
  gateway.ports[0]->subscribe(1, "event.r1.*");
  REQUIRE(gateway.settle());
  gateway.sinks[0].hold = true;
  for (int i = 0; i < 50; ++i) service.publish("event.r1.x", "1");
  service.flush();
  REQUIRE(gateway.loop.until([&] { return gateway.log.text().find("Slow") != std::string::npos; }));
  gateway.sinks[0].hold = false;
  send_kept(gateway);
  REQUIRE(gateway.settle());
  check_event(gateway, service, 1);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats limits: a message that is larger than the server says", "[nats_limits]") {
  const NatsServer server(NatsConfig{"max_payload: 100000"});
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(1, "event.r1.*");
  REQUIRE(gateway.settle());
  server.reload(NatsConfig{"max_payload: 1000"});  // the server does not tell its connections
  gateway.request(0, 1, "echo.a", std::string(5'000, 'x'));
  send_kept(gateway);
  gateway.request(0, 2, "echo.a", std::string(5'000, 'x'));
  CHECK_THAT(answer(gateway, 2), Contains("Payload"));
  gateway.request(0, 3, "echo.a", "small");
  CHECK(answer(gateway, 3) == "small");
  check_event(gateway, service, 1);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats limits: permissions that are taken away", "[nats_limits]") {
  const auto config = [](const std::string& denied) {
    return NatsConfig{"authorization { users = [{user: g, password: x, permissions: {subscribe: {deny: \"" + denied +
                      "\"}}}, {user: s, password: x}]}"};
  };
  const NatsServer server(config("nothing"));
  NatsOptions options = Gateway::options("nats://g:x@" + server.address());
  options.direct = GENERATE(true, false);
  Gateway gateway(options);
  gateway.ports[0]->subscribe(1, "event.r1.*");
  gateway.ports[0]->subscribe(2, "event.r2.*");
  REQUIRE(gateway.settle());
  SECTION("for events") {
    server.reload(config("event.r2.*"));
    REQUIRE(gateway.loop.until([&] { return !gateway.sinks[0].refused().empty(); }));
    CHECK(gateway.sinks[0].refused().front().handle.value() == 2);
    Service service("nats://s:x@" + server.address());
    check_event(gateway, service, 1);
    CHECK(gateway.losses().empty());
  }
  SECTION("for replies: nothing works without") {
    server.reload(config("_INBOX.>"));
    REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
    CHECK_THAT(gateway.losses()[0], Contains("does not permit") && Contains("_INBOX."));
  }
}

TEST_CASE("nats limits: a user that is let in no longer is a loss", "[nats_limits]") {
  const NatsServer server(NatsConfig{"authorization { users = [{user: g, password: x}]}"});
  Gateway gateway("nats://g:x@" + server.address());
  REQUIRE(gateway.settle());
  server.reload(NatsConfig{"authorization { users = [{user: other, password: x}]}"});
  REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
  CHECK_THAT(gateway.losses()[0], Contains("lost NATS connection"));
  CHECK(gateway.sinks[0].restored() == 0);
}
