// parse: the text of a client's message -> a typed request (RES-Client protocol, "Client JSONRPC" and "Request
// method"); a web request -> what it wants (web_request.hpp). Stateless but for its counters. Pure; one instance a
// lane, called by that lane only.
//
// A text from which no id can be read cannot be answered: it is counted, logged at debug level and dropped. Anything
// else wrong with it becomes a request of kind invalid, which is answered with its error, so no client waits in vain.
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
