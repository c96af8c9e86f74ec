// What decides how a pipeline behaves: with the same options and the same input it does the same. Set at start, read by
// many; pure.
#pragma once

#include <cstddef>

#include "nodes/admit.hpp"
#include "nodes/ask.hpp"
#include "nodes/merge_limits.hpp"
#include "nodes/session.hpp"
#include "nodes/web_options.hpp"
#include "nodes/write.hpp"

namespace resflow {

struct PipelineOptions {
  std::size_t lanes = 1;
  AdmitLimits admit;
  SessionLimits session;
  AskLimits ask;
  MergeLimits merge;
  WriteLimits write;
  WebOptions web;
};

}  // namespace resflow
