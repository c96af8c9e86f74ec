// The type of message that travels along every edge of the TBB flow graph: a pointer to a vector of messages. A node
// fills the vector, and the edge carries the pointer to the receiver. oneTBB copies what travels along an edge, and
// never moves it. So oneTBB copies only the pointer, not the messages.
//
// The sender owns the vector, and the receiver moves the messages out of it. In the flow graph of a lane (one of the
// gateway's parallel threads), the receiver runs on the sender's thread, within the sender's call of try_put() (see
// Stage). So the sender cannot change the vector while the receiver reads it. Used on the lane's thread only.
#pragma once

#include <vector>

namespace resflow {

template <typename T>
struct Batch {
  std::vector<T>* messages = nullptr;
};

}  // namespace resflow
