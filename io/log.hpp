// The log: lines on standard error through spdlog, in Resgate's style, `2026/01/31 12:00:00.000000 [INF] text`, or as
// JSON, `{"time":"2026-01-31T12:00:00.000000Z","level":"info","conn":"<connection id>","msg":"text"}` with the
// connection when the text begins with its id in brackets. A line is one line, whatever the text. Any thread. Counts
// what it was given, by level.
#pragma once

#include <spdlog/logger.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "io/log_format.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

class Log final : public LogPort {
 public:
  Log(bool debug, bool trace, LogFormat format = LogFormat::text);
  Log(bool debug, bool trace, LogFormat format, spdlog::sink_ptr sink);

  bool enabled(LogLevel level) const override;
  void log(LogLevel level, std::string_view text) override;

  std::uint64_t count(LogLevel level) const { return counts_[static_cast<std::size_t>(level)]; }

 private:
  bool debug_;
  bool trace_;
  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
  std::array<std::atomic<std::uint64_t>, 4> counts_{};
};

}  // namespace resflow
