// The id of a client's request: a number that the client chooses, and that the answer repeats. The object also contains
// the kind of the request and its time of arrival, because statistics need both when the request is answered. Plain
// data; any thread may use it.
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
  web,  // a web request, which has no number of its own: RequestId::number has no meaning
  count_
};

struct RequestId {
  RequestId(std::uint64_t n = 0) : number(n) {}
  operator std::uint64_t() const { return number; }

  std::uint64_t number;
  Nanos arrived = 0;  // the time of arrival; 0: not measured
  RequestKind kind = RequestKind::invalid;
};

}  // namespace resflow
