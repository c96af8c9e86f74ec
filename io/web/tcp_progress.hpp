// Asks the kernel how many bytes the peer of a TCP connection has acknowledged, and how many it has not acknowledged
// yet. Keeps no state; any thread may use it.
#pragma once

#include <cstdint>

namespace resflow {

struct TcpProgress {
  std::uint64_t acknowledged = 0;  // bytes that the peer has acknowledged since the connection began
  std::uint64_t waiting = 0;       // bytes that the kernel keeps, because the peer has not acknowledged them yet
  bool gone = false;               // the connection has ended: the peer has reset it, or is out of reach
};

TcpProgress tcp_progress(int fd);

}  // namespace resflow
