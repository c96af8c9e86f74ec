// Limits how many bytes a lane (one thread of the gateway) decompresses before it processes the decompressed WebSocket
// messages. Without this limit, clients could overload a lane with little data, because a compressed kilobyte can
// become a megabyte. When the messages are processed, renew() makes the whole budget available again. All clients of a
// lane share the budget, and one client may use an eighth of it. MessageReader uses this class. No I/O; only one thread
// at a time may use an object.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // Makes the whole budget available again. WebServer calls this, through MessageReader, at the start of an iteration
  // of its event loop. By then, the lane has processed the messages that it has decompressed before.
  void renew() { spent_ = 0; }
  // Tells the budget that the next spend() calls are for another client. This client may use an eighth of the budget.
  void begin_client() { spent_by_client_ = 0; }
  // Records that a message was decompressed for the current client. `bytes` is its size after decompression. This size
  // is not known before, so the last message may exceed the budget.
  void spend(std::size_t bytes) {
    spent_ += bytes;
    spent_by_client_ += bytes;
  }

  // Returns true if the lane must not decompress any more messages before the next renew().
  bool is_spent() const { return spent_ >= bytes_; }
  // Returns true if the lane must not decompress any more messages of the current client.
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
