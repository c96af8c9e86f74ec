// NatsClient with a real nats-server: requests, replies and events, their order, and how a connection ends.
#include "io/nats/nats_client.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/io/nats_fixture.hpp"

using namespace resflow;
using namespace resflow::test;
using Catch::Matchers::Contains;

TEST_CASE("nats client: requests are answered in the lane that asked", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  const ServiceRequestId in_lane_1 = in_lane<ServiceRequestId>(1, 0x123456789abcdeULL);
  const std::string bytes("a\0b\r\n\xff", 6);
  gateway.request(0, 7, "echo.first", bytes);
  gateway.request(1, in_lane_1, "echo.second", "");
  REQUIRE(
      gateway.loop.until([&] { return !gateway.sinks[0].replies().empty() && !gateway.sinks[1].replies().empty(); }));
  REQUIRE(gateway.sinks[0].replies().size() == 1);
  CHECK(gateway.sinks[0].replies()[0].id.value() == 7);
  CHECK(gateway.sinks[0].replies()[0].payload == bytes);
  CHECK_FALSE(gateway.sinks[0].replies()[0].no_responders);
  CHECK(gateway.sinks[1].replies()[0].id == in_lane_1);
  CHECK(gateway.sinks[1].replies()[0].payload.empty());
  CHECK_FALSE(gateway.sinks[1].replies()[0].no_responders);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats client: a request that nobody serves is told so", "[nats_client]") {
  const NatsServer server;
  Gateway gateway(either_way(server));
  gateway.request(1, in_lane<ServiceRequestId>(1, 5), "nobody.serves.this", "{}");
  REQUIRE(gateway.loop.until([&] { return !gateway.sinks[1].replies().empty(); }));
  CHECK(gateway.sinks[1].replies()[0].no_responders);
  CHECK(gateway.sinks[1].replies()[0].id == in_lane<ServiceRequestId>(1, 5));
}

TEST_CASE("nats client: a request above what the server takes fails, the others do not", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  CHECK(gateway.client.max_payload() == 1 << 20);
  gateway.ports[0]->request(1, "echo.large", std::string(gateway.client.max_payload() + 1, 'x'));
  gateway.ports[0]->request(2, "echo.small", "x");
  gateway.ports[0]->request(3, "echo.largest", std::string(gateway.client.max_payload(), 'x'));
  gateway.ports[0]->flush();
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].replies().size() == 3; }));
  for (const ServiceReply& r : gateway.sinks[0].replies()) CHECK(r.failure.empty() == (r.id != 1));
}

TEST_CASE("nats client: messages come in the order of the server, across subscriptions and replies", "[nats_client]") {
  constexpr int count = 3'000;
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(11, "event.a.*");
  gateway.ports[0]->subscribe(12, "event.b.*");
  gateway.ports[0]->subscribe(13, "conn.c.*");
  REQUIRE(gateway.settle());
  std::vector<std::string> expected = gateway.sinks[0].order();
  const std::vector<std::pair<std::string, std::string>> targets{
      {"11", "event.a.change"}, {"12", "event.b.add"}, {"13", "conn.c.token"}, {"0", "system.reset"}};
  for (int i = 0; i < count; ++i) {
    const auto& [handle, subject] = targets[static_cast<std::size_t>(i * i % 7) % targets.size()];
    service.publish(subject, std::to_string(i));
    expected.push_back(handle + ' ' + subject + ' ' + std::to_string(i));
  }
  service.flush();
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].order().size() >= expected.size(); }));
  CHECK(gateway.sinks[0].order() == expected);
}

TEST_CASE("nats client: system events come to all lanes, others to the one that subscribed", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(1, "event.a.*");
  gateway.ports[1]->subscribe(1, "event.b.*");
  REQUIRE(gateway.settle());
  service.publish("event.a.x", "a");
  service.publish("event.b.x", "b");
  service.publish("system.reset", "{}");
  service.flush();
  const auto all_here = [&](const Sink& sink) { return sink.messages().size() == 2; };
  REQUIRE(gateway.loop.until([&] { return all_here(gateway.sinks[0]) && all_here(gateway.sinks[1]); }));
  for (std::size_t lane = 0; lane < 2; ++lane) {
    const std::vector<ServiceMessage> messages = gateway.sinks[lane].messages();
    CHECK(messages[0].payload == (lane == 0 ? "a" : "b"));
    CHECK(messages[0].handle.value() == 1);
    CHECK(messages[1].subject == "system.reset");
    CHECK(messages[1].handle.value() == 0);
  }
}

TEST_CASE("nats client: nothing comes on a subscription that has ended", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(1, "event.a.*");
  gateway.ports[0]->subscribe(2, "event.b.*");
  REQUIRE(gateway.settle());
  gateway.ports[0]->unsubscribe(1);
  gateway.ports[0]->unsubscribe(1);
  gateway.ports[0]->unsubscribe(77);
  REQUIRE(gateway.settle());
  service.publish("event.a.x", "1");
  service.publish("event.b.x", "2");
  service.flush();
  REQUIRE(gateway.loop.until([&] { return !gateway.sinks[0].messages().empty(); }));
  CHECK(gateway.sinks[0].messages().size() == 1);
  CHECK(gateway.sinks[0].messages()[0].handle.value() == 2);
}

TEST_CASE("nats client: a lane in another thread has what it sends sent", "[nats_client]") {
  constexpr std::uint64_t count = 500;
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  std::thread lane([&] {
    for (std::uint64_t i = 1; i <= count; ++i) {
      gateway.request(1, in_lane<ServiceRequestId>(1, i), "echo.x", std::to_string(i));
    }
  });
  CHECK(gateway.loop.until([&] { return gateway.sinks[1].replies().size() == count; }));
  lane.join();
  CHECK(gateway.sinks[0].replies().empty());
  const std::vector<ServiceReply> replies = gateway.sinks[1].replies();
  for (std::size_t i = 0; i < replies.size(); ++i) CHECK(replies[i].payload == std::to_string(i + 1));
}

TEST_CASE("nats client: Debian's library delivers on the thread of the loop", "[nats_client]") {
  const NatsServer server;
  NatsOptions options = Gateway::options(server.url());
  CHECK(Gateway(options).client.is_direct());
  options.direct = false;
  CHECK_FALSE(Gateway(options).client.is_direct());
}

TEST_CASE("nats client: a lost server is told once", "[nats_client]") {
  NatsServer server;
  {
    Gateway gateway(server.url());
    gateway.ports[0]->subscribe(1, "event.a.*");
    REQUIRE(gateway.settle());
    server.kill();
    REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
    // Later calls have no effect, and the loss is reported only once.
    CHECK_NOTHROW(gateway.ports[0]->unsubscribe(1));
    gateway.request(0, 1, "echo.x", "");
    gateway.ports[1]->subscribe(2, "event.b.*");
    gateway.ports[1]->flush();
    gateway.client.close();
    REQUIRE(gateway.losses().size() == 1);
    CHECK_THAT(gateway.losses()[0], Contains("lost NATS connection"));
  }
}

TEST_CASE("nats client: closing is no loss, and may be said twice", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(either_way(server));
  gateway.ports[0]->subscribe(1, "event.a.*");
  REQUIRE(gateway.settle());
  for (int i = 0; i < 100; ++i) service.publish("event.a.x", "1");
  gateway.client.close();
  const std::size_t messages = gateway.sinks[0].messages().size();
  gateway.client.close();
  service.publish("event.a.x", "1");
  service.flush();
  CHECK(gateway.losses().empty());
  CHECK(gateway.sinks[0].messages().size() == messages);
}

TEST_CASE("nats client: a server that is not there is told by its URL, without credentials", "[nats_client]") {
  Stranger gone;
  gone.close();
  for (const std::string& user : {std::string(), std::string("ann:secret@"), std::string("secret@")}) {
    const std::string error = connect_error("nats://" + user + gone.address());
    CHECK_THAT(error, Contains(gone.address()) && Contains("cannot connect to NATS"));
    CHECK_THAT(error, !Contains("secret"));
  }
  const std::string error = connect_error("nats://ann:secret@" + gone.address() + ",nats://bob:secret@127.0.0.1:1");
  CHECK_THAT(error, Contains(gone.address()) && Contains("127.0.0.1:1") && !Contains("secret"));
}

TEST_CASE("nats client: a password may have an @ in it", "[nats_client]") {
  Stranger gone;
  gone.close();
  CHECK_THAT(connect_error("nats://ann:sec@secret@" + gone.address()), Contains(gone.address()) && !Contains("secret"));
}

TEST_CASE("nats client: a stranger at the port is told, too", "[nats_client]") {
  const Stranger stranger;
  CHECK_THAT(connect_error("nats://" + stranger.address()), Contains(stranger.address()));
}

TEST_CASE("nats client: no URL is an error", "[nats_client]") {
  CHECK_THAT(connect_error(","), Contains("cannot connect to NATS"));
}

TEST_CASE("nats client: credentials of the URL are used", "[nats_client]") {
  const NatsServer server({"--user", "ann", "--pass", "secret"});
  CHECK_THAT(connect_error("nats://ann:not-secret@" + server.address()),
             Contains(server.address()) && !Contains("not-secret"));
  CHECK_THAT(connect_error(server.url()), Contains(server.address()));
  Gateway gateway("nats://ann:secret@" + server.address());
  CHECK(gateway.settle());
  CHECK_THAT(gateway.log.text(), !Contains("secret"));
}

TEST_CASE("nats client: the next of several servers is taken", "[nats_client]") {
  const NatsServer server;
  Stranger gone;
  gone.close();
  Gateway gateway("nats://" + gone.address() + "," + server.url());
  CHECK(gateway.settle());
}
