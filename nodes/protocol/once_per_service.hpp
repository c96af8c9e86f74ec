// What is said in the log once for each service, however often it happens. Bounded: of more than kMaxServices services
// nothing is said. Pure; its owner calls it.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace resflow {

// The service that a resource name belongs to (RES protocol, "Services"): its first part.
inline std::string_view service_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

class OncePerService {
 public:
  static constexpr std::size_t kMaxServices = 1'000;

  // True the first time for the service of that resource name.
  bool first(std::string_view name) {
    const std::string_view service = service_of(name);
    if (known_.contains(service) || known_.size() == kMaxServices) return false;
    known_.emplace(service);
    return true;
  }

 private:
  std::set<std::string, std::less<>> known_;
};

}  // namespace resflow
