// Writes metrics as text: OpenMetrics 1.0, as Resgate serves it, or the classic text format 0.0.4 of Prometheus. The
// caller gives the metrics in structs of the library prometheus-cpp. The library can write the classic format, but not
// OpenMetrics, so metrics_text.cpp writes OpenMetrics itself. OperatorServer calls these functions. No I/O and no
// shared state; any thread may use it.
//
// The caller must name the metrics as in the classic format: the name of a counter ends with _total. A gauge whose name
// ends with _info is an info metric. In OpenMetrics, the lines TYPE and HELP have the name without _total or _info, and
// the samples have the full name.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

namespace resflow {

enum class MetricsFormat { openmetrics, classic };

// Returns the format in which to answer an HTTP request. `accept` is the Accept header of the request; empty: there is
// none. A request gets the classic format if its Accept header names this format but not OpenMetrics. All other
// requests get OpenMetrics, because Resgate always sends OpenMetrics.
MetricsFormat metrics_format(std::string_view accept);

std::string_view content_type(MetricsFormat format);

// Returns the metrics as text. `created` is when the gateway began to count, in seconds since 1970. In OpenMetrics each
// counter, histogram and summary has a sample _created with this time. If the time changes, the gateway was restarted
// and counts from zero again. The classic format has no such sample.
std::string metrics_text(const std::vector<prometheus::MetricFamily>& families, MetricsFormat format, double created);

}  // namespace resflow
