// Builds a list of metric families (a family is a metric with all its labelled samples), one after the other. Used by
// metrics_page.cpp only. Only one thread at a time may use an object.
#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nodes/base/histogram.hpp"

namespace resflow {

class MetricFamilies {
 public:
  using Labels = std::initializer_list<std::pair<const char*, std::string_view>>;

  // Begins a family. add() adds samples to this family until the next family is begun.
  void begin(prometheus::MetricType type, std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void counter(std::string name, std::string help) {
    begin(prometheus::MetricType::Counter, std::move(name), std::move(help));
  }
  void gauge(std::string name, std::string help) {
    begin(prometheus::MetricType::Gauge, std::move(name), std::move(help));
  }
  void histogram(std::string name, std::string help) {
    begin(prometheus::MetricType::Histogram, std::move(name), std::move(help));
  }

  template <typename Number>
  void add(Labels labels, Number value) {
    prometheus::ClientMetric& m = sample(labels);
    m.counter.value = static_cast<double>(value);
    m.gauge.value = static_cast<double>(value);
  }
  void add(Labels labels, const Histogram& histogram);

  // These overloads of counter() and gauge() begin a family and add its only sample, which has this value and no
  // labels.
  template <typename Number>
  void counter(std::string name, std::string help, Number value) {
    counter(std::move(name), std::move(help));
    add({}, value);
  }
  template <typename Number>
  void gauge(std::string name, std::string help, Number value) {
    gauge(std::move(name), std::move(help));
    add({}, value);
  }

  std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& sample(Labels labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace resflow
