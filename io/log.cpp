#include "io/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>

#include "io/one_line.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow {

namespace {

constexpr std::array<std::string_view, 4> kTags{"[ERR] ", "[INF] ", "[DBG] ", "[TRC] "};
constexpr std::array<std::string_view, 4> kNames{"error", "info", "debug", "trace"};

// Returns the id of a client connection, if the log text begins with this id in brackets, as in `[<id>] text`.
// Otherwise returns an empty text.
std::string_view leading_id(std::string_view text) {
  constexpr std::size_t shortest = 16;  // characters; a shorter word in brackets is not a connection id
  constexpr std::size_t longest = 64;
  const std::size_t end = text.substr(0, longest + 3).find("] ");
  if (end == std::string_view::npos || end <= shortest || text.front() != '[') return {};
  const std::string_view id = text.substr(1, end - 1);
  const auto id_char = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
  return std::all_of(id.begin(), id.end(), id_char) ? id : std::string_view();
}

// Returns the members of a JSON log line, except "time", which spdlog writes in front of them.
std::string members(LogLevel level, std::string_view text) {
  std::string out(R"("level":")");
  out.append(kNames[static_cast<std::size_t>(level)]).append("\",");
  const std::string_view id = leading_id(text);
  if (!id.empty()) {
    out.append(R"("conn":")").append(id).append("\",");
    text.remove_prefix(id.size() + 3);
  }
  out += R"("msg":)";
  json::append_string(out, well_formed(text));
  return out;
}

}  // namespace

Log::Log(bool debug, bool trace, LogFormat format)
    : Log(debug, trace, format, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

Log::Log(bool debug, bool trace, LogFormat format, spdlog::sink_ptr sink)
    : debug_(debug),
      trace_(trace),
      format_(format),
      logger_(std::make_shared<spdlog::logger>("resflow", std::move(sink))) {
  // Lets spdlog write every message: enabled() has already decided which messages are logged. spdlog cannot decide
  // this, since its level trace includes debug. In this log, trace can be on without debug.
  logger_->set_level(spdlog::level::trace);
  if (format == LogFormat::json) {
    logger_->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})", spdlog::pattern_time_type::utc);
  } else {
    logger_->set_pattern("%Y/%m/%d %H:%M:%S.%f %v");
  }
}

bool Log::enabled(LogLevel level) const {
  if (level == LogLevel::debug) return debug_;
  if (level == LogLevel::trace) return trace_;
  return true;
}

void Log::log(LogLevel level, std::string_view text) {
  const auto index = static_cast<std::size_t>(level);
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  if (!enabled(level)) return;
  if (format_ == LogFormat::json) {
    logger_->info(members(level, text));
  } else {
    logger_->info("{}{}", kTags[index], one_line(text));
  }
}

}  // namespace resflow
