// Limits how many bytes compressed messages may expand to before the lane takes its next turn. There is one limit for
// all clients of a lane, and an eighth of it for one client. The reason is that a kilobyte on the wire can expand to a
// megabyte. The web server calls it. Pure; one thread.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // The lane has taken all messages that it was given.
  void renew() { turn_ = 0; }
  // The bytes of another client are going to be read.
  void begin_client() { client_ = 0; }
  // A message was expanded to so many bytes. The last message may exceed the limit.
  void spend(std::size_t bytes) {
    turn_ += bytes;
    client_ += bytes;
  }

  bool is_spent() const { return turn_ >= bytes_; }
  // Returns true if no more may be expanded for the current client.
  bool is_spent_by_client() const { return is_spent() || client_ >= bytes_ / kShares; }

 private:
  static constexpr std::size_t kShares = 8;

  std::size_t bytes_;
  std::size_t turn_ = 0;
  std::size_t client_ = 0;
};

}  // namespace resflow
