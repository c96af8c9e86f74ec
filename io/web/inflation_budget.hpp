// Limits how many bytes a lane (one thread of the gateway) decompresses before it processes the messages that it has
// decompressed, because a kilobyte on the wire can become a megabyte. There is one limit for all clients of a lane, and
// an eighth of it for one client. MessageReader uses this class. No I/O; only one thread at a time may use an object.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // Makes the whole budget available again. WebServer calls this, through MessageReader, at the start of an iteration
  // of its event loop. By then, the lane has processed the messages that it decompressed in earlier iterations. When
  // bytes have to wait for the budget, MessageReader makes sure that such an iteration follows (NextIteration).
  void renew() { spent_ = 0; }
  // Makes a whole share (an eighth of the budget) available to the client whose bytes MessageReader reads next.
  void begin_client() { spent_by_client_ = 0; }
  // Takes `bytes` from the budget, and from the share of the current client. The caller calls this after it has
  // decompressed a message of that many bytes. So the last message may exceed the budget.
  void spend(std::size_t bytes) {
    spent_ += bytes;
    spent_by_client_ += bytes;
  }

  // Returns true if nothing more may be decompressed for any client.
  bool is_spent() const { return spent_ >= bytes_; }
  // Returns true if nothing more may be decompressed for the current client.
  bool is_spent_by_client() const { return is_spent() || spent_by_client_ >= bytes_ / kShares; }

 private:
  static constexpr std::size_t kShares = 8;

  std::size_t bytes_;
  // Bytes that were decompressed since renew().
  std::size_t spent_ = 0;
  // Bytes that were decompressed since begin_client().
  std::size_t spent_by_client_ = 0;
};

}  // namespace resflow
