// A WebSocket client for tests, on a blocking socket, plain or with TLS. A test controls every byte and packet.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "nodes/protocol/websocket.hpp"

namespace resflow::test {

// Keeps a broken test from hanging. No correct test takes that long.
inline constexpr std::chrono::seconds kPatience{60};

struct ReceivedFrame {
  int opcode = -1;  // -1 at the end of the stream
  std::string payload;
  bool compressed = false;
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval timeout{kPatience.count(), 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(port);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&addr), sizeof addr) == 0);
  }
  ~Client() { disconnect(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        ssl_(std::exchange(other.ssl_, nullptr)),
        unread_(std::move(other.unread_)) {}

  // Starts TLS. `session` is a session to resume, or null. Returns false if the handshake fails.
  bool start_tls(SSL_CTX* context, SSL_SESSION* session = nullptr, const char* server_name = "localhost") {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    SSL_set_tlsext_host_name(ssl_, server_name);
    if (session != nullptr) SSL_set_session(ssl_, session);
    return SSL_connect(ssl_) == 1;
  }
  SSL* ssl() { return ssl_; }

  std::uint16_t local_port() const {
    sockaddr_in addr{};
    socklen_t size = sizeof addr;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&addr), &size);
    return ntohs(addr.sin_port);
  }

  static std::string handshake_request(std::string_view target = "/") {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Test: 1\r\nX-Test: 2\r\n\r\n";
  }

  static std::string masked(Opcode op, std::string_view payload) {
    std::string out = resflow::frame(op, payload);
    out[1] = static_cast<char>(static_cast<unsigned char>(out[1]) | 0x80);
    const std::string mask = "\x12\x34\x56\x78";
    const std::size_t header = out.size() - payload.size();
    for (std::size_t i = 0; i < payload.size(); ++i) out[header + i] = static_cast<char>(out[header + i] ^ mask[i % 4]);
    return out.insert(header, mask);
  }
  static std::string text(std::string_view payload) { return masked(Opcode::text, payload); }

  Client& open() {
    send(handshake_request());
    REQUIRE(read_head().starts_with("HTTP/1.1 101 "));
    return *this;
  }

  // Returns false if the peer has not taken all bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                        : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  std::string read_head() {
    std::size_t end;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return std::exchange(unread_, {});
    }
    return take(end + 4);
  }

  // Returns the head of a response, followed by its body if Content-Length announces one. Empty at the end of the
  // stream. Use `with_body` false for a response that has no body, as to HEAD.
  std::string read_response(bool with_body = true) {
    std::string head = read_head();
    const std::size_t length = head.find("\r\nContent-Length: ");
    if (length == std::string::npos || !with_body) return head;
    const std::size_t size = std::stoul(head.substr(length + 18));
    return need(size) ? head + take(size) : head + "cut off";
  }

  std::string read_all() {
    while (fill()) continue;
    return std::exchange(unread_, {});
  }

  ReceivedFrame read_frame() {
    if (!need(2)) return {};
    std::size_t header = 2;
    std::size_t size = static_cast<unsigned char>(unread_[1]);
    const std::size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (extended > 0) {
      header += extended;
      if (!need(header)) return {};
      size = 0;
      for (std::size_t i = 2; i < header; ++i) size = size << 8 | static_cast<unsigned char>(unread_[i]);
    }
    if (!need(header + size)) return {};
    const int opcode = unread_[0] & 0x0F;
    const bool compressed = (unread_[0] & 0x40) != 0;
    return {opcode, take(header + size).substr(header), compressed};
  }

  // Returns the payload of a text message. For another frame, returns "[opcode] payload".
  std::string read_text() {
    const ReceivedFrame frame = read_frame();
    if (frame.opcode == 1) return frame.payload;
    return "[" + std::to_string(frame.opcode) + "] " + frame.payload;
  }

  // Returns the code and reason of a close frame.
  std::string read_close() {
    const ReceivedFrame frame = read_frame();
    if (frame.opcode != 8) return "[" + std::to_string(frame.opcode) + "]";
    if (frame.payload.size() < 2) return "";
    const int code = static_cast<unsigned char>(frame.payload[0]) << 8 | static_cast<unsigned char>(frame.payload[1]);
    return std::to_string(code) + " " + frame.payload.substr(2);
  }

  // Returns how many bytes have come since the last call, or 0 at the end of the stream.
  std::size_t read_some() {
    if (unread_.empty() && !fill()) return 0;
    return std::exchange(unread_, {}).size();
  }

  bool at_end() { return unread_.empty() && !fill(); }

  void reset() {
    const linger abort{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    disconnect();
  }
  // Sends nothing more, but can still receive.
  void end_output() { ::shutdown(fd_, SHUT_WR); }
  void disconnect() {
    SSL_free(std::exchange(ssl_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  bool fill() {
    char buffer[65536];
    const ssize_t n = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) unread_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  bool need(std::size_t n) {
    while (unread_.size() < n) {
      if (!fill()) return false;
    }
    return true;
  }
  std::string take(std::size_t n) {
    std::string out = unread_.substr(0, n);
    unread_.erase(0, n);
    return out;
  }

  int fd_ = -1;
  SSL* ssl_ = nullptr;
  std::string unread_;
};

}  // namespace resflow::test
