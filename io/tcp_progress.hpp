// How far a TCP connection has got with what was written to it, as the kernel tells. Pure but for that; any thread.
#pragma once

#include <cstdint>

namespace resflow {

struct TcpProgress {
  std::uint64_t acknowledged = 0;  // bytes, since the connection began
  bool outstanding = false;        // the peer has not got all
};

TcpProgress tcp_progress(int fd);

}  // namespace resflow
