// WebServer: the address of a client behind proxies, and the limits for one address.
#include <catch2/catch.hpp>
#include <chrono>
#include <list>
#include <string>
#include <thread>

#include "io/web/admission.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

WebServerOptions behind_proxy(const char* network = "127.0.0.0/8") {
  WebServerOptions options = loopback();
  options.trusted_proxies = {*IpNetwork::read(network)};
  return options;
}

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

std::string handshake(const std::string& headers) {
  return "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         headers + "\r\n";
}

std::string remote_of_request(TestServer& server, std::size_t n) {
  const std::lock_guard lock(server.sink.mutex);
  return std::string(server.sink.requests.at(n).info->remote_addr());
}

bool gone(TestServer& server) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (server.call([&] { return server.server->connection_count(); }) > 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

WebServerCounters counters(TestServer& server) {
  return server.call([&] { return server.server->counters(); });
}

}  // namespace

TEST_CASE("Proxies: each request has the address that a trusted proxy tells", "[web_server]") {
  TestServer server(behind_proxy());
  Client client(server.port);
  client.send(get("/1", "X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n") +
              get("/2", "Forwarded: for=\"[2001:db8::7]:80\"\r\n") + get("/3"));
  for (int i = 0; i < 3; ++i) CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
  CHECK(remote_of_request(server, 0) == "1.2.3.4:0");
  CHECK(remote_of_request(server, 1) == "[2001:db8::7]:0");
  CHECK(remote_of_request(server, 2).starts_with("127.0.0.1:"));
  CHECK_FALSE(remote_of_request(server, 2).ends_with(":0"));
}

TEST_CASE("Proxies: others are not believed", "[web_server]") {
  TestServer server(behind_proxy("10.0.0.0/8"));
  Client client(server.port);
  client.send(get("/1", "X-Forwarded-For: 1.2.3.4\r\n"));
  CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
  CHECK(remote_of_request(server, 0).starts_with("127.0.0.1:"));
}

TEST_CASE("PROXY protocol: the client is who the header says", "[web_server]") {
  WebServerOptions options = behind_proxy();
  options.proxy_protocol = true;
  TestServer server(options);
  const std::string header = "PROXY TCP4 1.2.3.4 127.0.0.1 5678 80\r\n";
  Client client(server.port);
  SECTION("in one packet") {
    client.send(header + get("/1"));
  }
  SECTION("byte by byte") {
    for (const char byte : header + get("/1")) client.send({&byte, 1});
  }
  SECTION("the request comes later") {
    client.send(header);
    for (int turn = 0; turn < 10; ++turn) server.call([] {});
    client.send(get("/1"));
  }
  CHECK(client.read_response().ends_with("GET /1 "));
  CHECK(remote_of_request(server, 0) == "1.2.3.4:5678");
  client.disconnect();
  CHECK(gone(server));
  CHECK(counters(server).accepted == 1);
}

TEST_CASE("PROXY protocol: a trusted proxy without a header is closed", "[web_server]") {
  WebServerOptions options = behind_proxy();
  options.proxy_protocol = true;
  options.request_timeout_ms = 300;
  TestServer server(options);
  Client client(server.port);
  std::uint64_t wrong = 1;
  SECTION("which sends a request") {
    client.send(get("/1"));
  }
  SECTION("which sends half a header") {
    client.send("PROXY TCP4 1.2");
    wrong = 0;
  }
  SECTION("which sends nothing") {
    wrong = 0;
  }
  CHECK(client.at_end());
  CHECK(gone(server));
  CHECK(counters(server).without_proxy_header == wrong);
  CHECK(server.sink.requests.empty());
}

TEST_CASE("PROXY protocol: a header of anybody else is a bad request", "[web_server]") {
  WebServerOptions options = behind_proxy("10.0.0.0/8");
  options.proxy_protocol = true;
  TestServer server(options);
  Client bad(server.port);
  bad.send("PROXY TCP4 1.2.3.4 127.0.0.1 5678 80\r\n" + get("/1"));
  CHECK(bad.read_all().starts_with("HTTP/1.1 400 "));
  Client good(server.port);
  good.send(get("/1"));
  CHECK(good.read_response().ends_with("GET /1 "));
}

TEST_CASE("Address limits: connections of one address", "[web_server]") {
  Admission admission({0, 2, 0, false}, 1'000);
  WebServerOptions options = loopback();
  options.admission = &admission;
  TestServer server(options);
  Client one(server.port);
  Client two(server.port);
  one.open();
  two.send(get("/1"));
  CHECK(two.read_response().ends_with("GET /1 "));
  Client three(server.port);
  CHECK(three.at_end());
  CHECK(counters(server).too_many_of_address == 1);
  CHECK(counters(server).rejected == 0);
  one.disconnect();
  CHECK(server.wait_for_disconnects(1));
  Client four(server.port);
  four.open();
}

TEST_CASE("Address limits: new connections of one address in a second", "[web_server]") {
  bool dry = false;
  SECTION("are refused with a word") {}
  SECTION("are counted only in a dry run") {
    dry = true;
  }
  Admission admission({0, 0, 1, dry}, 1'000);
  WebServerOptions options = loopback();
  options.admission = &admission;
  options.cors = true;
  TestServer server(options);
  int refused = 0;
  constexpr int kMany = 40;
  for (int i = 0; i < kMany; ++i) {
    Client client(server.port);
    client.send(i % 2 == 0 ? get("/1") : handshake(""));
    const std::string head = client.read_head();
    if (!head.starts_with("HTTP/1.1 503 ")) continue;
    ++refused;
    CHECK(head.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    CHECK(head.find("\r\nAccess-Control-Allow-Origin: *\r\n") != std::string::npos);
  }
  const auto counted = static_cast<int>(counters(server).too_fast_of_address);
  CHECK(counted > 0);
  CHECK(refused == (dry ? 0 : counted));
}

TEST_CASE("Address limits: behind a proxy WebSocket connections are counted for their clients", "[web_server]") {
  Admission admission({0, 1, 0, false}, 1'000);
  WebServerOptions options = behind_proxy();
  options.admission = &admission;
  TestServer server(options);
  std::list<Client> clients;
  const auto opens = [&](const std::string& address) {
    Client& client = clients.emplace_back(server.port);
    client.send(handshake("X-Forwarded-For: " + address + "\r\n"));
    return client.read_head().substr(9, 3);
  };
  CHECK(opens("1.2.3.4") == "101");
  CHECK(opens("1.2.3.5") == "101");
  CHECK(opens("1.2.3.4") == "503");
  for (int i = 0; i < 3; ++i) {
    Client& client = clients.emplace_back(server.port);
    client.send(get("/1", "X-Forwarded-For: 1.2.3.4\r\n"));
    CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
  }
  clients.pop_front();
  CHECK(server.wait_for_disconnects(1));
  CHECK(opens("1.2.3.4") == "101");
}

TEST_CASE("Admission: two servers share the room", "[web_server]") {
  Admission admission({2, 0, 0, false}, 1'000);
  WebServerOptions options = loopback();
  options.admission = &admission;
  TestServer a(options);
  TestServer b(options);
  Client one(a.port);
  Client two(b.port);
  one.open();
  two.open();
  Client three(a.port);
  CHECK(three.at_end());
  CHECK(counters(a).rejected == 1);
  one.disconnect();
  CHECK(a.wait_for_disconnects(1));
  Client four(b.port);
  four.open();
}
