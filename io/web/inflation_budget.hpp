// How many bytes compressed messages may become: so many until the pipeline has taken what there is, for all clients of
// a lane, and an eighth of that for one of them. A kilobyte on the wire can be a megabyte. Pure; one thread.
#pragma once

#include <cstddef>

namespace resflow {

class InflationBudget {
 public:
  explicit InflationBudget(std::size_t bytes) : bytes_(bytes) {}

  // The pipeline has taken all that was given to it.
  void begin_turn() { turn_ = 0; }
  // The bytes of another client are being read.
  void begin_client() { client_ = 0; }
  // A message was expanded to so many bytes. The last one may go beyond the bound.
  void spend(std::size_t bytes) {
    turn_ += bytes;
    client_ += bytes;
  }

  bool is_spent() const { return turn_ >= bytes_; }
  bool is_spent_by_client() const { return is_spent() || client_ >= bytes_ / kShares; }

 private:
  static constexpr std::size_t kShares = 8;

  std::size_t bytes_;
  std::size_t turn_ = 0;
  std::size_t client_ = 0;
};

}  // namespace resflow
