#include "io/web/entrance.hpp"

#include <utility>

namespace resflow {
namespace {

std::unique_ptr<Admission> own_admission(const WebServerOptions& options) {
  if (options.admission != nullptr) return nullptr;
  AdmissionOptions limits;
  limits.connections = options.max_connections;
  return std::make_unique<Admission>(limits, possible_connections());
}

}  // namespace

Entrance::Entrance(uv_loop_t* loop, const WebServerOptions& options, WebServerCounters& counters)
    : loop_(loop),
      options_(options),
      counters_(counters),
      own_(own_admission(options)),
      admission_(own_ ? *own_ : *options.admission) {}

std::optional<Lobby::Pass> Entrance::enter(const IpAddress& peer) {
  const Admission::Room room = admission_.take();
  if (room != Admission::Room::yes) ++counters_.rejected;
  if (room == Admission::Room::none) return std::nullopt;
  ++counters_.accepted;
  const auto pass = count_peer(peer);
  if (!pass) admission_.give_back();
  return pass;
}

void Entrance::leave(const Lobby::Pass& pass) {
  admission_.give_back();
  if (pass.counted) admission_.leave(pass.account, uv_now(loop_));
}

// Counts a new connection for the peer's address. Returns nullopt if the address has too many connections. If the peer
// is a trusted proxy, counts nothing, because the proxy connects for many clients. WebServer and HttpServer count each
// of these clients when its address is known.
std::optional<Lobby::Pass> Entrance::count_peer(const IpAddress& peer) {
  if (!admission_.limits_addresses() || any_contains(options_.trusted_proxies, peer)) return Lobby::Pass{};
  const AddressLimits::Check verdict = judge(peer);
  if (!verdict.too_many) return Lobby::Pass{verdict.account, true, verdict.too_fast};
  admission_.leave(verdict.account, uv_now(loop_));
  return std::nullopt;
}

AddressLimits::Check Entrance::count(Connection& connection, const IpAddress& address) {
  if (!admission_.limits_addresses() || connection.counted) return {};
  const AddressLimits::Check verdict = judge(address);
  connection.account = verdict.account;
  connection.counted = true;
  return verdict;
}

AddressLimits::Check Entrance::judge(const IpAddress& address) {
  AddressLimits::Check verdict = admission_.count_in(address, uv_now(loop_));
  if (verdict.too_many) ++counters_.too_many_of_address;
  if (verdict.too_fast) ++counters_.too_fast_of_address;
  if (admission_.dry_run()) verdict.too_many = verdict.too_fast = false;
  return verdict;
}

void Entrance::leave(Connection& connection) {
  admission_.give_back();
  leave_address(connection);
}

void Entrance::leave_address(Connection& connection) {
  if (std::exchange(connection.counted, false)) admission_.leave(connection.account, uv_now(loop_));
}

}  // namespace resflow
