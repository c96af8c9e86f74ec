// A TCP relay for tests. It stands between a client and a server, and can hold back what they send.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace resflow::test {

class Relay {
 public:
  explicit Relay(std::uint16_t server_port) {
    sockaddr_in addr = loopback(0);
    socklen_t size = sizeof addr;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&addr), size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&addr), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port = ntohs(addr.sin_port);
    thread_ = std::thread([this, server_port] { run(server_port); });
  }
  ~Relay() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Passes on only so many more bytes from the server, and holds back the rest.
  void keep_back_after(std::size_t bytes) { allowed_ = static_cast<std::int64_t>(bytes); }
  void let_go() { allowed_ = kAll; }
  // Closes the stream to the client.
  void hang_up() { hang_up_ = true; }
  // Reads nothing more from the client.
  void ignore_client() { ignoring_ = true; }
  bool keeps_back() const { return kept_ > 0; }

  // Returns true if the relay has released its bytes after kPatience because the test could not do so any more.
  bool gave_up() const { return gave_up_; }

  std::uint16_t port = 0;

 private:
  static constexpr std::int64_t kAll = INT64_MAX;
  static constexpr std::chrono::seconds kPatience{20};

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(port);
    return addr;
  }

  static bool readable(int fd) {
    pollfd poll{fd, POLLIN, 0};
    return ::poll(&poll, 1, 1) > 0;
  }

  static std::string read(int fd) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  static void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  void run(std::uint16_t server_port) {
    while (!stop_ && !readable(listener_)) continue;
    if (stop_) return;
    const int client = ::accept(listener_, nullptr, nullptr);
    const int at_once = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in addr = loopback(server_port);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&addr), sizeof addr) == 0) {
      while (!stop_ && pass(client, server)) continue;
    }
    ::close(client);
    ::close(server);
  }

  // Passes bytes on in both directions. Returns false at the end of either stream.
  bool pass(int client, int server) {
    if (!ignoring_ && readable(client)) {
      const std::string bytes = read(client);
      if (bytes.empty()) return false;
      send_all(server, bytes);
    }
    if (readable(server)) {
      const std::string bytes = read(server);
      if (bytes.empty()) return false;
      if (allowed_ != kAll && held_.empty()) held_since_ = std::chrono::steady_clock::now();
      held_ += bytes;
    }
    if (!held_.empty() && allowed_ != kAll && std::chrono::steady_clock::now() - held_since_ > kPatience) {
      gave_up_ = true;
      allowed_ = kAll;
    }
    std::int64_t allowed = allowed_;
    const std::size_t size = std::min(held_.size(), static_cast<std::size_t>(allowed));
    send_all(client, std::string_view(held_).substr(0, size));
    held_.erase(0, size);
    if (allowed != kAll) allowed_.compare_exchange_strong(allowed, allowed - static_cast<std::int64_t>(size));
    kept_ = held_.size();
    if (hang_up_.exchange(false)) ::shutdown(client, SHUT_WR);
    return true;
  }

  int listener_ = -1;
  std::string held_;
  std::chrono::steady_clock::time_point held_since_;
  std::atomic<std::int64_t> allowed_ = kAll;
  std::atomic<std::size_t> kept_ = 0;
  std::atomic<bool> hang_up_ = false;
  std::atomic<bool> ignoring_ = false;
  std::atomic<bool> gave_up_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace resflow::test
