// Limits how many bytes compressed messages may expand to before the lane takes its next turn, because a kilobyte on
// the wire can expand to a megabyte. There is one limit for all clients of a lane, and an eighth of it for one client.
// MessageReader uses this class. Pure; one thread.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // Makes the whole budget available again. WebServer calls this, through MessageReader, at the start of each loop
  // iteration in which NextIteration runs. By then, the lane has had a turn for the messages that were expanded before.
  // When bytes have to wait for the budget, MessageReader makes NextIteration run.
  void renew() { spent_ = 0; }
  // Makes the whole share of one client available. MessageReader calls this before it reads bytes of a client.
  void begin_client() { spent_by_client_ = 0; }
  // Takes `bytes` from the budget, and from the share of the current client. The caller calls this after a message was
  // expanded to that many bytes, so the message that uses up the budget may exceed it.
  void spend(std::size_t bytes) {
    spent_ += bytes;
    spent_by_client_ += bytes;
  }

  // Returns true if no more may be expanded for any client.
  bool is_spent() const { return spent_ >= bytes_; }
  // Returns true if no more may be expanded for the current client.
  bool is_spent_by_client() const { return is_spent() || spent_by_client_ >= bytes_ / kShares; }

 private:
  static constexpr std::size_t kShares = 8;

  std::size_t bytes_;
  // Bytes that were expanded since renew().
  std::size_t spent_ = 0;
  // Bytes that were expanded since begin_client().
  std::size_t spent_by_client_ = 0;
};

}  // namespace resflow
