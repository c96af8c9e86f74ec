#include "io/operator/metric_families.hpp"

namespace resflow {

prometheus::ClientMetric& MetricFamilies::sample(Labels labels) {
  prometheus::ClientMetric& m = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels) m.label.push_back({name, std::string(value)});
  return m;
}

// Converts the histogram to Prometheus's form. In this form, the count of a bucket includes the counts of all smaller
// buckets, and the bound of a bucket is in seconds.
void MetricFamilies::add(Labels labels, const Histogram& histogram) {
  prometheus::ClientMetric::Histogram& h = sample(labels).histogram;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    count += histogram.counts()[i];
    h.bucket.push_back({count, static_cast<double>(Histogram::kBounds[i]) / 1e9});
  }
  h.sample_count = histogram.count();
  h.sample_sum = histogram.seconds();
}

}  // namespace resflow
