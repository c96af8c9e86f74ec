// tally: which resources have the most events? Passes on whatever session sends to clients, and counts the deliveries
// by resource name on the way. The node that nodes/README.md writes.
//
// No I/O; one instance a lane, called by that lane only. Bound: kMaxNames names; events of others are counted together.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nodes/base/text_hash.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct TallyOut {
  std::vector<EncodeIn> encode;
};

class Tally {
 public:
  static constexpr std::size_t kMaxNames = 1'000;

  void process(EncodeIn&& message, TallyOut& out);

  // The names with the most deliveries, most first.
  std::vector<std::pair<std::string, std::uint64_t>> busiest(std::size_t count) const;
  std::uint64_t others() const { return others_; }

 private:
  void count(const Delivery& delivery);

  std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>> deliveries_;
  std::uint64_t others_ = 0;
};

}  // namespace resflow
