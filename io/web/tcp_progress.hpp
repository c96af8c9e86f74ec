// How far a TCP connection has got with what was written to it, as the kernel tells. Pure but for that; any thread.
#pragma once

#include <cstdint>

namespace resflow {

struct TcpProgress {
  std::uint64_t acknowledged = 0;  // bytes, since the connection began
  std::uint64_t waiting = 0;       // bytes that the kernel keeps because the peer has not got them
  bool gone = false;               // the connection is at its end: the peer has reset it, or is out of reach
};

TcpProgress tcp_progress(int fd);

}  // namespace resflow
