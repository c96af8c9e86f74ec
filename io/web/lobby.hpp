// Where accepted sockets wait for their first bytes, if those say what is to become of them: the header of the PROXY
// protocol says who the client is, and where TLS is spoken, plain HTTP gets a word of explanation. A few leave in each
// turn of the loop: a TLS handshake costs half a millisecond, and those who are inside shall not wait for a crowd.
// Loop thread only.
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
  bool proxy_protocol = false;        // trusted proxies begin with its header; who does not is closed
  std::vector<IpNetwork> trusted;     // others are clients themselves, and their bytes are their own
  bool tls = false;                   // the bytes behind it must begin with a TLS record
  std::uint64_t timeout_ms = 10'000;  // to begin
};

class Lobby {
 public:
  // Why a socket was closed here.
  enum class Refusal : std::uint8_t { ended, gone, late, no_proxy_header, plain_http, not_tls };
  // What is known of a socket's address already. The lobby only keeps it.
  struct Pass {
    std::uint32_t ticket = 0;
    bool counted = false;
    bool too_fast = false;
  };
  // Takes the socket, whose client is told of by its proxy, or is its peer. Must not throw.
  using Enter = std::function<void(int fd, const sockaddr_storage& client, const Pass& pass)>;
  // One was closed. Must not throw.
  using Refused = std::function<void(Refusal why, const Pass& pass)>;

  // Throws std::runtime_error.
  Lobby(uv_loop_t* loop, LobbyOptions options, Enter enter, Refused refused);
  ~Lobby();
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  // Whether a socket of that peer has to wait here at all.
  bool is_for(const sockaddr_storage& peer) const;
  // A connected socket, non-blocking; it is the lobby's until it enters.
  void add(int fd, const sockaddr_storage& peer, const Pass& pass);
  std::size_t size() const { return guests_.size(); }
  // Closes all.
  void clear();

 private:
  struct Guest {
    sockaddr_storage client{};
    Pass pass;
    bool proxied = false;  // the header of the PROXY protocol is awaited
    int awaited = 1;       // bytes below which the socket is not readable
    std::uint64_t number = 0;
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
  std::unordered_map<int, Guest> guests_;  // by file
  std::uint64_t numbers_ = 0;
  struct Deadline {
    std::uint64_t at;
    int fd;
    std::uint64_t number;
  };
  std::deque<Deadline> deadlines_;  // the first one first; also of those who have left
  UvHandle<uv_poll_t> poll_;
  UvHandle<uv_timer_t> timer_;
};

}  // namespace resflow
