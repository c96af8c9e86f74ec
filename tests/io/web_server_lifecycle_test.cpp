// WebServer: how connections end, and what happens under back-pressure.
#include "io/web/web_server.hpp"

#include <netinet/tcp.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

TEST_CASE("Web server: closing", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.open();
  SECTION("by the client, with a code") {
    client.send(Client::text("a") + Client::masked(Opcode::close, "\x0F\xA1why") + Client::text("ignored"));
    CHECK(client.read_text() == "a");
    CHECK(client.read_close() == "4001 ");
  }
  SECTION("by the client, without a code") {
    client.send(Client::masked(Opcode::close, ""));
    CHECK(client.read_close() == "");
  }
  SECTION("by the server, behind what was sent") {
    client.send(Client::text("both"));
    CHECK(client.read_text() == "last words");
    CHECK(client.read_close() == "4000 both");
    client.send(Client::text("ignored") + Client::masked(Opcode::close, "\x0F\xA0"));
  }
  SECTION("by the server, and the client just goes") {
    client.send(Client::text("close 1000 reason"));
    CHECK(client.read_close() == "1000 reason");
    client.disconnect();
  }
  CHECK(client.at_end());
  CHECK(server.wait_for_disconnects(1));
}

TEST_CASE("Web server: protocol errors are told, even to one who goes on sending", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.open();
  SECTION("a message that is too big") {
    client.send(Client::text(std::string((1 << 20) + 1, 'x')));
    client.send(std::string(1 << 20, 'x'));
    CHECK(client.read_close() == "1009 message too big");
  }
  SECTION("not masked") {
    client.send(Client::text("a") + frame(Opcode::text, "b"));
    CHECK(client.read_text() == "a");
    CHECK(client.read_close() == "1002 frame is not masked");
  }
  SECTION("not UTF-8") {
    client.send(Client::masked(Opcode::binary, "\xFF"));
    CHECK(client.read_close() == "1007 message is not UTF-8");
  }
  CHECK(client.at_end());
  client.disconnect();
  CHECK(server.wait_for_disconnects(1));
}

TEST_CASE("Web server: a slow reader gets everything in order", "[web_server]") {
  TestServer server;
  Client client(server.port, 4096);
  client.open();
  client.send(Client::text("flood 400 100000"));
  REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
  client.send(Client::text("answered when there is room") + Client::masked(Opcode::ping, "p"));
  for (int i = 0; i < 400; ++i) {
    const std::string text = client.read_text();
    REQUIRE(text.substr(0, text.find(' ')) == std::to_string(i));
    REQUIRE(text.size() > 100000);
  }
  std::set<std::string> rest{client.read_text(), client.read_text()};
  CHECK(rest == std::set<std::string>{"answered when there is room", "[10] p"});
  CHECK(server.sink.wait([&] { return server.sink.writables > 0; }));
}

TEST_CASE("Web server: one who never reads is cut off", "[web_server]") {
  WebServerOptions options = loopback();
  options.write_timeout_ms = 300;
  options.close_timeout_ms = 100;
  TestServer server(options);
  Client client(server.port, 4096);
  client.open();
  client.send(Client::text("flood 200 100000"));
  REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
  SECTION("while it is open") {
    CHECK(server.wait_for_disconnects(1));
    CHECK(server.call([&] { return server.server->counters().closes; }) ==
          std::map<std::uint16_t, std::uint64_t>{{1006, 1}});
  }
  SECTION("when it is being closed") {
    server.call([&] { server.server->close(server.sink.ids[0], {1000, "too slow"}); });
    CHECK(server.wait_for_disconnects(1));
    CHECK(server.call([&] { return server.server->counters().closes; }) ==
          std::map<std::uint16_t, std::uint64_t>{{1000, 1}});
  }
  CHECK(server.call([&] { return server.server->counters().slow; }) == 1);
}

TEST_CASE("Web server: one who reads slowly is waited for, also for the close frame", "[web_server]") {
  WebServerOptions options = loopback();
  options.write_timeout_ms = 500;
  options.close_timeout_ms = 100;
  TestServer server(options);
  Client client(server.port, 1 << 17);
  client.open();
  client.send(Client::text("flood 160 100000"));
  REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
  server.call([&] { server.server->close(server.sink.ids[0], {4000, "the end"}); });
  std::size_t got = 0;
  while (const std::size_t n = client.read_some()) {
    got += n;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(got > 100'000);
  CHECK(server.wait_for_disconnects(1));
  CHECK(server.call([&] { return server.server->counters().slow; }) == 0);
}

TEST_CASE("Web server: clients that vanish", "[web_server]") {
  TestServer server;
  Client client(server.port, 4096);
  client.open();
  SECTION("idle, with a reset") {
    client.reset();
  }
  SECTION("idle, with an end") {
    client.disconnect();
  }
  SECTION("within a message") {
    client.send(Client::text("cut off").substr(0, 8));
    client.disconnect();
  }
  SECTION("with a backlog") {
    client.send(Client::text("flood 200 100000"));
    REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
    client.reset();
  }
  CHECK(server.wait_for_disconnects(1));
  CHECK(server.call([&] { return server.server->counters().closes; }) ==
        std::map<std::uint16_t, std::uint64_t>{{1006, 1}});
  CHECK(server.call([&] { return server.server->connection_count(); }) == 0);
}

// Returns a TCP option of the server's socket for this client. The server is in the same process, so the socket is
// found by its peer port.
int option_of_peer(const Client& client, int name) {
  constexpr int most = 4096;
  for (int fd = 0; fd < most; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != client.local_port()) continue;
    int value = 0;
    size = sizeof value;
    getsockopt(fd, IPPROTO_TCP, name, &value, &size);
    return value;
  }
  return -1;
}

TEST_CASE("Web server: one that is out of reach goes after the same time, whether it was sent something or not",
          "[web_server]") {
  WebServerOptions options = loopback();
  options.keepalive_seconds = 60;
  TestServer server(options);
  Client client(server.port);
  client.open();
  const int probed_ms = 1'000 * (option_of_peer(client, TCP_KEEPIDLE) +
                                 option_of_peer(client, TCP_KEEPINTVL) * option_of_peer(client, TCP_KEEPCNT));
  CHECK(probed_ms > 60'000);
  CHECK(option_of_peer(client, TCP_USER_TIMEOUT) == probed_ms);
}

TEST_CASE("Web server: 500 clients, and a clean end for all", "[web_server]") {
  TestServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 500; ++i) clients.emplace_back(server.port).send(Client::handshake_request());
  for (Client& client : clients) REQUIRE(client.read_head().starts_with("HTTP/1.1 101 "));
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(Client::text("I am " + std::to_string(i)));
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(clients[i].read_text() == "I am " + std::to_string(i));
  CHECK(server.call([&] { return server.server->connection_count(); }) == 500);
  Client in_handshake(server.port);
  server.call([&] {
    server.server->stop_listening();
    server.server->close_all({close_code::kGoingAway, "bye"});
  });
  for (Client& client : clients) {
    CHECK(client.read_close() == "1001 bye");
    client.send(Client::masked(Opcode::close, "\x03\xE9"));
  }
  for (Client& client : clients) CHECK(client.at_end());
  CHECK(in_handshake.at_end());
  CHECK(server.wait_for_disconnects(500));
}

TEST_CASE("Web server: a slot is used again under another id", "[web_server]") {
  TestServer server;
  for (int i = 1; i <= 3; ++i) {
    Client(server.port).open();
    REQUIRE(server.wait_for_disconnects(i));
  }
  Client client(server.port);
  client.open();
  const Frame frame = std::make_shared<const std::string>(resflow::frame(Opcode::text, "for nobody"));
  const std::vector<ConnId>& ids = server.sink.ids;
  server.call([&] {
    CHECK(std::set<std::uint32_t>{ids[0].slot, ids[1].slot, ids[2].slot, ids[3].slot}.size() == 1);
    CHECK(server.server->send(ids[2], {&frame, 1}));
    CHECK(server.server->send(ConnId{99, 1, 0}, {&frame, 1}));
    CHECK(server.server->send(ConnId{ids[3].slot, ids[3].generation, 1}, {&frame, 1}));
    server.server->close(ids[2], {1000, ""});
  });
  client.send(Client::text("still here"));
  CHECK(client.read_text() == "still here");
}

TEST_CASE("Web server: an exception of the sink ends its connection only", "[web_server]") {
  TestServer server;
  Client bad(server.port);
  Client good(server.port);
  bad.open().send(Client::text("throw"));
  CHECK(bad.at_end());
  CHECK(server.wait_for_disconnects(1));
  good.open().send(Client::text("fine"));
  CHECK(good.read_text() == "fine");
}

TEST_CASE("Web server: destroyed with clients in every state", "[web_server]") {
  TestServer server;
  server.clean_end = false;
  Client open(server.port);
  Client in_handshake(server.port);
  Client with_backlog(server.port, 4096);
  open.open();
  in_handshake.send("GET");
  with_backlog.open().send(Client::text("flood 200 100000"));
  REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
  CHECK(server.sink.disconnects == 0);
}
