#include "io/web/tcp_progress.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace resflow {

namespace {

constexpr std::uint8_t kClosed = 7;  // TCP_CLOSE of <netinet/tcp.h>, a header that conflicts with <linux/tcp.h>

}  // namespace

TcpProgress tcp_progress(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  int waiting = 0;
  if (ioctl(fd, SIOCOUTQ, &waiting) != 0) waiting = 0;
  return {info.tcpi_bytes_acked, static_cast<std::uint64_t>(waiting), info.tcpi_state == kClosed};
}

}  // namespace resflow
