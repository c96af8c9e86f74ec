// The parse node reads what clients send. It turns the text of a WebSocket message into a Request (RES-Client protocol,
// "Client JSONRPC" and "Request method"), and an HTTP API request into a WebTask (web_request.hpp). It has no state
// except its counters.
//
// Every text with a request id gets an answer: if anything else in it is wrong, the request gets the kind `invalid`,
// and the session node answers it with an error. A text without a readable id cannot be answered; it is counted, logged
// at debug level and dropped.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only.
#pragma once

#include <cstdint>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/protocol/web_options.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct ParseOut {
  std::vector<AdmitIn> admit;
};

class Parse {
 public:
  Parse(const WebOptions& web, LogPort& log) : web_(web), log_(log) {}

  void process(ParseIn&& message, ParseOut& out);

  std::uint64_t dropped() const { return counters_.dropped; }
  const ParseCounters& counters() const { return counters_; }

 private:
  void text(const ClientText& message, ParseOut& out);
  void web_request(WebRequest&& request, ParseOut& out);

  WebOptions web_;
  LogPort& log_;
  ParseCounters counters_;
};

}  // namespace resflow
