#include "tools/replay/player.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "graph/wiring.hpp"
#include "io/capture/capture_file.hpp"
#include "io/capture/lane_capture.hpp"
#include "tools/replay/selective_player.hpp"

namespace resflow::replay {

namespace {

using Clock = std::chrono::steady_clock;

class QuietLog final : public LogPort {
 public:
  bool enabled(LogLevel) const override { return false; }
  void log(LogLevel, std::string_view) override {}
};

// The log for the object that writes a new capture of the replay (--export). Keeps only the newest error. An error
// means that the new capture is incomplete; so if there is one, the replay fails with it.
class ExportLog final : public LogPort {
 public:
  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (level == LogLevel::error) error_ = text;
  }
  std::string error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  std::string error_;
};

// One lane of the replay with its player. `recorder` writes the new capture; it is null without --export.
struct PlayedLane {
  std::unique_ptr<Selection> selection;
  std::unique_ptr<LanePlayer> player;
  std::unique_ptr<LaneCapture> recorder;
  std::unique_ptr<Lane> lane;
  std::thread thread;
  std::atomic<bool> done = false;
};

std::shared_ptr<RunningCapture> start_export(const PlayOptions& options, const CaptureHeader& header, LogPort& log) {
  if (options.export_file.empty()) return nullptr;
  CaptureFileOptions file;
  file.path = options.export_file;
  CaptureHeader whole = header;
  whole.partial = false;
  return std::make_shared<RunningCapture>(file, header_members(whole), false, log);
}

// Throws if the capture began while the gateway was already at work. Such a capture lacks the state from before, so a
// replay of it would give other outputs.
void refuse_partial(const CaptureHeader& header) {
  if (!header.partial) return;
  throw CaptureError(
      "the capture began when the gateway was at work, so what was there before is not in it: it cannot be compared; "
      "play its clients to a gateway (--to ws://...), or export connections that begin in it (--conn, --export)");
}

[[noreturn]] void refuse_unmet(const std::string& name) {
  throw CaptureError("there is nothing of " + name + " in the capture");
}

class Play {
 public:
  Play(std::unique_ptr<CaptureReader> reader, const PlayOptions& options)
      : options_(options), script_(std::move(reader)) {
    refuse_partial(script_.header());
    export_ = start_export(options_, script_.header(), export_log_);
    const std::size_t count = script_.header().options.lanes;
    for (std::size_t i = 0; i < count; ++i) add_lane(static_cast<LaneId>(i));
    std::vector<Lane*> all;
    for (const auto& l : lanes_) all.push_back(l->lane.get());
    for (Lane* lane : all) lane->meet(all);
  }

  Outcome run(const std::function<void(double)>& progress) {
    began_ = Clock::now();
    for (const auto& l : lanes_) {
      l->thread = std::thread([this, lane = l.get()] { run_lane(*lane); });
    }
    watch(progress);
    for (const auto& l : lanes_) l->thread.join();
    return outcome();
  }

 private:
  void add_lane(LaneId id) {
    auto l = std::make_unique<PlayedLane>();
    if (!options_.conns.empty() || !options_.rids.empty()) {
      l->selection = std::make_unique<Selection>(options_.conns, options_.rids, script_.header().options.web);
    }
    l->player = std::make_unique<LanePlayer>(script_, id, options_.span, l->selection.get(), options_.differences);
    if (options_.speed > 0) l->player->pace([this](std::int64_t us) { wait_for(us); });
    ClientPort* clients = l->player.get();
    ServicePort* services = l->player.get();
    if (export_) {
      l->recorder = std::make_unique<LaneCapture>(id, *clients, *services, [p = l->player.get()] { return p->us(); });
      l->recorder->start(export_);
      clients = l->recorder.get();
      services = l->recorder.get();
    }
    LaneOptions lane_options{script_.header().options};
    lane_options.id = id;
    lane_options.measure = options_.measure;
    l->lane = std::make_unique<Lane>(lane_options, *clients, *services, log_, [] {});
    l->lane->add_tap(*l->player);
    if (l->recorder) l->lane->add_tap(*l->recorder);
    lanes_.push_back(std::move(l));
  }

  void run_lane(PlayedLane& l) {
    l.lane->run([&] { l.player->play(*l.lane); });
    if (l.recorder) l.recorder->stop();
    {
      const std::lock_guard lock(mutex_);
      l.done = true;
    }
    changed_.notify_one();
  }

  // Waits until it is time for the turn (round of processing) that was recorded at `us` (microseconds since the capture
  // began), at the speed that the user has chosen. The time is counted from `span.from`, the start of the part that the
  // user wants to compare: everything before it is played without waiting.
  void wait_for(std::int64_t us) {
    const auto since =
        std::chrono::duration<double, std::micro>(static_cast<double>(us - options_.span.from) / options_.speed);
    std::this_thread::sleep_until(began_ + std::chrono::duration_cast<Clock::duration>(since));
  }

  // Waits until all lanes are done, and reports progress. If the replay differs from the recording, a lane may wait
  // forever for a message that another lane never sends. So if no lane makes progress for two seconds, stops all lanes,
  // which ends their waiting.
  void watch(const std::function<void(double)>& progress) {
    constexpr auto rest = std::chrono::milliseconds(100);
    constexpr int patience = 20;
    const auto all_done = [this] {
      return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& l) { return l->done.load(); });
    };
    int still = 0;
    std::uint64_t before = 0;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, rest, all_done)) {
      progress(script_.progress());
      std::uint64_t waits = 0;
      bool all_wait = true;
      for (const auto& l : lanes_) {
        waits += l->player->steps();
        all_wait = all_wait && (l->done || l->player->waits());
      }
      still = all_wait && waits == before ? still + 1 : 0;
      before = waits;
      if (still < patience) continue;
      for (const auto& l : lanes_) l->lane->stop();
    }
  }

  Outcome outcome() {
    Outcome o;
    o.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    o.cut_off = script_.finish();
    for (const auto& l : lanes_) add(o, *l);
    check_met();
    std::stable_sort(o.differences.begin(), o.differences.end(),
                     [](const Difference& a, const Difference& b) { return a.us < b.us; });
    if (o.differences.size() > options_.differences) o.differences.resize(options_.differences);
    o.registry = lanes_.front()->lane->registry();
    export_ = nullptr;
    for (const auto& l : lanes_) l->recorder = nullptr;
    if (const std::string error = export_log_.error(); !error.empty()) throw CaptureError(error);
    return o;
  }

  // Throws if a connection or resource that the user has chosen (--conn, --rid) has occurred in no lane. It need not
  // occur in every lane: a connection, for example, belongs to one lane only.
  void check_met() const {
    std::map<std::string, std::size_t> lanes_without;
    for (const auto& l : lanes_) {
      if (!l->selection) return;
      for (const std::string& name : l->selection->unmet()) ++lanes_without[name];
    }
    for (const auto& [name, count] : lanes_without) {
      if (count == lanes_.size()) refuse_unmet(name);
    }
  }

  static void add(Outcome& o, const PlayedLane& l) {
    const Comparison& c = l.player->comparison();
    o.equal += c.equal();
    o.different += c.different();
    o.differences.insert(o.differences.end(), c.differences().begin(), c.differences().end());
    const Tally& t = l.player->tally();
    o.tally.turns += t.turns;
    o.tally.inputs += t.inputs;
    o.tally.dropped += t.dropped;
    o.tally.times.merge(t.times);
    o.recorded_seconds = std::max(o.recorded_seconds, static_cast<double>(l.player->us()) / 1e6);
    const LaneStatistics s = l.lane->statistics();
    o.requests += s.requests;
    for (std::size_t i = 0; i < s.nodes.size(); ++i) {
      if (i == o.nodes.size()) {
        o.nodes.push_back(s.nodes[i]);
      } else {
        o.nodes[i].messages += s.nodes[i].messages;
        o.nodes[i].seconds += s.nodes[i].seconds;
      }
    }
  }

  const PlayOptions& options_;
  QuietLog log_;
  ExportLog export_log_;
  Script script_;
  std::shared_ptr<RunningCapture> export_;
  std::vector<std::unique_ptr<PlayedLane>> lanes_;
  Clock::time_point began_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Plays the part of the traffic that the user has chosen (--conn, --rid), and records it as a new capture (--export).
// Throws if the old capture has several lanes. The only lane of the replay runs on this thread.
Outcome play_selection(std::unique_ptr<CaptureReader> reader, const PlayOptions& options) {
  if (reader->header().options.lanes > 1) {
    throw CaptureError("a capture of several lanes can only be played whole");
  }
  const auto began = Clock::now();
  Selection selection(options.conns, options.rids, reader->header().options.web);
  Script script(std::move(reader));
  SelectivePlayer player(script, selection, options.span);
  LaneCapture recorder(0, player, player, [&] { return player.us(); });
  QuietLog log;
  ExportLog export_log;
  LaneOptions lane_options{script.header().options};
  lane_options.measure = options.measure;
  Lane lane(lane_options, recorder, recorder, log, [] {});
  lane.meet({&lane});
  if (auto capture = start_export(options, script.header(), export_log)) {
    recorder.start(std::move(capture));
    lane.add_tap(recorder);
  }
  lane.run([&] { player.play(lane); });
  recorder.stop();
  if (const std::string error = export_log.error(); !error.empty()) throw CaptureError(error);

  Outcome o;
  o.cut_off = script.finish();
  if (const auto unmet = selection.unmet(); !unmet.empty()) refuse_unmet(unmet.front());
  o.tally = player.tally();
  o.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  o.recorded_seconds = static_cast<double>(player.us()) / 1e6;
  const LaneStatistics s = lane.statistics();
  o.requests = s.requests;
  o.nodes = s.nodes;
  o.registry = lane.registry();
  return o;
}

// Removes the exported capture if the replay throws, for example because the capture cannot be read or does not have
// what the user has chosen. A file that existed before the replay is not removed.
class ExportGuard {
 public:
  explicit ExportGuard(const std::string& file) : file_(file), is_new_(!std::filesystem::exists(file)) {}
  ~ExportGuard() {
    std::error_code none;
    if (is_new_) std::filesystem::remove(file_, none);
  }
  ExportGuard(const ExportGuard&) = delete;
  ExportGuard& operator=(const ExportGuard&) = delete;
  void keep() { is_new_ = false; }

 private:
  std::string file_;
  bool is_new_;
};

}  // namespace

Outcome play(std::vector<std::string> files, const PlayOptions& options, const std::function<void(double)>& progress) {
  auto reader = std::make_unique<CaptureReader>(std::move(files));
  const bool selects = !options.conns.empty() || !options.rids.empty();
  ExportGuard guard(options.export_file);
  Outcome outcome = selects && !options.export_file.empty() ? play_selection(std::move(reader), options)
                                                            : Play(std::move(reader), options).run(progress);
  guard.keep();
  return outcome;
}

}  // namespace resflow::replay
