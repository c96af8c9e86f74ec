#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "io/web/web_server.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

std::uint64_t frames_in(TestServer& server) {
  return server.call([&] { return server.server->counters().frames_in; });
}

std::uint64_t bytes_in(TestServer& server) {
  return server.call([&] { return server.server->counters().bytes_in; });
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void turns(TestServer& server) {
  for (int i = 0; i < 20; ++i) server.call([] {});
}

}  // namespace

TEST_CASE("Web server: a paused connection is not read", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.open();
  client.send(Client::text("one"));
  CHECK(client.read_text() == "one");
  const ConnId id = server.sink.ids[0];
  server.call([&] { server.server->pause(id); });
  server.call([&] { server.server->pause(id); });
  client.send(Client::text("two"));
  turns(server);
  CHECK(frames_in(server) == 1);
  SECTION("until it is resumed") {
    server.call([&] { server.server->resume(id); });
    CHECK(client.read_text() == "two");
    client.send(Client::text("three"));
    CHECK(client.read_text() == "three");
  }
  SECTION("and can be written to") {
    const auto frame = std::make_shared<const std::string>(resflow::frame(Opcode::text, "hello"));
    server.call([&] { server.server->send(id, std::vector<Frame>{frame}); });
    CHECK(client.read_text() == "hello");
  }
  SECTION("and can be closed: then its close frame is read") {
    server.call([&] { server.server->close(id, {4000, "the end"}); });
    CHECK(client.read_close() == "4000 the end");
    client.send(Client::masked(Opcode::close, "\x0F\xA0"));
    CHECK(client.at_end());
  }
  SECTION("and one that was reset is told of") {
    client.reset();
    CHECK(server.wait_for_disconnects(1));
  }
  SECTION("also with a backlog") {
    const std::string large(16 << 20, 'x');
    const auto frame = std::make_shared<const std::string>(resflow::frame(Opcode::text, large));
    server.call([&] { server.server->send(id, std::vector<Frame>{frame}); });
    CHECK(client.read_text().size() == large.size());
    turns(server);
    CHECK(frames_in(server) == 1);
    server.call([&] { server.server->resume(id); });
    CHECK(client.read_text() == "two");
  }
}

TEST_CASE("Web server: pausing what is no open WebSocket has no effect", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(server.sink.wait([&] { return server.sink.requests.size() == 1; }));
  const ConnId id = server.sink.requests[0].conn;
  server.call([&] { server.server->pause(id); });
  server.call([&] { server.server->pause(ConnId{77, 1, 0}); });
  server.call([&] { server.sink.respond(id, {200, {}, "done"}); });
  CHECK(client.read_response().ends_with("done"));
  client.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_response().ends_with("GET /2 "));
}

TEST_CASE("Web server: a message that has begun must come in time", "[web_server]") {
  WebServerOptions options = loopback();
  options.message_timeout_ms = 500;
  TestServer server(options);
  Client client(server.port);
  client.open();
  const std::string whole = Client::text(std::string(200'000, 'x'));
  std::string fragment = Client::text("part");
  fragment[0] = 0x01;
  SECTION("half of a message") {
    client.send(whole.substr(0, 100'000));
  }
  SECTION("half of a header") {
    client.send(whole.substr(0, 1));
  }
  SECTION("fragments without an end, with pings between") {
    client.send(fragment + Client::masked(Opcode::ping, "p"));
    CHECK(client.read_text() == "[10] p");
  }
  SECTION("behind one that came whole") {
    client.send(Client::text("one") + whole.substr(0, 10));
    CHECK(client.read_text() == "one");
  }
  CHECK(client.read_close() == "1008 the message did not come in time");
  CHECK(server.call([&] { return server.server->counters().late; }) == 1);
}

TEST_CASE("Web server: a message may take longer while it gets on", "[web_server]") {
  WebServerOptions options = loopback();
  options.message_timeout_ms = 600;
  TestServer server(options);
  Client client(server.port);
  client.open();
  const std::uint64_t handshake = bytes_in(server);
  SECTION("a large one") {
    const std::string whole = Client::text(std::string(1'000'000, 'x'));
    for (std::size_t at = 0; at < whole.size(); at += 1 << 15) {
      client.send(std::string_view(whole).substr(at, 1 << 15));
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
    }
    CHECK(client.read_text().size() == 1'000'000);
  }
  SECTION("small ones, none of which is whole in a packet") {
    const std::string one = Client::text("hello");
    client.send(one.substr(0, 3));
    for (int i = 0; i < 25; ++i) {
      client.send(one.substr(3) + one.substr(0, 3));
      CHECK(client.read_text() == "hello");
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
    }
  }
  SECTION("while the server does not read") {
    const std::string one = Client::text("hello");
    client.send(one.substr(0, 3));
    REQUIRE(eventually([&] { return bytes_in(server) == handshake + 3; }));
    server.call([&] { server.server->pause(server.sink.ids[0]); });
    std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
    server.call([&] { server.server->resume(server.sink.ids[0]); });
    client.send(one.substr(3));
    CHECK(client.read_text() == "hello");
  }
  CHECK(server.call([&] { return server.server->counters().late; }) == 0);
}

TEST_CASE("Web server: messages that are not whole have room together, and get on one by one without", "[web_server]") {
  WebServerOptions options = loopback();
  options.max_held_bytes = 1 << 20;
  options.message_timeout_ms = 1'000;
  TestServer server(options);
  constexpr std::size_t kSize = 900'000;
  const std::string whole = Client::text(std::string(kSize, 'x'));
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(server.port).open();
  const std::uint64_t before = bytes_in(server);
  std::vector<std::thread> senders;
  SECTION("honest ones") {
    for (Client& client : clients) client.send(std::string_view(whole).substr(0, 200'000));
    for (Client& client : clients) {
      senders.emplace_back([&] { client.send(std::string_view(whole).substr(200'000)); });
    }
    for (Client& client : clients) CHECK(client.read_text().size() == kSize);
  }
  SECTION("some of which never end") {
    for (Client& client : clients) {
      senders.emplace_back([&] { client.send(std::string_view(whole).substr(0, kSize - 1)); });
    }
    Client small(server.port);
    small.open().send(Client::text("small"));
    CHECK(small.read_text() == "small");
    CHECK(bytes_in(server) - before < 4 * kSize);
    for (Client& client : clients) CHECK(client.read_close() == "1008 the message did not come in time");
    small.send(whole);
    CHECK(small.read_text().size() == kSize);
  }
  for (std::thread& sender : senders) sender.join();
}
