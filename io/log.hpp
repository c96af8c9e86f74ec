// The log: lines on standard error in Resgate's style, `2026/01/31 12:00:00.000000 [INF] text`, through spdlog. Any
// thread. Counts what it was given, by level.
#pragma once

#include <spdlog/logger.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "nodes/ports.hpp"

namespace resflow {

class Log final : public LogPort {
 public:
  Log(bool debug, bool trace);

  bool enabled(LogLevel level) const override;
  void log(LogLevel level, std::string_view text) override;

  std::uint64_t count(LogLevel level) const { return counts_[static_cast<std::size_t>(level)]; }

 private:
  bool debug_;
  bool trace_;
  std::shared_ptr<spdlog::logger> logger_;
  std::array<std::atomic<std::uint64_t>, 4> counts_{};
};

}  // namespace resflow
