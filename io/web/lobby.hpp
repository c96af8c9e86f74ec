// Keeps accepted sockets until their first bytes have come, if these bytes decide how the connection starts. The header
// of the PROXY protocol names the client, and on a TLS port a client that speaks plain HTTP gets an explanation. Only a
// few sockets leave the lobby in each iteration of the loop: a TLS handshake costs half a millisecond, and open
// connections must not wait for a crowd of new ones. The web server uses it. Loop thread only.
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
  bool proxy_protocol = false;        // trusted proxies must begin with its header; a proxy that does not is closed
  std::vector<IpNetwork> trusted;     // the trusted proxies; other peers are clients, and send no header
  bool tls = false;                   // the bytes behind the header must begin with a TLS record
  std::uint64_t timeout_ms = 10'000;  // how long the first bytes may take
};

class Lobby {
 public:
  // Why a socket was closed in the lobby. `ended`: by clear(). `gone`: the peer has ended the connection. `late`:
  // timeout_ms is over.
  enum class Refusal : std::uint8_t { ended, gone, late, no_proxy_header, plain_http, not_tls };
  // How the server has counted the socket's address. The lobby only keeps this for the callbacks.
  struct Pass {
    std::uint32_t account = 0;
    bool counted = false;
    bool too_fast = false;
  };
  // Takes over a socket whose first bytes are in order. `client` is the address that the proxy named, or the peer's.
  // Must not throw.
  using Enter = std::function<void(int fd, const sockaddr_storage& client, const Pass& pass)>;
  // Called after a socket was closed in the lobby. Must not throw.
  using Refused = std::function<void(Refusal why, const Pass& pass)>;

  // Throws std::runtime_error.
  Lobby(uv_loop_t* loop, LobbyOptions options, Enter enter, Refused refused);
  ~Lobby();
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  // Returns true if a socket of that peer has to wait here.
  bool is_for(const sockaddr_storage& peer) const;
  // Takes over a connected, non-blocking socket, until it enters or is refused.
  void add(int fd, const sockaddr_storage& peer, const Pass& pass);
  std::size_t size() const { return guests_.size(); }
  // Closes all sockets.
  void clear();

 private:
  struct Guest {
    sockaddr_storage client{};
    Pass pass;
    bool proxied = false;      // the header of the PROXY protocol is still awaited
    int awaited = 1;           // how many bytes must be there before the socket becomes readable
    std::uint64_t number = 0;  // tells apart sockets that had the same fd
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
  std::unordered_map<int, Guest> guests_;  // by file descriptor
  std::uint64_t numbers_ = 0;
  struct Deadline {
    std::uint64_t at;
    int fd;
    std::uint64_t number;
  };
  std::deque<Deadline> deadlines_;  // earliest first; may contain sockets that have left
  UvHandle<uv_poll_t> poll_;
  UvHandle<uv_timer_t> timer_;
};

}  // namespace resflow
