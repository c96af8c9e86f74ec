#include "io/web/lobby.hpp"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "io/web/proxy_header.hpp"

namespace resflow {
namespace {

// The lobby keeps new sockets until their first bytes have come. In one iteration of the event loop, it reads from at
// most this many sockets.
constexpr int kPerIteration = 8;
constexpr std::uint64_t kTickMilliseconds = 250;

// The header of a TLS record: type (1 byte), version (2 bytes), length (2 bytes) (RFC 8446, section 5.1).
constexpr std::size_t kRecordHeader = 5;
constexpr unsigned char kHandshake = 22;
constexpr std::size_t kMaxRecord = (1 << 14) + 256;

// The answer to plain HTTP on a TLS port: the same text as that of Go's HTTP server. Users know this text from Resgate,
// the gateway that resflow replaces.
constexpr std::string_view kPlainHttp =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    "Client sent an HTTP request to an HTTPS server.\n";

// Returns the first bytes that wait in the socket, at most `size`, without removing them from the socket.
std::string_view peek(int fd, char* buffer, std::size_t size) {
  const ssize_t n = ::recv(fd, buffer, size, MSG_PEEK | MSG_DONTWAIT);
  return {buffer, n > 0 ? static_cast<std::size_t>(n) : 0};
}

std::size_t available_bytes(int fd) {
  int available = 0;
  return ::ioctl(fd, FIONREAD, &available) == 0 && available > 0 ? static_cast<std::size_t>(available) : 0;
}

bool begins_like_http(std::string_view bytes) {
  return !bytes.empty() && bytes[0] >= 'A' && bytes[0] <= 'Z';
}

}  // namespace

Lobby::Lobby(uv_loop_t* loop, LobbyOptions options, Enter enter, Refused refused)
    : loop_(loop), options_(std::move(options)), enter_(std::move(enter)), refused_(std::move(refused)) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) throw std::runtime_error("cannot make an epoll instance");
  poll_ = make_uv_handle<uv_poll_t>(this, [&](uv_poll_t* handle) { return uv_poll_init(loop, handle, epoll_); });
  timer_ = make_uv_handle<uv_timer_t>(this, [&](uv_timer_t* handle) { return uv_timer_init(loop, handle); });
  uv_poll_start(poll_.get(), UV_READABLE,
                [](uv_poll_t* poll, int, int) { static_cast<Lobby*>(poll->data)->on_readable(); });
}

Lobby::~Lobby() {
  clear();
  timer_.reset();
  poll_.reset();
  ::close(epoll_);
}

bool Lobby::is_for(const sockaddr_storage& peer) const {
  return options_.tls || (options_.proxy_protocol && any_contains(options_.trusted, IpAddress::of(peer)));
}

void Lobby::add(int fd, const sockaddr_storage& peer, const Pass& pass) {
  const bool proxied = options_.proxy_protocol && any_contains(options_.trusted, IpAddress::of(peer));
  guests_.insert_or_assign(fd, Guest{peer, pass, proxied, 1, ++numbers_});
  deadlines_.push_back({uv_now(loop_) + options_.timeout_ms, fd, numbers_});
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return refuse(fd, Refusal::gone);
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(timer_.get())) == 0) {
    uv_timer_start(
        timer_.get(), [](uv_timer_t* timer) { static_cast<Lobby*>(timer->data)->on_tick(); }, kTickMilliseconds,
        kTickMilliseconds);
  }
}

void Lobby::clear() {
  while (!guests_.empty()) refuse(guests_.begin()->first, Refusal::ended);
}

// Checks the first bytes of up to kPerIteration readable sockets. The other sockets stay readable until the next
// iteration of the loop.
void Lobby::on_readable() {
  std::array<epoll_event, kPerIteration> events{};
  const int n = ::epoll_wait(epoll_, events.data(), kPerIteration, 0);
  for (int i = 0; i < n; ++i) {
    const int fd = events[static_cast<std::size_t>(i)].data.fd;
    const auto guest = guests_.find(fd);
    if (guest != guests_.end()) look_at(fd, guest->second);
  }
}

void Lobby::look_at(int fd, Guest& guest) {
  if (guest.proxied && !take_proxy_header(fd, guest)) return;
  if (options_.tls && !may_begin_tls(fd, guest)) return;
  enter(fd);
}

// Reads the PROXY header from the socket, and stores the client's address that the header contains. Returns true if the
// lobby can go on with this socket now. Returns false if more bytes must come first, or if the socket was closed.
bool Lobby::take_proxy_header(int fd, Guest& guest) {
  std::array<char, kMaxProxyHeader> buffer;
  const std::string_view bytes = peek(fd, buffer.data(), buffer.size());
  if (bytes.empty()) {
    refuse(fd, Refusal::gone);
    return false;
  }
  const ProxyHeaderResult result = parse_proxy_header(bytes);
  if (const auto* needs = std::get_if<ProxyHeaderNeeds>(&result))
    return wait_for(fd, guest, needs->bytes, bytes.size());
  const auto* header = std::get_if<ProxyHeader>(&result);
  if (header == nullptr || ::recv(fd, buffer.data(), header->size, MSG_DONTWAIT) < 0) {
    refuse(fd, Refusal::no_proxy_header);
    return false;
  }
  if (header->client) guest.client = *header->client;
  guest.proxied = false;
  be_readable_at(fd, guest, 1);
  return !options_.tls || available_bytes(fd) > 0;
}

// Returns true if the client's first TLS record has come completely, so that the TLS handshake can begin. Returns false
// if more bytes must come first, or if the socket was closed. A socket with an incomplete record stays in the lobby,
// because the lobby limits how many costly handshakes start in one iteration of the loop. Outside the lobby there is no
// such limit.
bool Lobby::may_begin_tls(int fd, Guest& guest) {
  std::array<char, kRecordHeader> buffer;
  const std::string_view bytes = peek(fd, buffer.data(), buffer.size());
  if (bytes.empty()) {
    refuse(fd, Refusal::gone);
    return false;
  }
  if (static_cast<unsigned char>(bytes[0]) != kHandshake) {
    refuse(fd, begins_like_http(bytes) ? Refusal::plain_http : Refusal::not_tls);
    return false;
  }
  if (bytes.size() < kRecordHeader) return wait_for(fd, guest, kRecordHeader, bytes.size());
  const std::size_t length =
      std::size_t{static_cast<unsigned char>(bytes[3])} << 8U | static_cast<unsigned char>(bytes[4]);
  if (length > kMaxRecord) {
    refuse(fd, Refusal::not_tls);
    return false;
  }
  return wait_for(fd, guest, kRecordHeader + length, available_bytes(fd));
}

// Returns true if `bytes` bytes have come. Otherwise returns false, and tells the kernel to report the socket as
// readable only when that many bytes have come (SO_RCVLOWAT). After that, the kernel reports a socket with fewer bytes
// only if the peer has ended the connection. So if bytes are still missing at a second call with the same number, the
// socket is closed.
bool Lobby::wait_for(int fd, Guest& guest, std::size_t bytes, std::size_t available) {
  const bool there = available >= bytes;
  const int wanted = there ? 1 : static_cast<int>(bytes);
  if (!there && guest.awaited == wanted) {
    refuse(fd, Refusal::gone);
    return false;
  }
  be_readable_at(fd, guest, wanted);
  return there;
}

void Lobby::be_readable_at(int fd, Guest& guest, int bytes) {
  if (std::exchange(guest.awaited, bytes) == bytes) return;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

void Lobby::enter(int fd) {
  const auto guest = guests_.find(fd);
  const Guest entering = guest->second;
  guests_.erase(guest);
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  enter_(fd, entering.client, entering.pass);
}

void Lobby::refuse(int fd, Refusal why) {
  const auto guest = guests_.find(fd);
  const Pass pass = guest->second.pass;
  guests_.erase(guest);
  if (why == Refusal::plain_http) explain(fd);
  ::close(fd);
  refused_(why, pass);
}

// Called for a client that speaks plain HTTP on a TLS port. Sends it a response that says so. Then discards what the
// client has sent: if the socket were closed with unread bytes, the kernel would reset the connection, and the client
// could lose the response.
void Lobby::explain(int fd) {
  std::array<char, 16 * 1024> buffer;
  ::send(fd, kPlainHttp.data(), kPlainHttp.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  while (::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) == static_cast<ssize_t>(buffer.size())) continue;
}

void Lobby::on_tick() {
  const std::uint64_t now = uv_now(loop_);
  while (!deadlines_.empty() && deadlines_.front().at <= now) {
    const Deadline due = deadlines_.front();
    deadlines_.pop_front();
    const auto guest = guests_.find(due.fd);
    if (guest != guests_.end() && guest->second.number == due.number) refuse(due.fd, Refusal::late);
  }
  if (deadlines_.empty()) uv_timer_stop(timer_.get());
}

}  // namespace resflow
