// resflow-replay: replays captures (recordings of a gateway's traffic) without network, and reports which outputs
// differ from the recording. It can also play the recorded clients to a running gateway, and convert HAR files to
// captures.
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "io/random_number.hpp"
#include "nodes/base/text_hash.hpp"
#include "tools/allocator.hpp"
#include "tools/replay/har.hpp"
#include "tools/replay/live_player.hpp"
#include "tools/replay/options.hpp"
#include "tools/replay/player.hpp"
#include "tools/replay/report.hpp"

namespace {

using namespace resflow::replay;

// The exit codes. kDifferent: an output differs from the recording. kUnsound: the capture or the command line is wrong.
enum Exit { kEqual = 0, kDifferent = 1, kUnsound = 2 };

void show_progress(double part) {
  constexpr int width = 40;
  std::fprintf(stderr, "\r[");
  for (int i = 0; i < width; ++i) std::fputc(i < part * width ? '#' : ' ', stderr);
  std::fprintf(stderr, "] %3.0f %%", part * 100);
  std::fflush(stderr);
}

PlayOptions play_options(const Options& o) {
  constexpr double us = 1e6;
  PlayOptions p;
  p.speed = o.speed;
  p.span.from = static_cast<std::int64_t>(o.from * us);
  if (o.to >= 0) p.span.to = static_cast<std::int64_t>(o.to * us);
  p.differences = o.differences;
  p.conns = o.conns;
  p.rids = o.rids;
  p.export_file = o.export_file;
  return p;
}

int replay(const Options& options) {
  const bool bar = !options.quiet && ::isatty(STDERR_FILENO) == 1;
  const Outcome outcome = play(options.files, play_options(options), [&](double part) {
    if (bar) show_progress(part);
  });
  if (bar) std::fprintf(stderr, "\r\033[K");
  for (const Difference& d : outcome.differences) std::printf("%s", to_text(d, outcome.registry).c_str());
  std::printf("%s", to_text(outcome).c_str());
  std::fflush(stdout);
  if (!outcome.cut_off.empty()) {
    std::fprintf(stderr, "resflow-replay: %s\n", outcome.cut_off.c_str());
    return kUnsound;
  }
  return outcome.different == 0 ? kEqual : kDifferent;
}

int play_to_gateway(const Options& options) {
  LiveOptions live;
  live.url = options.address;
  live.speed = options.speed_given ? options.speed : 1;
  live.allow_remote = options.allow_remote;
  const LiveOutcome outcome = play_live(options.files, live);
  std::printf("%s", to_text(outcome).c_str());
  return outcome.different == 0 && outcome.unanswered == 0 ? kEqual : kDifferent;
}

int import(const Options& options) {
  const std::size_t messages = import_har(options.har_file, options.export_file);
  std::printf("%zu messages in %s\n", messages, options.export_file.c_str());
  return kEqual;
}

int act(int argc, char** argv) {
  const CommandLine line = parse_command_line(argc, argv);
  switch (line.action) {
    case Action::help:
      std::printf("%s", usage().c_str());
      return 0;
    case Action::version:
      std::printf("resflow-replay  v" RESFLOW_VERSION "\n");
      return 0;
    case Action::play:
      return replay(line.options);
    case Action::play_to_gateway:
      return play_to_gateway(line.options);
    case Action::import_har:
      return import(line.options);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  resflow::use_huge_pages();
  try {
    resflow::seed_text_hash(resflow::random_number());
    return act(argc, argv);
  } catch (const std::exception& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "resflow-replay: %s\n", e.what());
    return kUnsound;
  }
}
