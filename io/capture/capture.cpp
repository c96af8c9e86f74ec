#include "io/capture/capture.hpp"

#include <unistd.h>

#include <ctime>

#include "io/capture/capture_header.hpp"

namespace resflow {

namespace {

// Returns the current time in UTC. `format` is a format string of strftime().
std::string utc(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

StartedCapture start(const CaptureOptions& options, const std::string& path, bool redact, bool partial,
                     const PipelineOptions& pipeline, LogPort& log) {
  CaptureHeader header;
  header.by = "resflow " RESFLOW_VERSION;
  header.started = utc("%Y-%m-%dT%H:%M:%SZ");
  header.redacted = redact;
  header.partial = partial;
  header.options = pipeline;
  CaptureFileOptions file;
  file.path = path;
  file.part_bytes = options.part_bytes;
  file.part_age = std::chrono::seconds(options.part_seconds);
  file.keep_parts = options.keep_parts;
  auto capture = std::make_unique<RunningCapture>(file, header_members(header), redact, log);
  return {path, std::move(capture), redact};
}

}  // namespace

StartedCapture start_capture(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log) {
  return start(options, options.path, options.redact, false, pipeline, log);
}

// Starts a capture in a new file, whose name contains the time in seconds. If several captures begin in the same
// second, the second one has -2 in its file name, the third one has -3, and so on.
StartedCapture start_capture_on_demand(const CaptureOptions& options, const PipelineOptions& pipeline, LogPort& log) {
  constexpr int most = 1'000;
  const std::string stem = options.folder + "/resflow-" + utc("%Y%m%dT%H%M%SZ") + '-' + std::to_string(::getpid());
  for (int n = 1;; ++n) {
    try {
      return start(options, stem + (n == 1 ? "" : '-' + std::to_string(n)) + ".jsonl.gz", true, true, pipeline, log);
    } catch (const FileExists&) {
      if (n == most) throw;
    }
  }
}

}  // namespace resflow
