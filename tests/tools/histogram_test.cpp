#include "tools/bench/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

using resflow::bench::Histogram;

TEST_CASE("Histogram: empty", "[histogram]") {
  const Histogram h;
  CHECK(h.count() == 0);
  CHECK(h.min() == 0);
  CHECK(h.max() == 0);
  CHECK(h.mean() == 0);
  CHECK(h.quantile(0.5) == 0);
  CHECK(h.buckets().empty());
}

TEST_CASE("Histogram: small values are exact", "[histogram]") {
  Histogram h;
  for (int i = 0; i < 256; ++i) h.record(i);
  CHECK(h.buckets().size() == 256);
  CHECK(h.quantile(0) == 0);
  CHECK(h.quantile(0.5) == 127);
  CHECK(h.quantile(1) == 255);
  CHECK(h.mean() == 127.5);
}

TEST_CASE("Histogram: every value is in a bucket that is less than one per cent wide", "[histogram]") {
  std::vector<std::int64_t> values;
  for (int e = 0; e < 42; ++e) {
    for (const std::int64_t near : {-1, 0, 1}) values.push_back((std::int64_t{1} << e) + near);
  }
  values.push_back(Histogram::kLargest);
  std::int64_t last = -1;
  std::sort(values.begin(), values.end());
  for (const std::int64_t value : values) {
    Histogram h;
    h.record(value);
    const std::int64_t upper = h.buckets().at(0).upper;
    INFO(value);
    CHECK(upper >= value);
    CHECK(static_cast<double>(upper - value) <= static_cast<double>(value) / 127);
    CHECK(upper >= last);
    last = upper;
  }
}

TEST_CASE("Histogram: what is out of range is counted at its end", "[histogram]") {
  Histogram h;
  h.record(-5);
  h.record(Histogram::kLargest + 1);
  h.record(INT64_MAX);
  CHECK(h.count() == 3);
  CHECK(h.min() == 0);
  CHECK(h.max() == Histogram::kLargest);
}

TEST_CASE("Histogram: quantiles agree with sorting", "[histogram]") {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> times(11, 2);
  std::vector<std::int64_t> all(20'000);
  Histogram h;
  for (auto& t : all) {
    t = static_cast<std::int64_t>(times(random));
    h.record(t);
  }
  std::sort(all.begin(), all.end());
  CHECK(h.min() == all.front());
  CHECK(h.max() == all.back());
  for (const double part : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(all.size()))) - 1;
    const auto exact = static_cast<double>(all[rank]);
    INFO(part);
    CHECK(static_cast<double>(h.quantile(part)) >= exact);
    CHECK(static_cast<double>(h.quantile(part)) <= exact * 1.008);
  }
}

TEST_CASE("Histogram: quantiles of one value are that value", "[histogram]") {
  Histogram h;
  h.record(1'000'003, 5);
  for (const double part : {0.0, 0.5, 1.0}) CHECK(h.quantile(part) == 1'000'003);
  CHECK(h.mean() == 1'000'003);
}

TEST_CASE("Histogram: merging is recording all", "[histogram]") {
  Histogram a;
  Histogram b;
  Histogram both;
  for (int i = 1; i < 1'000; ++i) {
    Histogram& one = i % 3 == 0 ? a : b;
    one.record(i * 977);
    both.record(i * 977);
  }
  a.merge(b);
  a.merge(Histogram());
  CHECK(a.count() == both.count());
  CHECK(a.min() == both.min());
  CHECK(a.max() == both.max());
  CHECK(a.mean() == Approx(both.mean()));
  for (const double part : {0.1, 0.5, 0.99}) CHECK(a.quantile(part) == both.quantile(part));
}

TEST_CASE("Histogram: cleared, it is as new", "[histogram]") {
  Histogram h;
  h.record(123);
  h.clear();
  CHECK(h.count() == 0);
  CHECK(h.max() == 0);
  h.record(456);
  CHECK(h.min() == 456);
  CHECK(h.max() == 456);
  CHECK(h.buckets().size() == 1);
}
