#include "io/operator/metrics_text.hpp"

#include <prometheus/text_serializer.h>

#include <array>
#include <charconv>
#include <cmath>

namespace resflow {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kInfo = "_info";
constexpr std::string_view kCreated = "_created";

bool is_info(const MetricFamily& f) {
  return f.type == MetricType::Gauge && f.name.ends_with(kInfo);
}

// Returns the family's name in OpenMetrics, without the ending _total or _info that the name has in the classic format.
std::string_view name_of(const MetricFamily& f) {
  std::string_view name = f.name;
  if (is_info(f)) name.remove_suffix(kInfo.size());
  if (f.type == MetricType::Counter && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  return name;
}

std::string_view type_of(const MetricFamily& f) {
  if (is_info(f)) return "info";
  switch (f.type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Summary:
      return "summary";
    case MetricType::Histogram:
      return "histogram";
    case MetricType::Untyped:
      break;
  }
  return "unknown";
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
}

// Returns the number as text. A whole number that a double holds exactly has no decimal point. Any other number has the
// shortest form that reads back as the same double.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  constexpr double exact = 9'007'199'254'740'992.0;
  std::array<char, 32> digits{};
  const bool whole = std::abs(value) <= exact && std::trunc(value) == value;
  const auto end =
      whole ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(value)).ptr
            : std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general).ptr;
  return {digits.data(), end};
}

// Returns the bound of a bucket as the text of its label `le`. OpenMetrics ("Canonical Numbers") wants the same text
// for the same number: a whole number always has a decimal point, so that 1 and 1.0 are not two series.
std::string canonical(double bound) {
  std::string text = number(bound);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

class Writer {
 public:
  Writer(std::string& out, double created) : out_(out), created_(number(created)) {}

  void family(const MetricFamily& f) {
    const std::string_view name = name_of(f);
    out_.append("# TYPE ").append(name).append(1, ' ').append(type_of(f)).append(1, '\n');
    out_.append("# HELP ").append(name).append(1, ' ');
    append_escaped(out_, f.help);
    out_ += '\n';
    for (const ClientMetric& m : f.metric) metric(f, name, m);
  }

 private:
  void metric(const MetricFamily& f, std::string_view name, const ClientMetric& m) {
    switch (f.type) {
      case MetricType::Counter:
        sample(name, kTotal, m, {}, number(m.counter.value));
        return sample(name, kCreated, m, {}, created_);
      case MetricType::Gauge:
        return sample(f.name, {}, m, {}, number(m.gauge.value));
      case MetricType::Untyped:
        return sample(name, {}, m, {}, number(m.untyped.value));
      case MetricType::Histogram:
        return histogram(name, m);
      case MetricType::Summary:
        return summary(name, m);
    }
  }

  // Writes a histogram. Writes its last bucket, +Inf, in any case, because the histogram of prometheus-cpp may lack
  // this bucket. The count of this bucket is the count of the whole histogram.
  void histogram(std::string_view name, const ClientMetric& m) {
    const std::string count = number(static_cast<double>(m.histogram.sample_count));
    for (const ClientMetric::Bucket& b : m.histogram.bucket) {
      if (std::isinf(b.upper_bound)) continue;
      sample(name, "_bucket", m, {"le", canonical(b.upper_bound)}, number(static_cast<double>(b.cumulative_count)));
    }
    sample(name, "_bucket", m, {"le", "+Inf"}, count);
    sample(name, "_count", m, {}, count);
    sample(name, "_sum", m, {}, number(m.histogram.sample_sum));
    sample(name, kCreated, m, {}, created_);
  }

  void summary(std::string_view name, const ClientMetric& m) {
    for (const ClientMetric::Quantile& q : m.summary.quantile) {
      sample(name, {}, m, {"quantile", canonical(q.quantile)}, number(q.value));
    }
    sample(name, "_count", m, {}, number(static_cast<double>(m.summary.sample_count)));
    sample(name, "_sum", m, {}, number(m.summary.sample_sum));
    sample(name, kCreated, m, {}, created_);
  }

  void sample(std::string_view name, std::string_view ending, const ClientMetric& m, const ClientMetric::Label& extra,
              std::string_view value) {
    out_.append(name).append(ending);
    char before = '{';
    const auto label = [&](const ClientMetric::Label& l) {
      out_.append(1, before).append(l.name).append("=\"");
      append_escaped(out_, l.value);
      out_ += '"';
      before = ',';
    };
    for (const ClientMetric::Label& l : m.label) label(l);
    if (!extra.name.empty()) label(extra);
    if (before == ',') out_ += '}';
    out_.append(1, ' ').append(value).append(1, '\n');
  }

  std::string& out_;
  const std::string created_;
};

}  // namespace

MetricsFormat metrics_format(std::string_view accept) {
  const auto names = [&](std::string_view type) { return accept.find(type) != std::string_view::npos; };
  return names("text/plain") && !names("application/openmetrics-text") ? MetricsFormat::classic
                                                                       : MetricsFormat::openmetrics;
}

std::string_view content_type(MetricsFormat format) {
  return format == MetricsFormat::classic ? "text/plain; version=0.0.4; charset=utf-8"
                                          : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

std::string metrics_text(const std::vector<prometheus::MetricFamily>& families, MetricsFormat format, double created) {
  if (format == MetricsFormat::classic) return prometheus::TextSerializer().Serialize(families);
  std::string out;
  Writer writer(out, created);
  for (const MetricFamily& f : families) writer.family(f);
  out += "# EOF\n";
  return out;
}

}  // namespace resflow
