// ClientTrace: its log lines name the client, the direction and the content, and all messages pass through unchanged.
#include "io/capture/client_trace.hpp"

#include <catch2/catch.hpp>

#include "nodes/protocol/websocket.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

using Lines = std::vector<std::string>;

struct Port final : ClientPort {
  bool send(ConnId, std::span<const Frame> frames) override {
    if (!busy) sent += frames.size();
    return !busy;
  }
  void close(ConnId, const CloseReason& reason) override { closed = reason.text; }
  void accept(ConnId, const Headers& headers) override { accepted = headers.size(); }
  void respond(ConnId, const WebResponse& response) override { status = response.status; }
  void pause(ConnId) override { paused = true; }
  void resume(ConnId) override { paused = false; }

  bool busy = false;
  std::size_t sent = 0;
  std::string closed;
  std::size_t accepted = 0;
  unsigned status = 0;
  bool paused = false;
};

struct Lined final : LogPort {
  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel level, std::string_view text) override {
    CHECK(level == LogLevel::trace);
    lines.emplace_back(text);
  }
  Lines take() { return std::exchange(lines, {}); }

  Lines lines;
};

Frame text_frame(const std::string& text) {
  return std::make_shared<const std::string>(frame(Opcode::text, text));
}

struct Stage {
  Port port;
  Lined log;
  ClientTrace trace{port, log};

  bool send(ConnId conn, std::vector<Frame> frames) { return trace.send(conn, frames); }
  void connected(ConnId conn, const std::string& cid, const std::string& addr,
                 ClientKind kind = ClientKind::websocket) {
    trace.entered(ParseIn(Connected{conn, info(cid, addr, ""), kind}));
  }
  static ClientInfoPtr info(const std::string& cid, const std::string& addr, const std::string& uri) {
    return std::make_shared<const ClientInfo>(ClientFields{cid, "h", addr, uri, {}});
  }
};

constexpr ConnId kAnna{3, 1, 0};
constexpr ConnId kBert{0, 1, 0};

}  // namespace

TEST_CASE("client trace: a connection from its beginning to its end") {
  Stage s;
  s.connected(kAnna, "anna", "127.0.0.1:5000");
  s.connected(kBert, "bert", "[::1]:6000");
  s.trace.entered(ParseIn(ClientText{kAnna, R"({"id":1,"method":"version"})"}));
  CHECK(s.send(kAnna, {text_frame(R"({"result":{},"id":1})"), text_frame(R"({"event":"a.b.change","data":{}})")}));
  s.trace.close(kBert, CloseReason{1008, "slow consumer"});
  s.trace.entered(ParseIn(Disconnected{kBert}));
  CHECK(s.log.take() == Lines{"[anna] Connected: 127.0.0.1:5000", "[bert] Connected: [::1]:6000",
                              R"([anna] --> {"id":1,"method":"version"})", R"([anna] <-- {"result":{},"id":1})",
                              R"([anna] <<- {"event":"a.b.change","data":{}})", "[bert] Disconnecting - slow consumer",
                              "[bert] Disconnected"});
  CHECK(s.port.sent == 2);
  CHECK(s.port.closed == "slow consumer");
}

TEST_CASE("client trace: payloads of every length") {
  Stage s;
  s.connected(kAnna, "a", "");
  s.log.take();
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U}) {
    const std::string text(size, 'x');
    s.send(kAnna, {text_frame(text)});
    CHECK(s.log.take() == Lines{"[a] <-- " + text});
  }
  std::string compressed;
  append_frame_header(compressed, Opcode::text, 3, true);
  s.send(kAnna, {std::make_shared<const std::string>(compressed + "\x01\x02\x03")});
  CHECK(s.log.take() == Lines{"[a] <-- (compressed, 3 bytes)"});
}

TEST_CASE("client trace: what was refused has not been sent") {
  Stage s;
  s.connected(kAnna, "a", "");
  s.log.take();
  s.port.busy = true;
  CHECK_FALSE(s.send(kAnna, {text_frame("{}")}));
  CHECK(s.log.take().empty());
  s.port.busy = false;
  CHECK(s.send(kAnna, {text_frame("{}")}));
  CHECK(s.log.take() == Lines{"[a] <-- {}"});
}

TEST_CASE("client trace: nobody who is gone, or has taken another's place, is mistaken") {
  Stage s;
  s.connected(kAnna, "anna", "");
  s.trace.entered(ParseIn(Disconnected{kAnna}));
  const ConnId carl{kAnna.slot, kAnna.generation + 1, kAnna.lane};
  s.connected(carl, "carl", "");
  s.log.take();
  s.send(kAnna, {text_frame("{}")});
  s.trace.entered(ParseIn(ClientText{kAnna, "{}"}));
  s.trace.entered(ParseIn(Disconnected{kAnna}));
  s.trace.entered(ParseIn(ClientText{ConnId{99, 1, 0}, "{}"}));
  CHECK(s.log.take().empty());
  s.trace.entered(ParseIn(ClientText{carl, "{}"}));
  CHECK(s.log.take() == Lines{"[carl] --> {}"});
}

TEST_CASE("client trace: web requests, and connections that wait to be opened") {
  Stage s;
  s.trace.entered(ParseIn(WebRequest{kAnna, Stage::info("anna", "", "/api/a/set"), "POST", R"({"x":1})"}));
  s.trace.respond(kAnna, WebResponse{200, {}, R"({"y":2})"});
  s.trace.entered(ParseIn(Disconnected{kAnna}));
  s.connected(kBert, "bert", "127.0.0.1:5000", ClientKind::held);
  s.trace.accept(kBert, {{"Set-Cookie", "a=1"}});
  CHECK(s.log.take() == Lines{R"([anna] --> POST /api/a/set {"x":1})", R"([anna] <-- 200 {"y":2})",
                              "[bert] Connecting: 127.0.0.1:5000", "[bert] Connected"});
  CHECK(s.port.status == 200);
  CHECK(s.port.accepted == 1);
}
