// The web server of the gateway with nothing behind it: it sends every WebSocket message back as text, and answers
// every web request with what it was, so that a client sees how its bytes were understood. It listens on 127.0.0.1, on
// a plain port, and on one for TLS if it is given a certificate. SIGTERM ends it.
//
//   resflow_echo_server [CERTIFICATE_FILE KEY_FILE]
//
// Exit code: 0 after SIGTERM, 1 if it cannot start or connections are left at the end, 2 if the command line is wrong.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/event_loop.hpp"
#include "io/tls/server_tls.hpp"
#include "io/web/web_server.hpp"
#include "nodes/protocol/websocket.hpp"

namespace {

using namespace resflow;

constexpr std::uint64_t kEndMs = 10'000;   // for the clients that are still there at SIGTERM
constexpr std::uint64_t kLateMs = 60'000;  // for what a client has to send; no case comes near it
constexpr std::size_t kMaxMessage = 16 << 20;

// Keeps frames that the server refuses while a socket is busy, as the node write does.
class EchoSink final : public ClientSink {
 public:
  void connected(Connected client) override { outboxes_[client.conn]; }

  void frame(ConnId conn, std::string text) override {
    outboxes_[conn].push_back(std::make_shared<const std::string>(resflow::frame(Opcode::text, text)));
    writable(conn);
  }

  void request(WebRequest request) override {
    std::string body = request.method + ' ' + std::string(request.info->uri()) + ' ' + request.body;
    server->respond(request.conn, {200, {{"Content-Type", "text/plain"}}, std::move(body)});
  }

  void disconnected(ConnId conn) override { outboxes_.erase(conn); }

  void writable(ConnId conn) override {
    std::vector<Frame>& outbox = outboxes_[conn];
    if (!outbox.empty() && server->send(conn, outbox)) outbox.clear();
  }

  WebServer* server = nullptr;

 private:
  std::unordered_map<ConnId, std::vector<Frame>> outboxes_;
};

struct Echo {
  Echo(uv_loop_t* loop, ServerTls* tls) : server(loop, options(tls), sink) { sink.server = &server; }

  static WebServerOptions options(ServerTls* tls) {
    WebServerOptions options;
    options.addr = "127.0.0.1";
    options.port = 0;
    options.ws_path = "/ws";
    options.compression = true;
    options.max_message_size = kMaxMessage;
    options.request_timeout_ms = kLateMs;
    options.message_timeout_ms = kLateMs;
    options.close_timeout_ms = kLateMs;
    options.tls = tls;
    return options;
  }

  EchoSink sink;
  WebServer server;
};

// Runs until SIGTERM, and then until all connections are closed. Returns false if some are not.
bool serve(EventLoop& loop, std::vector<std::unique_ptr<Echo>>& echoes) {
  bool closed = false;
  loop.on_signals({SIGTERM}, [&](int) {
    for (const auto& echo : echoes) {
      echo->server.stop_listening();
      echo->server.close_all({close_code::kGoingAway, "the server ends"});
    }
    const auto all_closed = [&] {
      closed = std::all_of(echoes.begin(), echoes.end(),
                           [](const auto& echo) { return echo->server.connection_count() == 0; });
      return closed;
    };
    loop.end_when(all_closed, kEndMs);
  });
  loop.run();
  return closed;
}

int run(const char* cert, const char* key) {
  EventLoop loop;
  std::unique_ptr<ServerTls> tls;
  std::vector<std::unique_ptr<Echo>> echoes;
  echoes.push_back(std::make_unique<Echo>(loop.uv(), nullptr));
  std::printf("Plain port %u\n", unsigned{echoes.back()->server.port()});
  if (cert != nullptr) {
    tls = std::make_unique<ServerTls>(cert, key);
    echoes.push_back(std::make_unique<Echo>(loop.uv(), tls.get()));
    std::printf("TLS port %u\n", unsigned{echoes.back()->server.port()});
  }
  std::printf("Ready\n");
  std::fflush(stdout);
  return serve(loop, echoes) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 1 && argc != 3) {
    std::fprintf(stderr, "Usage: %s [CERTIFICATE_FILE KEY_FILE]\n", argv[0]);
    return 2;
  }
  try {
    return run(argc == 3 ? argv[1] : nullptr, argc == 3 ? argv[2] : nullptr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "resflow_echo_server: %s\n", error.what());
    return 1;
  }
}
