#include "tests/nodes/tutorial/tally.hpp"

#include <algorithm>

namespace resflow {

void Tally::process(EncodeIn&& message, TallyOut& out) {
  if (const auto* delivery = std::get_if<Delivery>(&message)) count(*delivery);
  out.encode.push_back(std::move(message));
}

void Tally::count(const Delivery& delivery) {
  const std::string name(delivery.rid->name());
  if (deliveries_.size() < kMaxNames || deliveries_.contains(name)) {
    deliveries_[name] += delivery.to.size();
  } else {
    others_ += delivery.to.size();
  }
}

std::vector<std::pair<std::string, std::uint64_t>> Tally::busiest(std::size_t count) const {
  std::vector<std::pair<std::string, std::uint64_t>> all(deliveries_.begin(), deliveries_.end());
  const auto more = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  std::sort(all.begin(), all.end(), more);
  all.resize(std::min(count, all.size()));
  return all;
}

}  // namespace resflow
