// Messages on their way through the flow graph: what a node has put out at one port, as it stands in the sender's own
// vector. oneTBB copies what it passes on and never moves it, so the handle is what is copied, and no message is.
//
// Owned by the sender, who puts it and finds its messages taken apart when the put returns: the graph of a lane runs
// where something is put (see Stage), so the vector is not touched meanwhile. Used on the lane's thread only.
#pragma once

#include <vector>

namespace resflow {

template <typename T>
struct Batch {
  std::vector<T>* messages = nullptr;
};

}  // namespace resflow
