// The id of a client's request, which its answer has too. With it travels what statistics want to know of the request
// when it is answered; to everybody else it is the number. Pure value; any thread.
#pragma once

#include <cstdint>

#include "nodes/base/time.hpp"

namespace resflow {

enum class RequestKind : std::uint8_t {
  invalid,
  version,
  subscribe,
  unsubscribe,
  get,
  call,
  auth,
  create,
  web,  // a web request, whose id is of no meaning
  count_
};

struct RequestId {
  RequestId(std::uint64_t n = 0) : number(n) {}
  operator std::uint64_t() const { return number; }

  std::uint64_t number;
  Nanos arrived = 0;
  RequestKind kind = RequestKind::invalid;
};

}  // namespace resflow
