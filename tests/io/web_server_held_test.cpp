// WebServer: WebSocket connections that wait to be accepted.
#include <catch2/catch.hpp>
#include <string>

#include "io/web/web_server.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

WebServerOptions holding() {
  WebServerOptions options = loopback();
  options.hold_handshakes = true;
  return options;
}

// Returns the connection that waits.
ConnId held(TestServer& server) {
  REQUIRE(server.sink.wait([&] { return server.sink.held.size() == 1; }));
  const std::lock_guard lock(server.sink.mutex);
  return server.sink.held[0];
}

void accept(TestServer& server, ConnId conn, const Headers& headers = {}) {
  server.call([&] { server.server->accept(conn, headers); });
}

}  // namespace

TEST_CASE("Web server: a held connection is opened with headers of the sink's", "[web_server]") {
  TestServer server(holding());
  Client client(server.port);
  SECTION("frames come behind the answer") {
    client.send(Client::handshake_request());
    accept(server, held(server), {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}});
    CHECK(client.read_head() ==
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
    client.send(Client::text("hello"));
  }
  SECTION("frames are there before") {
    client.send(Client::handshake_request() + Client::text("hello"));
    accept(server, held(server));
    CHECK(client.read_head().starts_with("HTTP/1.1 101 "));
  }
  SECTION("many frames are there before") {
    const std::string large(300'000, 'x');
    client.send(Client::handshake_request());
    const ConnId conn = held(server);
    client.send(Client::text(large) + Client::text("hello"));
    accept(server, conn);
    CHECK(client.read_head().starts_with("HTTP/1.1 101 "));
    CHECK(client.read_text() == large);
  }
  CHECK(client.read_text() == "hello");
  client.disconnect();
  CHECK(server.wait_for_disconnects(1));
  CHECK(server.call([&] { return server.server->counters().opened; }) == 1);
}

TEST_CASE("Web server: a held connection may be answered instead", "[web_server]") {
  TestServer server(holding());
  Client client(server.port);
  client.send(Client::handshake_request() + Client::text("early"));
  const ConnId conn = held(server);
  server.call([&] { server.sink.respond(conn, {302, {{"Location", "/login"}}, ""}); });
  CHECK(client.read_all().starts_with("HTTP/1.1 302 Found\r\n"));
  accept(server, conn);  // too late: the response has been sent
  client.disconnect();
  CHECK(server.call([&] { return server.server->counters().opened; }) == 0);
  CHECK(server.sink.disconnects == 0);  // the response has ended the id
}

TEST_CASE("Web server: a held connection that goes", "[web_server]") {
  TestServer server(holding());
  Client client(server.port);
  client.send(Client::handshake_request());
  const ConnId conn = held(server);
  client.disconnect();
  CHECK(server.wait_for_disconnects(1));
  accept(server, conn);
  server.call([&] { server.server->respond(conn, {403, {}, ""}); });
  CHECK(server.call([&] { return server.server->counters().opened; }) == 0);
}

TEST_CASE("Web server: early frames do not wait for what else may come", "[web_server]") {
  TestServer server(holding());
  Client client(server.port, 4096);
  client.send(Client::handshake_request() + Client::text("early"));
  // The answer is too large to be sent at once.
  accept(server, held(server), {{"X-Large", std::string(EchoSink::kLarge, 'x')}});
  CHECK(client.read_head().size() > EchoSink::kLarge);
  CHECK(client.read_text() == "early");
}

TEST_CASE("Web server: an end for all is one for held connections too", "[web_server]") {
  TestServer server(holding());
  Client client(server.port);
  client.send(Client::handshake_request());
  const ConnId conn = held(server);
  server.call([&] {
    server.server->stop_listening();
    server.server->close_all({close_code::kGoingAway, "bye"});
  });
  accept(server, conn);
  CHECK(client.read_all().starts_with("HTTP/1.1 503 "));
  client.disconnect();
  CHECK(server.wait_for_disconnects(1));
}
