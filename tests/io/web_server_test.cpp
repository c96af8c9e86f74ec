#include "io/web/web_server.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;
using namespace std::string_literals;

TEST_CASE("Web server: handshake, client info, echo", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(Client::handshake_request("/?q=a%26b"));
  CHECK(client.read_head() ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  for (const std::size_t size : {0U, 5U, 125U, 126U, 65535U, 65536U, 1000000U}) {
    const std::string payload(size, 'e');
    client.send(Client::text(payload));
    CHECK(client.read_text() == payload);
  }
  client.send(Client::masked(Opcode::binary, "binary"));
  CHECK(client.read_text() == "binary");

  const std::lock_guard lock(server.sink.mutex);
  REQUIRE(server.sink.cids.size() == 1);
  CHECK(server.sink.cids[0].size() == 32);
  CHECK(server.sink.cids[0].find_first_not_of("0123456789abcdef") == std::string::npos);
  const ClientInfo& info = *server.sink.infos[0];
  CHECK(info.uri() == "/?q=a%26b");
  CHECK(info.host() == "example.com");
  CHECK(info.remote_addr().starts_with("127.0.0.1:"));
  const std::vector<std::pair<std::string, std::string>> headers{{"Upgrade", "websocket"},
                                                                 {"Connection", "Upgrade"},
                                                                 {"Sec-Websocket-Version", "13"},
                                                                 {"Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                                                 {"X-Test", "1"},
                                                                 {"X-Test", "2"}};
  CHECK(info.fields().headers == headers);
}

TEST_CASE("Web server: packets may be cut anywhere", "[web_server]") {
  TestServer server;
  const std::string stream = Client::handshake_request() + Client::text("one") + Client::text("two");
  SECTION("all in one") {
    Client client(server.port);
    client.send(stream);
    client.read_head();
    CHECK(client.read_text() == "one");
    CHECK(client.read_text() == "two");
  }
  SECTION("byte by byte") {
    Client client(server.port);
    for (const char byte : stream) client.send({&byte, 1});
    client.read_head();
    CHECK(client.read_text() == "one");
    CHECK(client.read_text() == "two");
  }
}

TEST_CASE("Web server: pings are answered, in order with the rest", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.open();
  client.send(Client::masked(Opcode::ping, "1") + Client::text("2") + Client::masked(Opcode::ping, "3") +
              Client::masked(Opcode::pong, "unasked") + Client::masked(Opcode::ping, "") + Client::text("5"));
  CHECK(client.read_text() == "[10] 1");
  CHECK(client.read_text() == "2");
  CHECK(client.read_text() == "[10] 3");
  CHECK(client.read_text() == "[10] ");
  CHECK(client.read_text() == "5");
}

TEST_CASE("Web server: requests that open no WebSocket", "[web_server]") {
  TestServer server;
  const auto answer = [&](const std::string& request) {
    Client client(server.port);
    client.send(request);
    return client.read_all();
  };
  CHECK(answer("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(answer("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(answer("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70000, 'x')).starts_with("HTTP/1.1 431 "));
  std::string old_version = Client::handshake_request();
  old_version.replace(old_version.find("13\r\n"), 2, "12");
  const std::string upgrade_required = answer(old_version);
  CHECK(upgrade_required.starts_with("HTTP/1.1 426 "));
  CHECK(upgrade_required.find("\r\nUpgrade: websocket\r\n") != std::string::npos);
  CHECK(upgrade_required.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
  std::string other_method = Client::handshake_request();
  other_method.replace(0, 3, "PUT");
  const std::string not_allowed = answer(other_method);
  CHECK(not_allowed.starts_with("HTTP/1.1 405 "));
  CHECK(not_allowed.find("\r\nAllow: GET\r\n") != std::string::npos);
  CHECK(server.sink.ids.empty());
}

// nginx speaks HTTP/1.0 to its backends unless it is configured otherwise.
TEST_CASE("Web server: a WebSocket is opened over HTTP/1.0, too", "[web_server]") {
  TestServer server;
  Client client(server.port);
  std::string request = Client::handshake_request();
  request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
  client.send(request);
  CHECK(client.read_head().starts_with("HTTP/1.1 101 "));
  client.send(Client::text("hello"));
  CHECK(client.read_text() == "hello");
}

TEST_CASE("Web server: another path", "[web_server]") {
  WebServerOptions options = loopback();
  options.ws_path = "/ws";
  TestServer server(options);
  Client client(server.port);
  client.send(Client::handshake_request("/ws?token=1"));
  CHECK(client.read_head().starts_with("HTTP/1.1 101 "));
  Client other(server.port);
  other.send(Client::handshake_request("/"));
  CHECK(other.read_head().starts_with("HTTP/1.1 200 "));  // the sink answers it as an HTTP request
}

TEST_CASE("Web server: a handshake that is never finished", "[web_server]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 50;
  TestServer server(options);
  Client silent(server.port);
  Client slow(server.port);
  slow.send("GET / HTTP/1.1\r\nHost: h\r\n");
  CHECK(silent.at_end());
  CHECK(slow.read_all().starts_with("HTTP/1.1 408 "));
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server: too many connections", "[web_server]") {
  WebServerOptions options = loopback();
  options.max_connections = 2;
  TestServer server(options);
  Client first(server.port);
  Client second(server.port);
  first.open();
  second.open();
  CHECK(Client(server.port).at_end());
  first.disconnect();
  REQUIRE(server.wait_for_disconnects(1));
  Client(server.port).open();
  CHECK(server.call([&] { return server.server->counters().rejected; }) == 1);
}

TEST_CASE("Web server: addresses and ports", "[web_server]") {
  TestServer server;
  uv_loop_t loop;
  uv_loop_init(&loop);
  EchoSink sink;
  WebServerOptions options = loopback();
  const auto error = [&]() -> std::string {
    try {
      const WebServer unused(&loop, options, sink);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "none";
  };
  options.port = server.port;
  CHECK(error() == "cannot listen on 127.0.0.1 port " + std::to_string(server.port) + ": Address already in use");
  options.share_port = true;
  CHECK(error() == "none");
  options.share_port = false;
  options.port = 0;
  for (const char* addr : {"localhost", "1.2.3", "::g"}) {
    options.addr = addr;
    CHECK(error() == "cannot listen on "s + addr + " port 0: not an IPv4 or IPv6 address");
  }
  options.addr = "192.0.2.1";
  CHECK(error() == "cannot listen on 192.0.2.1 port 0: Cannot assign requested address");
  uv_run(&loop, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&loop) == 0);
}

TEST_CASE("Web server: two lanes share a port", "[web_server]") {
  TestServer first;
  WebServerOptions options = loopback();
  options.port = first.port;
  options.share_port = true;
  options.lane = 1;
  TestServer second(options);
  std::vector<Client> clients;
  for (int i = 0; i < 64; ++i) {
    Client& client = clients.emplace_back(first.port);
    client.open().send(Client::text("x"));
    CHECK(client.read_text() == "x");
  }
  const std::size_t at_first = first.call([&] { return first.server->connection_count(); });
  const std::size_t at_second = second.call([&] { return second.server->connection_count(); });
  CHECK(at_first + at_second == 64);
  CHECK(at_first > 0);
  CHECK(at_second > 0);
  second.call([&] { CHECK(second.sink.ids[0].lane == 1); });
}

TEST_CASE("Web server: all addresses include those of IPv4", "[web_server]") {
  WebServerOptions options = loopback();
  options.addr = "";
  TestServer server(options);
  Client client(server.port);
  client.open().send(Client::text("x"));
  CHECK(client.read_text() == "x");
  CHECK(server.sink.infos[0]->remote_addr().starts_with("127.0.0.1:"));
}
