// The options that decide how a pipeline, that is, the nodes of all lanes together, behaves. A pipeline with the same
// options and the same input always does the same. Set at start, then only read. Pure.
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
