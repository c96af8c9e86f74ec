// The log of the gateway. Each call of log() writes one line to standard error, through spdlog. There are two formats:
//
// - text: `2026/01/31 12:00:00.000000 [INF] text`
// - JSON: `{"time":"2026-01-31T12:00:00.000000Z","level":"info","conn":"<connection id>","msg":"text"}`.
// "conn" is there only if the logged text begins with the id of a client connection in brackets.
//
// The log escapes line ends in the text, so a text never makes more than one line. Any thread.
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
  // `debug` and `trace` say whether the log writes messages of these levels. The two are independent. The log always
  // writes messages of the levels error and info.
  Log(bool debug, bool trace, LogFormat format = LogFormat::text);
  Log(bool debug, bool trace, LogFormat format, spdlog::sink_ptr sink);

  bool enabled(LogLevel level) const override;
  void log(LogLevel level, std::string_view text) override;

  // Returns how often log() was called with this level. Calls that wrote nothing, because the level is off, count too.
  std::uint64_t count(LogLevel level) const { return counts_[static_cast<std::size_t>(level)]; }

 private:
  bool debug_;
  bool trace_;
  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
  std::array<std::atomic<std::uint64_t>, 4> counts_{};
};

}  // namespace resflow
