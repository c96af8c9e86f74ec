#include <boost/json.hpp>

#include "tools/bench/errors.hpp"
#include "tools/bench/report.hpp"

namespace resflow::bench {

namespace {

namespace json = boost::json;

constexpr const char* kFormat = "resflow-bench 1";

json::object json_of(const Latency& l) {
  json::array buckets;
  for (const auto& [upper, count] : l.buckets) buckets.push_back(json::array{upper, count});
  return {{"count", l.count},  {"min_us", l.min}, {"mean_us", l.mean},
          {"p50_us", l.p50},   {"p90_us", l.p90}, {"p99_us", l.p99},
          {"p999_us", l.p999}, {"max_us", l.max}, {"buckets", std::move(buckets)}};
}

json::object json_of(const Moment& m) {
  return {{"at_s", m.at},    {"per_s", m.per_second},    {"p50_us", m.p50},
          {"p99_us", m.p99}, {"cpu_cores", m.cpu_cores}, {"rss_mb", m.rss_mb}};
}

Latency latency_from(std::string name, const json::object& o) {
  Latency l;
  l.name = std::move(name);
  const auto number = [&](const char* key) { return o.at(key).to_number<double>(); };
  l.count = o.at("count").to_number<std::uint64_t>();
  l.min = number("min_us");
  l.mean = number("mean_us");
  l.p50 = number("p50_us");
  l.p90 = number("p90_us");
  l.p99 = number("p99_us");
  l.p999 = number("p999_us");
  l.max = number("max_us");
  for (const json::value& b : o.at("buckets").as_array()) {
    l.buckets.emplace_back(b.as_array().at(0).to_number<double>(), b.as_array().at(1).to_number<std::uint64_t>());
  }
  return l;
}

Moment moment_from(const json::object& o) {
  const auto number = [&](const char* key) { return o.at(key).to_number<double>(); };
  return {number("at_s"), number("per_s"), number("p50_us"), number("p99_us"), number("cpu_cores"), number("rss_mb")};
}

std::string text_of(const json::value& v) {
  return std::string(v.as_string());
}

}  // namespace

json::value to_json(const Report& r) {
  json::object settings;
  for (const auto& [name, value] : r.settings) settings[name] = value;
  json::object figures;
  for (const Figure& f : r.figures) figures[f.name] = f.value;
  json::object latencies;
  for (const Latency& l : r.latencies) latencies[l.name] = json_of(l);
  json::array moments;
  for (const Moment& m : r.moments) moments.push_back(json_of(m));
  json::array remarks(r.remarks.begin(), r.remarks.end());
  return json::object{{"format", kFormat},
                      {"mode", r.mode},
                      {"url", r.url},
                      {"settings", std::move(settings)},
                      {"unit", r.unit},
                      {"figures", std::move(figures)},
                      {"latency", std::move(latencies)},
                      {"moments", std::move(moments)},
                      {"remarks", std::move(remarks)}};
}

Report report_from_json(const std::string& text) {
  try {
    const json::value root = json::parse(text);
    const json::object& o = root.as_object();
    if (text_of(o.at("format")) != kFormat) throw UsageError("it is of another format");
    Report r;
    r.mode = text_of(o.at("mode"));
    r.url = text_of(o.at("url"));
    r.unit = text_of(o.at("unit"));
    for (const auto& [name, value] : o.at("settings").as_object()) r.settings.emplace_back(name, text_of(value));
    for (const auto& [name, value] : o.at("figures").as_object()) r.add(name, value.to_number<double>());
    for (const auto& [name, value] : o.at("latency").as_object()) {
      r.latencies.push_back(latency_from(name, value.as_object()));
    }
    for (const json::value& m : o.at("moments").as_array()) r.moments.push_back(moment_from(m.as_object()));
    for (const json::value& remark : o.at("remarks").as_array()) r.remarks.push_back(text_of(remark));
    return r;
  } catch (const UsageError&) {
    throw;
  } catch (const std::exception&) {
    throw UsageError("it is no report of this program");
  }
}

}  // namespace resflow::bench
