// A budget for the decompression of WebSocket messages. It protects a lane (one thread of the gateway), because a
// compressed kilobyte can become a megabyte. When the lane has decompressed as many bytes as the budget has, it must
// first process these messages. Then the whole budget is available again. All clients of a lane share the budget, and
// one client may use an eighth of it. MessageReader uses this class. No I/O; only one thread at a time may use an
// object.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // Makes the whole budget available again. WebServer calls this, through MessageReader, at the start of an iteration
  // of its event loop. By then, the lane has processed the messages that it has decompressed before.
  void renew() { spent_ = 0; }
  // Starts to count the bytes of another client. This client may use an eighth of the budget.
  void begin_client() { spent_by_client_ = 0; }
  // Records that a message of `bytes` bytes (after decompression) was decompressed for the current client. The size is
  // known only then, so the last message may exceed the budget.
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
