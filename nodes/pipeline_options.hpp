// The options of the pipeline (all nodes of the gateway, in all its lanes). With the same options and the same input,
// the pipeline always gives the same output. The options are set at start and never change. Plain data.
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
