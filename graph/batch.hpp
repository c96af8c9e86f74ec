// The message type on every edge of the TBB flow graph: a pointer to the vector of messages that a node has put into
// one of its outputs. oneTBB copies every value that it passes along an edge, and never moves a value. With a Batch,
// oneTBB copies only the pointer, and no message.
//
// The sender owns the vector. The receiver moves the messages out of the vector before the sender's put returns: in the
// flow graph of a lane (one of the gateway's parallel threads), a receiver runs at once, on the same thread (see
// Stage). So nobody changes the vector while the receiver reads it. Used on the lane's thread only.
#pragma once

#include <vector>

namespace resflow {

template <typename T>
struct Batch {
  std::vector<T>* messages = nullptr;
};

}  // namespace resflow
