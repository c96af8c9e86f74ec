// The options of a pipeline (all nodes of the gateway, in all its lanes). They decide how the pipeline behaves: with
// the same options and the same input, it always gives the same output. The options are set at start, and are only read
// after that. No I/O and no shared state.
#pragma once

#include <cstddef>

#include "nodes/limits.hpp"
#include "nodes/protocol/web_options.hpp"

namespace resflow {

struct PipelineOptions {
  std::size_t lanes = 1;
  AdmitLimits admit;
  SessionLimits session;
  AskLimits ask;
  CacheLimits cache;
  WriteLimits write;
  WebOptions web;
};

}  // namespace resflow
