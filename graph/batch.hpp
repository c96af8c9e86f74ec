// A Batch is what travels along every edge of the TBB flow graph: a pointer to a vector of messages. oneTBB copies
// whatever travels along an edge. So it copies only this pointer, not the messages.
//
// The sender owns the vector, and the receiver moves the messages out of it. The receiver runs on the sender's thread,
// while the sender waits in its call of try_put() (see Stage). So the sender cannot change the vector while the
// receiver reads it. Used only on the thread of the lane (one of the gateway's parallel threads) that owns the graph.
#pragma once

#include <vector>

namespace resflow {

template <typename T>
struct Batch {
  std::vector<T>* messages = nullptr;
};

}  // namespace resflow
