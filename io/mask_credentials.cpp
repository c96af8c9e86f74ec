#include "io/mask_credentials.hpp"

namespace resflow {

std::string mask_credentials(std::string text) {
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    const std::size_t scheme = text.rfind("://", at);
    const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
    text.replace(start, at - start, "***");
    at = start + 3;
  }
  return text;
}

}  // namespace resflow
