#include "tools/gateway/metrics_gatherer.hpp"

#include <mutex>

#include "nodes/encode/encode.hpp"

namespace resflow {

// One request for the counters of all lanes. Each lane adds its counters on its own thread. The lane that adds them
// last calls `done`.
struct MetricsGatherer::Gathering {
  std::mutex mutex;
  std::size_t missing = 0;
  GatewayFigures figures;
  std::function<void(GatewayFigures)> done;

  void add(std::size_t lane, LaneFigures its) {
    {
      const std::lock_guard lock(mutex);
      figures.lanes[lane] = std::move(its);
      if (--missing > 0) return;
    }
    done(std::move(figures));
  }
};

// One request for a table of the admin page, with the rows of all lanes. Each lane adds its rows on its own thread. The
// lane that adds them last calls `done`.
struct MetricsGatherer::Listing {
  Listing(std::size_t lanes, const AdminQuery& query, std::function<void(AdminRows)> f)
      : missing(lanes), rows(query), done(std::move(f)) {}

  std::mutex mutex;
  std::size_t missing;
  AdminRows rows;
  std::function<void(AdminRows)> done;

  void add(AdminRows its) {
    {
      const std::lock_guard lock(mutex);
      rows.merge(std::move(its));
      if (--missing > 0) return;
    }
    done(std::move(rows));
  }
};

void MetricsGatherer::ready(const std::vector<std::unique_ptr<LaneLoop>>& lanes, const NatsClient& nats) {
  for (const auto& lane : lanes) lanes_.push_back(lane.get());
  nats_ = &nats;
  ready_ = true;
}

GatewayPhase MetricsGatherer::phase() const {
  if (!ready_) return GatewayPhase::starting;
  return stopping_ ? GatewayPhase::stopping : GatewayPhase::ready;
}

void MetricsGatherer::gather(std::function<void(GatewayFigures)> done) {
  const auto gathering = std::make_shared<Gathering>();
  gathering->missing = lanes_.size();
  gathering->done = std::move(done);
  GatewayFigures& figures = gathering->figures;
  figures.version = RESFLOW_VERSION;
  figures.protocol = kProtocolVersion;
  figures.lanes.resize(lanes_.size());
  for (std::size_t i = 0; i < figures.log_lines.size(); ++i)
    figures.log_lines[i] = log_.count(static_cast<LogLevel>(i));
  figures.process = process_usage();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i]->copy_figures([this, gathering, i](LaneFigures its) {
      if (i == 0) gathering->figures.nats = nats_->traffic();  // the loop of lane 0 runs the NATS connection
      gathering->add(i, std::move(its));
    });
  }
}

// Collects the rows of a table of the admin page from all lanes, and calls `done` with them. If the lanes do not run
// yet, calls `done` with no rows.
void MetricsGatherer::list(AdminQuery query, std::function<void(AdminRows)> done) {
  if (!ready_) return done(AdminRows(query));
  const auto listing = std::make_shared<Listing>(lanes_.size(), query, std::move(done));
  for (LaneLoop* lane : lanes_) {
    lane->collect_rows(query, [listing](AdminRows its) { listing->add(std::move(its)); });
  }
}

}  // namespace resflow
