// WebServer with compressed messages (RFC 7692): negotiation, decompression, limits, and sending.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "io/web/deflate.hpp"
#include "io/web/web_server.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;
using namespace std::string_literals;

namespace {

constexpr int kFin = 0x80;
constexpr int kRsv1 = 0x40;

WebServerOptions compressing() {
  WebServerOptions options = loopback();
  options.compression = true;
  return options;
}

// Opens a WebSocket with this offer. Returns the server's answer to it, or "[nothing]".
std::string open(Client& client, const std::string& offer) {
  std::string request = Client::handshake_request();
  request.insert(request.size() - 2, "Sec-WebSocket-Extensions: " + offer + "\r\n");
  client.send(request);
  const std::string head = client.read_head();
  REQUIRE(head.starts_with("HTTP/1.1 101 "));
  const std::string name = "Sec-WebSocket-Extensions: ";
  const std::size_t at = head.find(name);
  if (at == std::string::npos) return "[nothing]";
  return head.substr(at + name.size(), head.find("\r\n", at) - at - name.size());
}

std::string frame_of(int first, std::string_view payload) {
  std::string out = Client::text(payload);
  out[0] = static_cast<char>(first);
  return out;
}

std::string compressed(std::string_view text, int opcode = 1) {
  static Deflater deflater;
  return frame_of(kFin | kRsv1 | opcode, deflater.compress(text));
}

// A text message, decompressed if necessary, and whether it was compressed.
struct Received {
  bool compressed = false;
  std::string text;
  bool operator==(const Received&) const = default;
};

Received read(Client& client) {
  const ReceivedFrame frame = client.read_frame();
  Received out{frame.compressed, {}};
  if (!frame.compressed) {
    out.text = frame.payload;
  } else {
    Inflater inflater;
    REQUIRE(inflater.expand(frame.payload, 10 << 20, out.text) == Inflater::Result::done);
  }
  return out;
}

}  // namespace

TEST_CASE("Compression: is agreed on when it is offered, and wanted", "[compression]") {
  const std::string offer = "permessage-deflate; client_max_window_bits";
  const std::string answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  {
    TestServer server(compressing());
    Client client(server.port);
    CHECK(open(client, offer) == answer);
    Client picky(server.port);
    CHECK(open(picky, "permessage-deflate; server_max_window_bits=9") == "[nothing]");
    Client plain(server.port);
    plain.open().send(compressed("unasked"));
    CHECK(plain.read_close() == "1002 reserved bit set");
  }
  TestServer server;
  Client client(server.port);
  CHECK(open(client, offer) == "[nothing]");
}

TEST_CASE("Compression: messages both ways, compressed or not", "[compression]") {
  TestServer server(compressing());
  Client client(server.port);
  open(client, "permessage-deflate");
  const std::string large(300'000, 'x');
  client.send(compressed("short") + compressed(large) + Client::text("plain") + Client::text(large));
  client.send(compressed("binary", 2) + compressed("") + Client::masked(Opcode::ping, "p"));
  CHECK(read(client) == Received{false, "short"});
  CHECK(read(client) == Received{true, large});
  CHECK(read(client) == Received{false, "plain"});
  CHECK(read(client) == Received{true, large});
  CHECK(read(client) == Received{false, "binary"});
  CHECK(read(client) == Received{false, ""});
  const ReceivedFrame pong = client.read_frame();
  CHECK((pong.opcode == 10 && !pong.compressed && pong.payload == "p"));
}

TEST_CASE("Compression: a message in fragments", "[compression]") {
  TestServer server(compressing());
  Client client(server.port);
  open(client, "permessage-deflate");
  Deflater deflater;
  const std::string text(1'000, 'f');
  const std::string payload(deflater.compress(text));
  std::string stream = frame_of(kRsv1 | 1, payload.substr(0, 1));
  for (std::size_t i = 1; i < payload.size(); ++i) {
    stream += frame_of(0, payload.substr(i, 1)) + Client::masked(Opcode::ping, "");
  }
  for (const char byte : stream + frame_of(kFin, "")) client.send({&byte, 1});
  for (std::size_t i = 1; i < payload.size(); ++i) CHECK(client.read_frame().opcode == 10);
  CHECK(read(client) == Received{true, text});
}

TEST_CASE("Compression: what is wrong with a message ends its connection only", "[compression]") {
  TestServer server(compressing());
  Client good(server.port);
  open(good, "permessage-deflate");
  Client bad(server.port);
  open(bad, "permessage-deflate");
  std::string expected;
  SECTION("a bomb") {
    const std::string bomb = compressed(std::string(100'000'000, 'x'));
    REQUIRE(bomb.size() < 1 << 20);
    bad.send(bomb);
    expected = "1009 message too big";
  }
  SECTION("one byte too many") {
    bad.send(compressed(std::string((1 << 20) + 1, 'x')));
    expected = "1009 message too big";
  }
  SECTION("corrupt") {
    bad.send(frame_of(kFin | kRsv1 | 1, "\xFF\xFF\xFF\xFF"));
    expected = "1007 compressed message is corrupt";
  }
  SECTION("cut off") {
    Deflater deflater;
    const std::string payload(deflater.compress(std::string(1'000, 'x')));
    bad.send(frame_of(kFin | kRsv1 | 1, payload.substr(0, payload.size() / 2)));
    expected = "1007 compressed message is corrupt";
  }
  SECTION("not UTF-8") {
    bad.send(compressed("\xFF"));
    expected = "1007 message is not UTF-8";
  }
  SECTION("not UTF-8, as binary") {
    bad.send(compressed("\xFF", 2));
    expected = "1007 message is not UTF-8";
  }
  SECTION("a compressed control frame") {
    bad.send(frame_of(kFin | kRsv1 | 9, "x"));
    expected = "1002 reserved bit set";
  }
  bad.send(compressed("ignored"));
  CHECK(bad.read_close() == expected);
  CHECK(bad.at_end());
  bad.disconnect();
  CHECK(server.wait_for_disconnects(1));
  good.send(compressed(std::string(1 << 20, 'x')));
  CHECK(read(good) == Received{true, std::string(1 << 20, 'x')});
}

TEST_CASE("Compression: what goes to many is compressed once", "[compression]") {
  TestServer server(compressing());
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) open(clients.emplace_back(server.port), "permessage-deflate");
  Client plain(server.port);
  plain.open();
  const std::string text(10'000, 'x');
  const Frame frame = std::make_shared<const std::string>(resflow::frame(Opcode::text, text));
  const Frame other = std::make_shared<const std::string>(resflow::frame(Opcode::text, text + "y"));
  REQUIRE(server.sink.wait([&] { return server.sink.ids.size() == 21; }));
  for (int turn = 1; turn <= 3; ++turn) {
    server.call([&] {
      for (const ConnId id : server.sink.ids) server.server->send(id, std::vector<Frame>{frame, other, frame});
    });
    for (Client& client : clients) {
      CHECK(read(client) == Received{true, text});
      CHECK(read(client) == Received{true, text + "y"});
      CHECK(read(client) == Received{true, text});
    }
    for (int i = 0; i < 3; ++i) CHECK_FALSE(read(plain).compressed);
    CHECK(server.call([&] { return server.server->counters().compressions; }) == 2U * static_cast<unsigned>(turn));
  }
  // The server releases the frames at the end of the turn.
  CHECK(server.call([&] { return frame.use_count(); }) == 1);
}

TEST_CASE("Compression: a slow reader gets everything in order", "[compression]") {
  TestServer server(compressing());
  Client client(server.port, 4096);
  open(client, "permessage-deflate");
  client.send(compressed("noise 300 100000"));
  REQUIRE(server.sink.wait([&] { return server.sink.refused > 0; }));
  for (int i = 0; i < 300; ++i) {
    const Received received = read(client);
    REQUIRE(received.text.size() > 100'000);
    REQUIRE(received.text.substr(0, received.text.find(' ')) == std::to_string(i));
  }
}

// A kilobyte on the wire becomes a megabyte. Messages beyond the budget of a turn stay compressed until the next turn,
// and later messages do not overtake them.
TEST_CASE("Compression: messages beyond the budget of a turn wait for the next one, in order", "[compression]") {
  TestServer server(compressing());
  std::vector<Client> clients;
  for (int i = 0; i < 12; ++i) {
    open(clients.emplace_back(server.port), "permessage-deflate");
    std::string bytes;
    for (int k = 0; k < 4; ++k) bytes += compressed(std::to_string(k) + std::string(1'000'000, 'x'));
    bytes += Client::text("plain") + Client::masked(Opcode::ping, "p") + compressed("last");
    clients.back().send(bytes);
  }
  for (Client& client : clients) {
    std::vector<std::string> got;
    for (int k = 0; k < 7; ++k) {
      const ReceivedFrame frame = client.read_frame();
      std::string text = frame.payload;
      if (frame.compressed) {
        text.clear();
        Inflater inflater;
        REQUIRE(inflater.expand(frame.payload, 10 << 20, text) == Inflater::Result::done);
      }
      got.push_back(text.substr(0, 5));
    }
    const auto pong = std::find(got.begin(), got.end(), "p");
    REQUIRE(pong != got.end());
    got.erase(pong);
    CHECK(got == std::vector<std::string>{"0xxxx", "1xxxx", "2xxxx", "3xxxx", "plain", "last"});
  }
}

TEST_CASE("Compression: a close frame waits behind messages that wait", "[compression]") {
  TestServer server(compressing());
  Client client(server.port);
  open(client, "permessage-deflate");
  std::string bytes;
  for (int k = 0; k < 3; ++k) bytes += compressed(std::to_string(k) + std::string(1'000'000, 'x'));
  client.send(bytes + Client::masked(Opcode::close, "\x0F\xA0"));
  for (int k = 0; k < 3; ++k) CHECK(client.read_frame().compressed);
  CHECK(client.read_close() == "4000 ");
  CHECK(client.at_end());
}
