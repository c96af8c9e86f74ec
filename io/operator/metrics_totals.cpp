#include "io/operator/metrics_totals.hpp"

namespace resflow {

namespace {

template <typename Key>
void add(std::map<Key, std::uint64_t>& sum, const std::map<Key, std::uint64_t>& more) {
  for (const auto& [key, count] : more) sum[key] += count;
}

void add(CacheCounters& sum, const CacheCounters& more) {
  sum.lookups += more.lookups;
  sum.events += more.events;
  sum.dropped += more.dropped;
  sum.resets += more.resets;
  sum.subscriptions += more.subscriptions;
  sum.bytes += more.bytes;
  sum.refused += more.refused;
  sum.overflows += more.overflows;
}

void add(LaneStatistics& sum, const LaneStatistics& more) {
  sum.parse.requests += more.parse.requests;
  sum.parse.web_requests += more.parse.web_requests;
  sum.parse.dropped += more.parse.dropped;
  sum.admit.exceeded += more.admit.exceeded;
  sum.admit.held += more.admit.held;
  sum.admit.pauses += more.admit.pauses;
  sum.admit.waiting += more.admit.waiting;
  sum.session.exceeded += more.session.exceeded;
  sum.session.waiting += more.session.waiting;
  sum.encode.errors += more.encode.errors;
  sum.encode.events_delivered += more.encode.events_delivered;
  sum.write.slow_clients += more.write.slow_clients;
  add(sum.write.closes, more.write.closes);
  sum.requests += more.requests;
  sum.ask.ended += more.ask.ended;
  sum.ask.durations += more.ask.durations;
  sum.ask.late_replies += more.ask.late_replies;
  sum.ask.refused_subscriptions += more.ask.refused_subscriptions;
  add(sum.cache, more.cache);
  sum.malformed_messages += more.malformed_messages;
  sum.pending_requests += more.pending_requests;
  sum.throttled_requests += more.throttled_requests;
  sum.cached_names += more.cached_names;
  sum.cached_resources += more.cached_resources;
}

void add(WebServerCounters& sum, const WebServerCounters& more) {
  sum.accepted += more.accepted;
  sum.rejected += more.rejected;
  sum.too_many_of_address += more.too_many_of_address;
  sum.too_fast_of_address += more.too_fast_of_address;
  sum.without_proxy_header += more.without_proxy_header;
  sum.tls_failed += more.tls_failed;
  sum.slow += more.slow;
  sum.late += more.late;
  sum.opened += more.opened;
  sum.requests += more.requests;
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
  sum.frames_in += more.frames_in;
  sum.frames_out += more.frames_out;
  sum.compressions += more.compressions;
  sum.exceptions += more.exceptions;
  add(sum.closes, more.closes);
}

}  // namespace

LaneFigures total(const std::vector<LaneFigures>& lanes) {
  LaneFigures sum;
  for (const LaneFigures& lane : lanes) {
    add(sum.nodes, lane.nodes);
    add(sum.clients, lane.clients);
  }
  return sum;
}

std::uint64_t open_websockets(const WebServerCounters& counters) {
  std::uint64_t open = counters.opened;
  for (const auto& [code, count] : counters.closes) open -= count;
  return open;
}

}  // namespace resflow
