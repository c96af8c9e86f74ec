// Metrics as text: OpenMetrics 1.0, as Resgate serves it, or the classic text format 0.0.4 of Prometheus. The metrics
// are described by prometheus-cpp's structs, and its serializer writes the classic format; it has none for OpenMetrics,
// so that is written here. Pure; any thread.
//
// Families are named as in the classic format: counters end with _total, a gauge that ends with _info is an info
// metric. OpenMetrics names those families without their endings.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

enum class MetricsFormat { openmetrics, classic };

// The format for an HTTP request with that Accept header; empty when it has none. As Resgate knows OpenMetrics only,
// the classic format goes to those alone who name it and do not name the other.
MetricsFormat metrics_format(std::string_view accept);

std::string_view content_type(MetricsFormat format);

// `created` is when everything began to be counted, in seconds since 1970: in OpenMetrics each counter, histogram and
// summary says so in a sample _created, from which a reader knows a start from zero. The classic format has none.
std::string metrics_text(const std::vector<prometheus::MetricFamily>& families, MetricsFormat format, double created);

}  // namespace resflow
