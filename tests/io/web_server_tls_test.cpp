// WebServer over TLS: it behaves as over plain sockets. Also what exists only with TLS.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "io/tls/server_tls.hpp"
#include "io/web/web_server.hpp"
#include "tests/io/certificates.hpp"
#include "tests/io/tls_client.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

constexpr int kSmallBuffer = 4096;

// Made once, because making certificates takes longer than most tests.
const Authority& authority() {
  static const Authority made;
  return made;
}

const CertificateFiles& files() {
  static const CertificateFiles made = authority().issue("server");
  return made;
}

const Trust& trust() {
  static const Trust made(authority().cert());
  return made;
}

WebServerOptions over(ServerTls& tls) {
  WebServerOptions options = loopback();
  options.tls = &tls;
  return options;
}

struct TlsServer {
  explicit TlsServer(const CertificateFiles& shown = files()) : tls(shown.cert, shown.key), server(over(tls)) {}
  explicit TlsServer(WebServerOptions options) : tls(files().cert, files().key), server(with_tls(options)) {}

  TlsClient open(int receive_buffer = 0) {
    TlsClient client(server.port, trust(), receive_buffer);
    client.open();
    return client;
  }
  WebServerCounters counters() {
    return server.call([&] { return server.server->counters(); });
  }
  // Waits until `accepted` connections have come and only `left` are still there.
  void wait_for(std::uint64_t accepted, std::size_t left = 0) {
    const auto done = [&] {
      return server.server->counters().accepted == accepted && server.server->connection_count() == left;
    };
    while (!server.call(done)) std::this_thread::yield();
  }

  ServerTls tls;
  TestServer server;

 private:
  WebServerOptions with_tls(WebServerOptions options) {
    options.tls = &tls;
    return options;
  }
};

std::string echo(Client& client, const std::string& text) {
  client.send(Client::text(text));
  return client.read_text();
}

}  // namespace

TEST_CASE("TLS clients: messages of every size, whole, cut and several at once", "[tls]") {
  TlsServer server;
  TlsClient client = server.open();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16'384}, std::size_t{16'385},
                                 std::size_t{100'000}, std::size_t{1} << 20}) {
    CHECK(echo(client, std::string(size, 'x')) == std::string(size, 'x'));
  }
  for (const char c : Client::text("byte by byte")) client.send(std::string(1, c));
  CHECK(client.read_text() == "byte by byte");
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += Client::text(std::to_string(i));
  client.send(many);
  for (int i = 0; i < 1'000; ++i) REQUIRE(client.read_text() == std::to_string(i));
}

TEST_CASE("TLS clients: versions and protocols", "[tls]") {
  TlsServer server;
  const Trust chosen(authority().cert());
  SECTION("TLS 1.2 and 1.3 are spoken") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    SSL_CTX_set_min_proto_version(chosen.get(), version);
    SSL_CTX_set_max_proto_version(chosen.get(), version);
    TlsClient client(server.server.port, chosen);
    CHECK(SSL_version(client.ssl()) == version);
    CHECK(echo(client.open(), "hello") == "hello");
  }
  SECTION("older ones are not") {
    SSL_CTX_set_min_proto_version(chosen.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(chosen.get(), TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(chosen.get(), "ALL:@SECLEVEL=0");
    Client client(server.server.port);
    CHECK_FALSE(client.start_tls(chosen.get()));
    server.wait_for(1);
    CHECK(server.counters().tls_failed == 1);
  }
  SECTION("HTTP/1.1 is agreed on with those who offer it, among others") {
    const unsigned char offer[] = "\x02h2\x08http/1.1";
    SSL_CTX_set_alpn_protos(chosen.get(), offer, sizeof offer - 1);
    TlsClient client(server.server.port, chosen);
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &protocol, &size);
    CHECK(std::string(reinterpret_cast<const char*>(protocol), size) == "http/1.1");
    CHECK(echo(client.open(), "hello") == "hello");
  }
  SECTION("and with those who offer something else nothing is") {
    const unsigned char offer[] = "\x02h2";
    SSL_CTX_set_alpn_protos(chosen.get(), offer, sizeof offer - 1);
    TlsClient client(server.server.port, chosen);
    CHECK(echo(client.open(), "hello") == "hello");
  }
  SECTION("a name that is not the certificate's is for the client to judge") {
    Client client(server.server.port);
    REQUIRE(client.start_tls(chosen.get(), nullptr, "elsewhere.example"));
    CHECK(echo(client.open(), "hello") == "hello");
  }
}

TEST_CASE("TLS clients: a slow reader gets everything in order", "[tls]") {
  TlsServer server;
  TlsClient client = server.open(kSmallBuffer);
  client.send(Client::text("flood 400 100000"));
  REQUIRE(server.server.sink.wait([&] { return server.server.sink.refused > 0; }));
  client.send(Client::text("answered when there is room") + Client::masked(Opcode::ping, "p"));
  for (int i = 0; i < 400; ++i) {
    const std::string text = client.read_text();
    REQUIRE(text.substr(0, text.find(' ')) == std::to_string(i));
    REQUIRE(text.size() > 100'000);
  }
  const std::set<std::string> rest{client.read_text(), client.read_text()};
  CHECK(rest == std::set<std::string>{"answered when there is room", "[10] p"});
}

TEST_CASE("TLS clients: one who never reads is cut off", "[tls]") {
  WebServerOptions options = loopback();
  options.close_timeout_ms = 100;
  TlsServer server(options);
  TlsClient client = server.open(kSmallBuffer);
  client.send(Client::text("flood 200 100000"));
  REQUIRE(server.server.sink.wait([&] { return server.server.sink.refused > 0; }));
  server.server.call([&] { server.server.server->close(server.server.sink.ids[0], {1000, "too slow"}); });
  CHECK(server.server.wait_for_disconnects(1));
}

TEST_CASE("TLS clients: the end of a connection is told in TLS, too", "[tls]") {
  TlsServer server;
  TlsClient client = server.open();
  SECTION("closed by the client") {
    client.send(Client::text("a") + Client::masked(Opcode::close, "\x0F\xA1why"));
    CHECK(client.read_text() == "a");
    CHECK(client.read_close() == "4001 ");
  }
  SECTION("closed by the server, behind what was sent") {
    client.send(Client::text("both"));
    CHECK(client.read_text() == "last words");
    CHECK(client.read_close() == "4000 both");
    client.send(Client::masked(Opcode::close, "\x0F\xA0"));
  }
  SECTION("failed") {
    client.send(Client::text(std::string((1 << 20) + 1, 'x')));
    client.send(std::string(1 << 20, 'x'));
    CHECK(client.read_close() == "1009 message too big");
  }
  CHECK(client.at_end());
  CHECK(client.ended_well());
  client.disconnect();
  CHECK(server.server.wait_for_disconnects(1));
}

TEST_CASE("TLS clients: web requests", "[tls]") {
  TlsServer server;
  TlsClient client(server.server.port, trust());
  SECTION("one after the other") {
    const std::string body(200'000, 'x');
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
    client.send(body + "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string responses = client.read_all();
    CHECK(responses.find("GET /a ") < responses.find("POST /b " + body));
    CHECK(responses.find("POST /b " + body) < responses.find("GET /c "));
    CHECK(responses.find("GET /c ") < responses.size());
  }
  SECTION("one that is refused") {
    client.send("no request\r\n\r\n");
    CHECK(client.read_all().starts_with("HTTP/1.1 400 "));
  }
  CHECK(client.ended_well());
}

TEST_CASE("TLS clients: those who vanish", "[tls]") {
  TlsServer server;
  TlsClient client = server.open(kSmallBuffer);
  SECTION("with a reset") {
    client.reset();
  }
  SECTION("with an end") {
    client.disconnect();
  }
  SECTION("with an end of TLS only") {
    SSL_shutdown(client.ssl());
  }
  SECTION("within a message") {
    client.send(Client::text("cut off").substr(0, 8));
    client.disconnect();
  }
  SECTION("with a backlog") {
    client.send(Client::text("flood 200 100000"));
    REQUIRE(server.server.sink.wait([&] { return server.server.sink.refused > 0; }));
    client.reset();
  }
  CHECK(server.server.wait_for_disconnects(1));
  server.wait_for(1);
  CHECK(server.counters().closes == std::map<std::uint16_t, std::uint64_t>{{1006, 1}});
  CHECK(server.counters().tls_failed == 0);
}

TEST_CASE("TLS clients: who does not speak TLS is cut off, and nobody else", "[tls]") {
  TlsServer server;
  TlsClient good = server.open();
  Client bad(server.server.port);
  SECTION("plain HTTP, which is told so") {
    bad.send(Client::handshake_request());
    const std::string answer = bad.read_all();
    CHECK(answer.starts_with("HTTP/1.0 400 Bad Request\r\n"));
    CHECK(answer.ends_with("\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));
  }
  SECTION("garbage") {
    bad.send(std::string(1'000, '\xFF'));
  }
  SECTION("a record of garbage") {
    bad.send(std::string("\x16\x03\x01\x00\x10garbage garbage!", 21));
  }
  SECTION("a record that is too large") {
    bad.send(std::string("\x16\x03\x01\xFF\xFF", 5) + std::string(70'000, 'x'));
  }
  SECTION("an alert") {
    bad.send(std::string("\x15\x03\x01\x00\x02\x02\x28", 7));
  }
  SECTION("an end") {
    bad.disconnect();
  }
  SECTION("an end within a record") {
    bad.send(std::string("\x16\x03\x01\x00\x10gar", 8));
    bad.disconnect();
  }
  SECTION("a reset") {
    bad.reset();
  }
  server.wait_for(2, 1);
  CHECK(server.counters().tls_failed == 1);
  CHECK(server.counters().rejected == 0);
  CHECK(echo(good, "still here") == "still here");
}

TEST_CASE("TLS clients: a handshake that does not go on is cut off", "[tls]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 100;
  TlsServer server(options);
  Client bad(server.server.port);
  std::uint64_t failed = 1;
  SECTION("nothing is said") {}
  SECTION("half a hello") {
    bad.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC", 9));
  }
  SECTION("TLS and no request") {
    REQUIRE(bad.start_tls(trust().get()));
    failed = 0;
  }
  SECTION("TLS and half a request") {
    REQUIRE(bad.start_tls(trust().get()));
    bad.send("GET / HTTP/1.1\r\n");
    CHECK(bad.read_all().starts_with("HTTP/1.1 408 "));
    bad.disconnect();
    failed = 0;
  }
  server.wait_for(1);
  CHECK(server.counters().tls_failed == failed);
  CHECK(server.counters().opened == 0);
}

// The library has a timeout of its own for the handshake, in whole seconds. It must not end connections after the
// handshake.
TEST_CASE("TLS clients: who is silent after the handshake stays", "[tls]") {
  WebServerOptions options = loopback();
  options.request_timeout_ms = 1'000;
  TlsServer server(options);
  TlsClient client = server.open();
  std::this_thread::sleep_for(std::chrono::milliseconds(3'500));
  CHECK(echo(client, "still here") == "still here");
}

TEST_CASE("TLS clients: 200 of them, and a clean end for all", "[tls]") {
  TlsServer server;
  std::vector<TlsClient> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(server.open());
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(echo(clients[i], std::to_string(i)) == std::to_string(i));
  Client in_handshake(server.server.port);
  server.server.call([&] {
    server.server.server->stop_listening();
    server.server.server->close_all({close_code::kGoingAway, "bye"});
  });
  for (Client& client : clients) {
    CHECK(client.read_close() == "1001 bye");
    client.send(Client::masked(Opcode::close, "\x03\xE9"));
  }
  for (TlsClient& client : clients) CHECK((client.at_end() && client.ended_well()));
  CHECK(in_handshake.at_end());
  CHECK(server.server.wait_for_disconnects(200));
}

TEST_CASE("TLS clients: the server is destroyed with clients in every state", "[tls]") {
  TlsServer server;
  server.server.clean_end = false;
  Client in_handshake(server.server.port);
  TlsClient without_request(server.server.port, trust());
  TlsClient open = server.open();
  TlsClient with_backlog = server.open(kSmallBuffer);
  in_handshake.send("\x16\x03\x01");
  with_backlog.send(Client::text("flood 200 100000"));
  REQUIRE(server.server.sink.wait([&] { return server.server.sink.refused > 0; }));
  CHECK(server.server.sink.disconnects == 0);
}

TEST_CASE("TLS certificate: a new one is for new connections", "[tls]") {
  const Authority rsa("rsa-authority", "rsa");
  const Folder folder;
  const CertificateFiles used{folder.path("cert.pem"), folder.path("key.pem")};
  const auto install = [&](const CertificateFiles& source) {
    std::filesystem::copy_file(source.cert, used.cert, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(source.key, used.key, std::filesystem::copy_options::overwrite_existing);
  };
  install(files());
  TlsServer server(used);
  TlsClient old = server.open();
  REQUIRE(old.server_name() == "server");
  SECTION("of another kind") {
    install(rsa.issue("renewed"));
    server.tls.reload();
    TlsClient other(server.server.port, Trust(rsa.cert()));
    CHECK(other.server_name() == "renewed");
    CHECK(echo(other.open(), "new") == "new");
  }
  SECTION("of the same kind") {
    install(authority().issue("renewed"));
    server.tls.reload();
    CHECK(server.open().server_name() == "renewed");
  }
  SECTION("unless it is no good") {
    install({authority().issue("broken").cert, files().key});
    CHECK_THROWS_WITH(server.tls.reload(), Catch::Contains(used.key + ": the private key is not that of"));
    CHECK(server.open().server_name() == "server");
  }
  SECTION("unless it is gone") {
    std::filesystem::remove(used.cert);
    CHECK_THROWS_WITH(server.tls.reload(), Catch::Contains(used.cert + ": No such file or directory"));
    CHECK(server.open().server_name() == "server");
  }
  CHECK(echo(old, std::string(100'000, 'x')) == std::string(100'000, 'x'));
}

TEST_CASE("TLS certificate: a session is resumed, but not behind another certificate", "[tls]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const Folder folder;
  const CertificateFiles used{folder.path("cert.pem"), folder.path("key.pem")};
  const auto install = [&](const CertificateFiles& source) {
    std::filesystem::copy_file(source.cert, used.cert, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(source.key, used.key, std::filesystem::copy_options::overwrite_existing);
  };
  install(files());
  TlsServer server(used);
  const Trust chosen(authority().cert());
  SSL_CTX_set_max_proto_version(chosen.get(), version);
  TlsClient first(server.server.port, chosen);
  REQUIRE(echo(first.open(), "a ticket comes before this") == "a ticket comes before this");
  const OpensslPtr<SSL_SESSION, SSL_SESSION_free> session(SSL_get1_session(first.ssl()));
  const bool renewed = GENERATE(false, true);
  if (renewed) {
    install(authority().issue("renewed"));
    server.tls.reload();
  }
  TlsClient second(server.server.port, chosen, 0, session.get());
  CHECK((SSL_session_reused(second.ssl()) != 0) == !renewed);
  CHECK(second.server_name() == (renewed ? "renewed" : "server"));
  CHECK(echo(second.open(), "hello") == "hello");
}
