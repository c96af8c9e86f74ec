// Makes sure that a warning is logged only once per service, however often its cause occurs. Remembers at most
// kMaxServices services; after that, a new service causes no warning at all. No I/O; only the owner of an instance
// calls it.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace resflow {

// Returns the name of the service that a resource name belongs to: its first part (RES protocol, "Services").
inline std::string_view service_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

class OncePerService {
 public:
  static constexpr std::size_t kMaxServices = 1'000;

  // Returns true on the first call for the service of this resource name, that is, if a warning should be logged now.
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
