// The id of a client's request, which its answer repeats. It also carries the kind and the time of arrival of the
// request, for statistics that are made when the request is answered. All other code uses it as a number. Pure value;
// any thread.
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
  web,  // a web request; its number has no meaning
  count_
};

struct RequestId {
  RequestId(std::uint64_t n = 0) : number(n) {}
  operator std::uint64_t() const { return number; }

  std::uint64_t number;
  Nanos arrived = 0;  // 0: not measured
  RequestKind kind = RequestKind::invalid;
};

}  // namespace resflow
