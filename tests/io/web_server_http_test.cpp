// WebServer: HTTP requests. What reaches the sink, and what happens to the connection.
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "io/web/web_server.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

std::string get(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& headers = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string chunked(const std::string& target, const std::string& chunks) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Returns the status and body of a response.
std::string gist(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  if (end == std::string::npos) return "no response: " + response;
  return response.substr(9, 3) + ' ' + response.substr(end + 4);
}

std::size_t requests_of(TestServer& server) {
  const std::lock_guard lock(server.sink.mutex);
  return server.sink.requests.size();
}

bool wait_for_requests(TestServer& server, std::size_t n) {
  return server.sink.wait([&] { return server.sink.requests.size() == n; });
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Answers a request. `n` counts the requests in the order of arrival.
void respond(TestServer& server, std::size_t n, const std::string& body) {
  server.call([&] { server.sink.respond(server.sink.requests.at(n).conn, {200, {}, body}); });
}

}  // namespace

TEST_CASE("Web server HTTP: a request and its response", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(post("/a%2Fb?q=a%26b", "the body", "Cookie: a=1\r\nX-Test: 1\r\nx-test: 2\r\n"));
  const std::string response = client.read_response();
  CHECK(response.starts_with("HTTP/1.1 200 OK\r\nDate: "));
  CHECK(has(response, " GMT\r\nX-Id: 1\r\nContent-Length: 28\r\n\r\n"));
  CHECK(gist(response) == "200 POST /a%2Fb?q=a%26b the body");

  const std::lock_guard lock(server.sink.mutex);
  const WebRequest& request = server.sink.requests.at(0);
  CHECK(request.method == "POST");
  CHECK(request.body == "the body");
  CHECK(request.info->cid().size() == 32);
  CHECK(request.info->uri() == "/a%2Fb?q=a%26b");
  CHECK(request.info->host() == "h");
  CHECK(request.info->remote_addr().starts_with("127.0.0.1:"));
  const Headers headers{{"Cookie", "a=1"}, {"X-Test", "1"}, {"X-Test", "2"}, {"Content-Length", "8"}};
  CHECK(request.info->fields().headers == headers);
}

TEST_CASE("Web server HTTP: a connection takes one request after the other, each with ids of its own", "[web_server]") {
  TestServer server;
  Client client(server.port);
  for (const char* target : {"/1", "/2", "/3"}) {
    client.send(get(target));
    CHECK(gist(client.read_response()) == "200 GET " + std::string(target) + ' ');
  }
  client.send("\r\n" + post("/4", "x"));  // an empty line first, as some old clients send it
  CHECK(gist(client.read_response()) == "200 POST /4 x");
  const std::lock_guard lock(server.sink.mutex);
  std::set<std::string> cids;
  std::set<std::uint32_t> generations;
  for (const WebRequest& request : server.sink.requests) {
    cids.emplace(request.info->cid());
    generations.insert(request.conn.generation);
    CHECK(request.conn.slot == server.sink.requests[0].conn.slot);
  }
  CHECK(cids.size() == 4);
  CHECK(generations.size() == 4);
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server HTTP: requests may be cut anywhere", "[web_server]") {
  TestServer server;
  const std::string stream = get("/1") + post("/2", "hello") +
                             chunked("/3", "3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n") +
                             get("/4", "Content-Length: 2\r\n") + "xy" + get("/5");
  Client client(server.port);
  SECTION("all in one") {
    client.send(stream);
  }
  SECTION("byte by byte") {
    for (const char byte : stream) client.send({&byte, 1});
  }
  SECTION("in two, behind a part of the third") {
    const std::size_t cut = stream.find("abc") + 1;
    client.send(stream.substr(0, cut));
    CHECK(wait_for_requests(server, 2));
    client.send(stream.substr(cut));
  }
  for (const char* expected : {"GET /1 ", "POST /2 hello", "POST /3 abcd", "GET /4 xy", "GET /5 "}) {
    CHECK(gist(client.read_response()) == "200 " + std::string(expected));
  }
}

TEST_CASE("Web server HTTP: of a connection's requests one at a time is with the sink", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(get("/1/later") + get("/2/later") + get("/3"));
  for (std::size_t i = 0; i < 2; ++i) {
    REQUIRE(wait_for_requests(server, i + 1));
    server.call([] {});  // lets the loop take one turn
    CHECK(requests_of(server) == i + 1);
    respond(server, i, std::to_string(i));
    CHECK(gist(client.read_response()) == "200 " + std::to_string(i));
  }
  CHECK(gist(client.read_response()) == "200 GET /3 ");
}

TEST_CASE("Web server HTTP: an answered request is not answered again", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(get("/1/later"));
  REQUIRE(wait_for_requests(server, 1));
  respond(server, 0, "first");
  respond(server, 0, "again");
  CHECK(gist(client.read_response()) == "200 first");
  client.send(get("/2/later"));
  REQUIRE(wait_for_requests(server, 2));
  respond(server, 0, "again");
  respond(server, 1, "second");
  CHECK(gist(client.read_response()) == "200 second");
}

TEST_CASE("Web server HTTP: HEAD gets what GET gets, without the body", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send("HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\n" + get("/2"));
  CHECK(has(client.read_response(false), "\r\nContent-Length: 8\r\n"));
  CHECK(gist(client.read_response()) == "200 GET /2 ");
}

TEST_CASE("Web server HTTP: which connections stay", "[web_server]") {
  TestServer server;
  Client client(server.port);
  SECTION("HTTP/1.1, closed when asked to") {
    client.send(get("/1") + get("/2", "Connection: x, Close\r\n") + get("/3"));
    CHECK_FALSE(has(client.read_response(), "Connection:"));
    CHECK(has(client.read_response(), "\r\nConnection: close\r\n"));
  }
  SECTION("HTTP/1.0, kept when asked to") {
    client.send("GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n" + get("/3"));
    CHECK(has(client.read_response(), "\r\nConnection: keep-alive\r\n"));
    CHECK(has(client.read_response(), "\r\nConnection: close\r\n"));
  }
  CHECK(client.at_end());
  CHECK(requests_of(server) == 2);
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server HTTP: forms of the target", "[web_server]") {
  TestServer server;
  Client client(server.port);
  for (const char* target : {"*", "http://h/a?b", "/{cid}/|", "/x?q={\"a\":[1]}", "h:80"}) {
    client.send(get(target));
    CHECK(gist(client.read_response()) == "200 GET " + std::string(target) + ' ');
  }
}

TEST_CASE("Web server HTTP: a client that waits to send its body is told to", "[web_server]") {
  TestServer server;
  Client client(server.port);
  const std::string expect = "Expect: 100-Continue\r\n";
  const std::string asks = post("/1", "body", expect);
  const std::string asking = asks.substr(0, asks.size() - 4);
  SECTION("yes") {
    client.send(asking);
    CHECK(client.read_head() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    CHECK(gist(client.read_response()) == "200 POST /1 body");
  }
  SECTION("no need to, it is here") {
    client.send(asks);
    CHECK(gist(client.read_response()) == "200 POST /1 body");
  }
  SECTION("no body at all") {
    client.send(post("/1", "", expect));
    CHECK(gist(client.read_response()) == "200 POST /1 ");
  }
  SECTION("not in HTTP/1.0") {
    client.send("POST /1 HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    server.call([] {});
    client.send("body");
    CHECK(gist(client.read_response()) == "200 POST /1 body");
  }
  SECTION("no, it is too large") {
    client.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_all().starts_with("HTTP/1.1 413 "));
  }
}

TEST_CASE("Web server HTTP: what is refused before the sink sees it", "[web_server]") {
  WebServerOptions options = loopback();
  options.max_message_size = 1000;
  TestServer server(options);
  const auto answer = [&](const std::string& request) {
    Client client(server.port);
    client.send(request + get("/behind"));
    const std::string all = client.read_all();
    CHECK(has(all, "\r\nConnection: close\r\n"));
    return gist(all);
  };
  const std::string line = "POST /x HTTP/1.1\r\nHost: h\r\n";
  CHECK(answer(post("/1", std::string(1001, 'x'))) == "413 request body too large\n");
  CHECK(answer(chunked("/1", "3e9\r\n")) == "413 request body too large\n");
  CHECK(answer(chunked("/1", "x\r\n")) == "400 malformed request body\n");
  CHECK(answer(line + "Transfer-Encoding: gzip, chunked\r\n\r\n").starts_with("501 "));
  CHECK(answer(line + "Transfer-Encoding: chunked, chunked\r\n\r\n").starts_with("501 "));
  CHECK(answer(line + "Transfer-Encoding: chunked, identity\r\n\r\n").starts_with("501 "));
  CHECK(answer(line + "Transfer-Encoding: identity\r\n\r\n").starts_with("501 "));
  CHECK(answer(line + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n").starts_with("501 "));
  CHECK(answer("POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").starts_with("400 "));
  CHECK(answer(line + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n").starts_with("400 "));
  CHECK(answer(line + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").starts_with("400 "));
  CHECK(answer(line + "Transfer-Encoding: x\r\nContent-Length: 3\r\n\r\nabc").starts_with("400 "));
  CHECK(answer(line + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd").starts_with("400 "));
  CHECK(answer(line + "Content-Length: -1\r\n\r\n").starts_with("400 "));
  CHECK(answer(line + "Content-Length : 3\r\n\r\nabc").starts_with("400 "));
  CHECK(answer("GET /x\r\n\r\n").starts_with("400 "));
  CHECK(requests_of(server) == 0);
}

TEST_CASE("Web server HTTP: requests that do not come in time", "[web_server]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 500;
  options.idle_timeout_ms = 500;
  TestServer server(options);
  Client client(server.port);
  SECTION("half of a head") {
    client.send(get("/1") + "GET /2 HT");
    CHECK(gist(client.read_response()) == "200 GET /1 ");
    CHECK(client.read_response().starts_with("HTTP/1.1 408 "));
  }
  SECTION("half of a body") {
    client.send(post("/1", "hello").substr(0, 50));
    CHECK(client.read_response().starts_with("HTTP/1.1 408 "));
  }
  SECTION("none any more") {
    client.send(get("/1"));
    CHECK(gist(client.read_response()) == "200 GET /1 ");
  }
  SECTION("none at all") {}
  CHECK(client.at_end());
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server HTTP: a large body may take longer than a request has", "[web_server]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 500;
  TestServer server(options);
  Client client(server.port);
  const std::string request = post("/1", std::string(1 << 20, 'x'));
  for (std::size_t at = 0; at < request.size(); at += 1 << 15) {
    client.send(std::string_view(request).substr(at, 1 << 15));
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
  }
  CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("Web server HTTP: the sink may take its time", "[web_server]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 1;
  options.idle_timeout_ms = 1;
  options.close_timeout_ms = 1;
  TestServer server(options);
  Client early(server.port);
  early.send(get("/1/later"));
  REQUIRE(wait_for_requests(server, 1));
  // In the meantime, all timeouts strike other connections.
  Client late(server.port);
  CHECK(late.at_end());
  respond(server, 0, "done");
  CHECK(gist(early.read_response()) == "200 done");
}

TEST_CASE("Web server HTTP: a client that goes before its response", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(get("/1/later") + get("/2"));
  REQUIRE(wait_for_requests(server, 1));
  client.reset();
  CHECK(server.wait_for_disconnects(1));
  server.call([&] { server.server->respond(server.sink.requests[0].conn, {200, {}, "for nobody"}); });
  CHECK(requests_of(server) == 1);
  CHECK(server.call([&] { return server.server->connection_count(); }) == 0);
}

TEST_CASE("Web server HTTP: a client that ends its side gets its answer, then the end", "[web_server]") {
  TestServer server;
  Client client(server.port);
  SECTION("behind one request") {
    client.send(get("/1/later"));
    client.end_output();
    REQUIRE(wait_for_requests(server, 1));
    for (int turn = 0; turn < 10; ++turn) server.call([] {});
    respond(server, 0, "done");
    CHECK(gist(client.read_response()) == "200 done");
  }
  SECTION("behind several") {
    client.send(get("/1") + get("/2/later") + get("/3"));
    client.end_output();
    CHECK(gist(client.read_response()) == "200 GET /1 ");
    REQUIRE(wait_for_requests(server, 2));
    respond(server, 1, "done");
    CHECK(gist(client.read_response()) == "200 done");
    CHECK(gist(client.read_response()) == "200 GET /3 ");
  }
  SECTION("with a large answer") {
    client.send(get("/large", "Connection: close\r\n"));
    client.end_output();
    CHECK(client.read_response().size() > EchoSink::kLarge);
  }
  CHECK(client.at_end());
  CHECK(eventually([&] { return server.call([&] { return server.server->connection_count(); }) == 0; }));
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server HTTP: an exception of the sink ends its connection only", "[web_server]") {
  TestServer server;
  Client bad(server.port);
  SECTION("of the first request") {
    bad.send(get("/throw"));
  }
  SECTION("of one that had to wait") {
    bad.send(get("/1") + get("/throw"));
    CHECK(gist(bad.read_response()) == "200 GET /1 ");
  }
  SECTION("of a frame that came with the handshake") {
    bad.send(Client::handshake_request() + Client::text("throw"));
    CHECK(bad.read_head().starts_with("HTTP/1.1 101 "));
  }
  CHECK(bad.at_end());
  CHECK(server.wait_for_disconnects(1));
  Client good(server.port);
  good.send(get("/1"));
  CHECK(gist(good.read_response()) == "200 GET /1 ");
}

TEST_CASE("Web server HTTP: requests behind one that waits", "[web_server]") {
  TestServer server;
  Client client(server.port);
  std::string many;
  constexpr std::size_t kMany = 3000;
  for (std::size_t i = 0; i < kMany; ++i) many += get('/' + std::to_string(i), "X: " + std::string(50, 'x') + "\r\n");
  client.send(get("/0/later"));
  std::thread sender([&] { client.send(many); });
  REQUIRE(wait_for_requests(server, 1));
  respond(server, 0, "first");
  CHECK(gist(client.read_response()) == "200 first");
  for (std::size_t i = 0; i < kMany; ++i) {
    REQUIRE(gist(client.read_response()) == "200 GET /" + std::to_string(i) + ' ');
  }
  sender.join();
}

TEST_CASE("Web server HTTP: a client that does not read its responses has to wait with requests", "[web_server]") {
  TestServer server;
  Client client(server.port, 4096);
  client.send(get("/1/large") + get("/2/large") + get("/3"));
  REQUIRE(wait_for_requests(server, 1));
  for (int turn = 0; turn < 10; ++turn) server.call([] {});
  CHECK(requests_of(server) == 1);
  CHECK(client.read_response().size() > EchoSink::kLarge);
  CHECK(client.read_response().size() > EchoSink::kLarge);
  CHECK(gist(client.read_response()) == "200 GET /3 ");
}

TEST_CASE("Web server HTTP: a response may be read slowly", "[web_server]") {
  WebServerOptions options = loopback();
  options.write_timeout_ms = 1'500;
  options.close_timeout_ms = 500;
  options.idle_timeout_ms = 500;
  TestServer server(options);
  Client client(server.port, 1 << 17);
  SECTION("the last one") {
    client.send(get("/large", "Connection: close\r\n"));
  }
  SECTION("with others to come") {
    client.send(get("/large"));
  }
  const std::string head = client.read_head();
  std::size_t body = 0;
  while (body < EchoSink::kLarge) {
    const std::size_t n = client.read_some();
    if (n == 0) break;
    body += n;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(head.starts_with("HTTP/1.1 200 "));
  CHECK(body == EchoSink::kLarge);
}

TEST_CASE("Web server HTTP: one who never reads its response is cut off", "[web_server]") {
  WebServerOptions options = loopback();
  options.write_timeout_ms = 300;
  options.close_timeout_ms = 100;
  options.idle_timeout_ms = 100;
  TestServer server(options);
  Client client(server.port, 4096);
  SECTION("the last one") {
    client.send(get("/large", "Connection: close\r\n"));
  }
  SECTION("with others to come") {
    client.send(get("/large") + get("/1"));
  }
  REQUIRE(wait_for_requests(server, 1));
  CHECK(eventually([&] { return server.call([&] { return server.server->connection_count(); }) == 0; }));
  CHECK(requests_of(server) == 1);
  CHECK(server.call([&] { return server.server->counters().slow; }) == 1);
}

TEST_CASE("Web server HTTP: what comes behind the last request is thrown away", "[web_server]") {
  WebServerOptions options = loopback();
  options.close_timeout_ms = 3'600'000;
  TestServer server(options);
  Client client(server.port);
  client.send(get("/later", "Connection: close\r\n"));
  REQUIRE(wait_for_requests(server, 1));
  client.send(std::string(200'000, 'x'));
  respond(server, 0, "the end");
  CHECK(gist(client.read_all()) == "200 the end");
  client.disconnect();
  CHECK(eventually([&] { return server.call([&] { return server.server->connection_count(); }) == 0; }));
}

TEST_CASE("Web server HTTP: a WebSocket behind web requests", "[web_server]") {
  TestServer server;
  Client client(server.port);
  client.send(get("/1") + Client::handshake_request() + Client::text("early"));
  CHECK(gist(client.read_response()) == "200 GET /1 ");
  CHECK(client.read_head().starts_with("HTTP/1.1 101 "));
  CHECK(client.read_text() == "early");
  client.disconnect();
  CHECK(server.wait_for_disconnects(1));
}

TEST_CASE("Web server HTTP: an end for all lets responses through", "[web_server]") {
  TestServer server;
  Client waiting(server.port);
  Client half(server.port);
  Client idle(server.port);
  Client reading(server.port, 4096);
  waiting.send(get("/later") + get("/behind"));
  half.send(post("/1", "hello").substr(0, 50));
  idle.send(get("/1"));
  CHECK(gist(idle.read_response()) == "200 GET /1 ");
  reading.send(get("/large"));
  REQUIRE(wait_for_requests(server, 3));
  server.call([&] {
    server.server->stop_listening();
    server.server->close_all({close_code::kGoingAway, "bye"});
  });
  CHECK(half.at_end());
  CHECK(idle.at_end());
  CHECK(reading.read_all().size() > EchoSink::kLarge);
  const ConnId conn = server.call([&] {
    for (const WebRequest& request : server.sink.requests) {
      if (request.info->uri() == "/later") return request.conn;
    }
    return ConnId{};
  });
  server.call([&] { server.sink.respond(conn, {200, {}, "done"}); });
  const std::string response = waiting.read_all();
  CHECK(gist(response) == "200 done");
  CHECK(has(response, "\r\nConnection: close\r\n"));
  CHECK(requests_of(server) == 3);
}

TEST_CASE("Web server HTTP: destroyed with requests in every state", "[web_server]") {
  TestServer server;
  server.clean_end = false;
  Client half(server.port);
  Client waiting(server.port);
  Client idle(server.port);
  Client with_backlog(server.port, 4096);
  half.send(post("/1", "hello").substr(0, 50));
  waiting.send(get("/later"));
  idle.send(get("/1"));
  idle.read_response();
  with_backlog.send(get("/large"));
  REQUIRE(wait_for_requests(server, 3));
  CHECK(server.sink.disconnects == 0);
}

TEST_CASE("Web server HTTP: pages can read what is refused early", "[web_server]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 300;
  options.max_message_size = 1'000;
  options.allow_origins = {"http://a.example", "http://b.example"};
  options.cors = true;
  options.cors_credentials = true;
  TestServer server(options);
  const std::string origin = "Origin: http://b.example\r\n";
  const auto refused = [&](const std::string& request) {
    Client client(server.port);
    client.send(request);
    return client.read_all();
  };
  const auto head = [&](const std::string& more) { return "POST /1 HTTP/1.1\r\nHost: h\r\n" + origin + more; };
  for (const auto& [request, status] :
       std::vector<std::pair<std::string, std::string>>{{head("Content-Length: 2000\r\n\r\n"), "413"},
                                                        {head("Content-Length: 5\r\n\r\n12"), "408"},
                                                        {head("Transfer-Encoding: chunked\r\n\r\nx\r\n"), "400"},
                                                        {head("Transfer-Encoding: gzip, chunked\r\n\r\n"), "501"},
                                                        {head("X: " + std::string(70'000, 'x')), "431"},
                                                        {"GET /1 HTTP/1.1\r\n" + origin + "\r\n", "400"}}) {
    const std::string answer = refused(request);
    CAPTURE(answer);
    CHECK(answer.starts_with("HTTP/1.1 " + status + ' '));
    CHECK(answer.find("\r\nAccess-Control-Allow-Origin: http://b.example\r\n") != std::string::npos);
    CHECK(answer.find("\r\nAccess-Control-Allow-Credentials: true\r\n") != std::string::npos);
    CHECK(answer.find("\r\nVary: Origin\r\n") != std::string::npos);
  }
  CHECK(requests_of(server) == 0);
}
