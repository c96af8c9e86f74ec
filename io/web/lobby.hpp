// Keeps new sockets until their first bytes have come. These bytes decide how the connection starts, in two cases. A
// trusted proxy first sends the header of the PROXY protocol, which contains the client's address. On a TLS port, the
// first bytes show whether the client speaks TLS; a client that speaks plain HTTP gets an explanation. Only a few
// sockets leave the lobby in each iteration of the event loop, because a TLS handshake takes half a millisecond, and
// open connections must not wait for many handshakes. Only the thread of the web server's event loop may use this
// class.
#pragma once

#include <sys/socket.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/ip_address.hpp"
#include "io/uv_handle.hpp"

namespace resflow {

struct LobbyOptions {
  bool proxy_protocol = false;     // a trusted proxy must send the PROXY header first, or its socket is closed
  std::vector<IpNetwork> trusted;  // the trusted proxies; other peers are clients, and send no PROXY header
  bool tls = false;                // each client must begin with a TLS record, after the PROXY header if there is one
  std::uint64_t timeout_ms = 10'000;  // the lobby closes a socket that waits longer for its first bytes
};

class Lobby {
 public:
  // Why the lobby closed a socket. `ended`: clear() was called. `gone`: the peer has ended the connection. `late`: the
  // socket has waited for timeout_ms.
  enum class Refusal : std::uint8_t { ended, gone, late, no_proxy_header, plain_http, not_tls };
  // How the server has counted a socket in its limits per IP address (AddressLimits). The lobby does not use this. It
  // only keeps it with the socket, and passes it to `enter` or `refused`.
  struct Pass {
    std::uint32_t account = 0;
    bool counted = false;
    bool too_fast = false;
  };
  // The lobby calls this function when the first bytes from a socket have come, and are what the server expects: a
  // PROXY header, a complete TLS record, or both. The function takes over the socket. `client` is the address from the
  // PROXY header, or the address of the peer if no such header has come. Must not throw.
  using Enter = std::function<void(int fd, const sockaddr_storage& client, const Pass& pass)>;
  // The lobby calls this function after it has closed a socket. Must not throw.
  using Refused = std::function<void(Refusal why, const Pass& pass)>;

  // Throws std::runtime_error if epoll_create1() fails.
  Lobby(uv_loop_t* loop, LobbyOptions options, Enter enter, Refused refused);
  ~Lobby();
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  // Returns true if a socket of this peer has to wait in the lobby for its first bytes.
  bool is_for(const sockaddr_storage& peer) const;
  // Takes over a connected, non-blocking socket. The lobby later either hands the socket to `enter`, or closes it.
  void add(int fd, const sockaddr_storage& peer, const Pass& pass);
  std::size_t size() const { return guests_.size(); }
  // Closes all sockets that wait in the lobby.
  void clear();

 private:
  // A socket that waits in the lobby.
  struct Guest {
    sockaddr_storage client{};
    Pass pass;
    bool proxied = false;      // true: the lobby still waits for the header of the PROXY protocol
    int awaited = 1;           // the kernel reports the socket as readable when this many bytes have come
    std::uint64_t number = 0;  // distinguishes this socket from earlier sockets with the same file descriptor
  };

  void on_readable();
  void look_at(int fd, Guest& guest);
  bool take_proxy_header(int fd, Guest& guest);
  bool may_begin_tls(int fd, Guest& guest);
  bool wait_for(int fd, Guest& guest, std::size_t bytes, std::size_t available);
  static void be_readable_at(int fd, Guest& guest, int bytes);
  void enter(int fd);
  void refuse(int fd, Refusal why);
  void explain(int fd);
  void on_tick();

  uv_loop_t* loop_;
  const LobbyOptions options_;
  Enter enter_;
  Refused refused_;
  int epoll_ = -1;
  std::unordered_map<int, Guest> guests_;  // the sockets that wait in the lobby, by file descriptor
  std::uint64_t numbers_ = 0;
  struct Deadline {
    std::uint64_t at;
    int fd;
    std::uint64_t number;
  };
  std::deque<Deadline> deadlines_;  // earliest first; includes sockets that have left the lobby already
  UvHandle<uv_poll_t> poll_;
  UvHandle<uv_timer_t> timer_;
};

}  // namespace resflow
