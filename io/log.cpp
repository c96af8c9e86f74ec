#include "io/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>

namespace resflow {

namespace {

constexpr std::array<std::string_view, 4> kTags{"[ERR] ", "[INF] ", "[DBG] ", "[TRC] "};

}  // namespace

Log::Log(bool debug, bool trace)
    : debug_(debug),
      trace_(trace),
      logger_(std::make_shared<spdlog::logger>("resflow", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  // spdlog has no trace below debug that can be had alone, so the levels are ours and it writes all it is given.
  logger_->set_level(spdlog::level::trace);
  logger_->set_pattern("%Y/%m/%d %H:%M:%S.%f %v");
}

bool Log::enabled(LogLevel level) const {
  if (level == LogLevel::debug) return debug_;
  if (level == LogLevel::trace) return trace_;
  return true;
}

void Log::log(LogLevel level, std::string_view text) {
  const auto index = static_cast<std::size_t>(level);
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  if (enabled(level)) logger_->info("{}{}", kTags[index], text);
}

}  // namespace resflow
