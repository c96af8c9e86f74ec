// The parse node reads what clients send. It turns the text of a WebSocket message into a Request (RES-Client protocol,
// "Client JSONRPC" and "Request method"), and a web request into a WebTask (web_request.hpp). It has no state except
// its counters.
//
// A text without a readable id cannot be answered: parse counts it, logs it at debug level and drops it. A request with
// an id and any other fault gets the kind `invalid`, and session answers it with the error. So no client waits for an
// answer in vain.
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
