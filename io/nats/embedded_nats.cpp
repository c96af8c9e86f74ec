#include "io/nats/embedded_nats.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace resflow {

namespace {

constexpr std::string_view kProgram = "nats-server";
constexpr std::int64_t kStartMs = 10'000;
constexpr std::int64_t kStopMs = 3'000;
constexpr std::size_t kMaxLine = 4'096;  // bytes; a longer line of the server's log is logged in pieces

// Returns the path of the program nats-server. Throws std::runtime_error if the program is not installed.
std::string program() {
  const char* path = std::getenv("PATH");
  std::string file = find_program(kProgram, path == nullptr ? "" : path);
  if (!file.empty()) return file;
  throw std::runtime_error(
      "nats embedded needs nats-server, and there is none on the PATH (Debian has it in the package nats-server)");
}

// Returns the part of the line after `mark`; nullopt if `mark` is not in the line.
std::optional<std::string_view> behind(std::string_view mark, std::string_view line) {
  const std::size_t found = line.find(mark);
  if (found == std::string_view::npos) return std::nullopt;
  return line.substr(found + mark.size());
}

}  // namespace

// Starts nats-server and waits until it is ready. The option -p -1 makes it choose a free port. -T=false leaves out the
// time in its log lines, since the gateway's log adds the time.
EmbeddedNats::EmbeddedNats(uv_loop_t* loop, LogPort& log)
    : log_(log), server_(program(), {"-a", "127.0.0.1", "-p", "-1", "-T=false"}) {
  await_start();
  log_.log(LogLevel::info, "Started a NATS server for services at " + url_);
  poll_ = make_uv_handle<uv_poll_t>(this, [&](uv_poll_t* h) { return uv_poll_init(loop, h, server_.output()); });
  uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* h, int, int) {
    auto& self = *static_cast<EmbeddedNats*>(h->data);
    if (!self.read()) self.poll_ = nullptr;
  });
}

// Ends the server. If the server has already ended by itself, logs why. It has ended if it has closed the pipe to which
// it writes its output. A server that ends closes this pipe before its connections. So even if the gateway ends because
// it has just lost its NATS connection, this function finds the pipe closed.
EmbeddedNats::~EmbeddedNats() {
  const bool died = !poll_ || !read();
  poll_ = nullptr;
  server_.end(kStopMs);
  if (!died) return;
  log_.log(LogLevel::error, "The embedded nats-server ended by itself (" + *server_.ended() + "): " + last_line_);
}

void EmbeddedNats::await_start() {
  using std::chrono::steady_clock;
  const auto limit = steady_clock::now() + std::chrono::milliseconds(kStartMs);
  while (!ready_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit - steady_clock::now()).count();
    pollfd output{server_.output(), POLLIN, 0};
    if (left <= 0 || ::poll(&output, 1, static_cast<int>(left)) == 0) {
      throw std::runtime_error("the embedded nats-server does not start: " + last_line_);
    }
    if (read() || ready_) continue;
    server_.end(kStopMs);
    throw std::runtime_error("the embedded nats-server did not start (" + *server_.ended() + "): " + last_line_);
  }
}

// Reads all output that the server has written so far. Returns false if the server has closed its output.
bool EmbeddedNats::read() {
  std::array<char, kMaxLine> part{};
  ssize_t size = 0;
  while ((size = ::read(server_.output(), part.data(), part.size())) > 0) {
    text_.append(part.data(), static_cast<std::size_t>(size));
    for (std::size_t end = 0; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1)) {
      take_line(std::string_view(text_).substr(0, end));
    }
    if (text_.size() > kMaxLine) take_line(std::exchange(text_, {}));
  }
  return size < 0;
}

// Copies a line of the server's log, such as `[pid] [INF] text`, to the gateway's log. If the line contains the
// server's address, stores the address in url_. If the line says that the server is ready, sets ready_.
void EmbeddedNats::take_line(std::string_view line) {
  constexpr std::string_view listening = "Listening for client connections on ";
  if (const auto place = behind(listening, line)) url_ = std::string("nats://").append(*place);
  if (behind("Server is ready", line)) ready_ = true;
  const bool complaint = behind("[WRN] ", line) || behind("[ERR] ", line) || behind("[FTL] ", line);
  last_line_ = line;
  log_.log(complaint ? LogLevel::error : LogLevel::debug, std::string("nats-server: ").append(line));
}

}  // namespace resflow
