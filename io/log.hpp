// The log of the gateway. Writes one line per call to standard error, through spdlog. There are two formats:
//
// - text, as Resgate writes it: `2026/01/31 12:00:00.000000 [INF] text`
// - JSON: `{"time":"2026-01-31T12:00:00.000000Z","level":"info","conn":"<connection id>","msg":"text"}`. The object has
// "conn" only if the text begins with a connection id in brackets.
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
  // `debug`, `trace`: whether the log writes messages of these levels. Each of the two can be on without the other. The
  // log always writes errors and infos.
  Log(bool debug, bool trace, LogFormat format = LogFormat::text);
  Log(bool debug, bool trace, LogFormat format, spdlog::sink_ptr sink);

  bool enabled(LogLevel level) const override;
  void log(LogLevel level, std::string_view text) override;

  // Returns how often log() was called with this level. This includes calls that wrote nothing because the level is
  // off.
  std::uint64_t count(LogLevel level) const { return counts_[static_cast<std::size_t>(level)]; }

 private:
  bool debug_;
  bool trace_;
  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
  std::array<std::atomic<std::uint64_t>, 4> counts_{};
};

}  // namespace resflow
