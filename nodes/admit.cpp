#include "nodes/admit.hpp"

#include <algorithm>

namespace resflow {

namespace {

std::size_t bytes_of(const Request& r) {
  return sizeof(Request) + r.params.size() + r.method.size() + (r.rid ? r.rid->text().size() : 0);
}

std::size_t bytes_of(const WebTask& t) {
  return sizeof(WebTask) + t.params.size() + t.method.size() + (t.rid ? t.rid->text().size() : 0);
}

template <typename Item>
std::uint32_t size_of(const Item& item) {
  const auto size = [](const auto& boxed) { return static_cast<std::uint32_t>(bytes_of(*boxed)); };
  return std::visit(size, item);
}

// Returns the sender of a web request, for whom the request rate is counted. This is "ip:port" for a direct connection,
// or only the IP address for a client behind a proxy, because the port of such a client is not known.
std::string_view sender_of(const ClientInfo& info) {
  constexpr std::string_view no_port = ":0";
  std::string_view addr = info.remote_addr();
  if (addr.ends_with(no_port)) addr.remove_suffix(no_port.size());
  return addr;
}

ErrorPtr too_many_requests(Millis wait) {
  auto error = std::make_shared<ResError>(*errors::too_many_requests);
  error->data = R"({"retryAfter":)" + std::to_string(wait) + '}';
  return error;
}

// Returns the value of the Retry-After header: the wait in whole seconds, rounded up (RFC 9110, section 10.2.3).
std::string retry_after(Millis wait) {
  return std::to_string((wait + 999) / 1'000);
}

}  // namespace

void Admit::process(AdmitIn&& message, AdmitOut& out) {
  out_ = &out;
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
  out_ = nullptr;
}

Admit::Account& Admit::open(ConnId conn) {
  if (const Account* former = accounts_.find_slot(conn.slot)) counters_.waiting -= former->waiting.size();
  return accounts_.open(conn);
}

void Admit::on(Tick&& m) {
  ++counters_.ticks;
  now_ = m.now;
  ++turn_;
  passed_ = 0;
  out_->session.emplace_back(NewTurn{});
}

void Admit::on(Connected&& m) {
  open(m.conn);
  out_->session.emplace_back(std::move(m));
}

void Admit::on(Disconnected&& m) {
  if (accounts_.find(m.conn) != nullptr) counters_.waiting -= accounts_.close(m.conn).waiting.size();
  out_->session.emplace_back(m);
}

// Passes a WebSocket client's request on to the session node, or keeps it for later (see take()). A request over the
// operator's limit for the client's request rate is first turned into an error. An unsubscribe request counts for the
// rate, too, but never becomes an error, because it reduces the gateway's work.
void Admit::on(Boxed<Request>&& m) {
  Account* a = accounts_.find(m->conn);
  if (a == nullptr) return;
  if (limits_.rate.rate > 0) {
    if (!a->bucket) a->bucket = std::make_unique<TokenBucket>();
    if (!a->bucket->take(limits_.rate, now_) && m->kind != RequestKind::unsubscribe && refuses_rate()) {
      m->kind = RequestKind::invalid;
      m->error = too_many_requests(a->bucket->wait(limits_.rate));
    }
  }
  const ConnId conn = m->conn;
  take(conn, *a, std::move(m));
}

void Admit::on(Boxed<WebTask>&& m) {
  if (limits_.rate.rate > 0 && m->kind != WebTask::Kind::respond) {
    TokenBucket& bucket = senders_.bucket(sender_of(*m->info), now_);
    if (!bucket.take(limits_.rate, now_) && refuses_rate()) {
      const Millis wait = bucket.wait(limits_.rate);
      m->kind = WebTask::Kind::respond;
      m->error = too_many_requests(wait);
      m->headers.emplace_back("Retry-After", retry_after(wait));
    }
  }
  const ConnId conn = m->conn;
  Account& a = open(conn);
  a.web = true;
  take(conn, a, std::move(m));
  close_if_done(conn, a);
}

bool Admit::refuses_rate() {
  ++counters_.exceeded[Limit::request_rate];
  return !limits_.dry_run;
}

void Admit::take(ConnId conn, Account& a, Item&& item) {
  // One turn (one pass of the lane over its messages) has room for limits_.turn requests of all clients together. While
  // requests from earlier turns wait, new requests may use only half of this room. The other half is left for those
  // that wait.
  const std::size_t turn = ring_.empty() ? limits_.turn : limits_.turn / 2;
  if (a.waiting.empty() && may_pass(a, turn)) {
    pass(a, std::move(item));
  } else {
    wait(conn, a, std::move(item));
  }
}

// Returns how many requests of one client the admit node may pass on in one turn (one pass of the lane over its
// messages). The fewer clients wait, the more requests each may have.
std::size_t Admit::share() const {
  return std::max(limits_.share, limits_.turn / (ring_.size() + 1));
}

bool Admit::may_pass(const Account& a, std::size_t turn) const {
  return !blocked(a) && passed_ < turn && (a.turn != turn_ || a.passed < share());
}

void Admit::pass(Account& a, Item&& item) {
  if (a.turn != turn_) a.passed = 0;
  a.turn = turn_;
  ++a.passed;
  ++passed_;
  ++a.under_way;
  std::visit([&](auto&& boxed) { out_->session.emplace_back(std::move(boxed)); }, std::move(item));
}

void Admit::wait(ConnId conn, Account& a, Item&& item) {
  ++counters_.held;
  ++counters_.waiting;
  a.waiting_bytes += size_of(item);
  a.waiting.push(std::move(item));
  list(conn, a);
  const std::size_t pending = a.under_way + a.waiting.size();
  const bool much = pending > limits_.pending_requests || a.waiting_bytes > limits_.waiting_bytes;
  if (!much || std::exchange(a.paused, true)) return;
  ++counters_.pauses;
  clients_.pause(conn);
}

// Puts the client into ring_, the queue of clients whose waiting requests are tried again in the next turn. Does
// nothing if no request of the client waits, or if the client is blocked: the session node takes no requests of it now.
// When this changes, on(Standing) calls list() again.
void Admit::list(ConnId conn, Account& a) {
  if (a.waiting.empty() || blocked(a) || std::exchange(a.listed, true)) return;
  ring_.push_back(conn);
  continue_next_turn();
}

void Admit::continue_next_turn() {
  if (!ring_.empty() && !std::exchange(continues_, true)) out_->later.emplace_back(Continue{});
}

void Admit::pass_waiting(ConnId conn, Account& a) {
  while (!a.waiting.empty() && may_pass(a, limits_.turn)) {
    Item item = a.waiting.pop();
    a.waiting_bytes -= size_of(item);
    --counters_.waiting;
    pass(a, std::move(item));
  }
  const std::size_t room = limits_.pending_requests - std::min(limits_.pending_requests, limits_.served);
  const bool little = a.waiting.size() <= room / 2 && a.waiting_bytes <= limits_.waiting_bytes / 2;
  if (!little || !std::exchange(a.paused, false)) return;
  ++counters_.resumes;
  clients_.resume(conn);
}

// Deletes the account of a web request (its record in the admit node) as soon as the request was passed on. A WebSocket
// client's account is deleted when it disconnects, but the end of a web request is not reported to the admit node.
void Admit::close_if_done(ConnId conn, const Account& a) {
  if (a.web && a.waiting.empty()) accounts_.close(conn);
}

void Admit::on(Standing&& m) {
  Account* a = accounts_.find(m.conn);
  if (a == nullptr) return;
  a->under_way -= std::min(a->under_way, m.answered);
  a->held = m.held;
  if (a->waiting.empty()) return;
  pass_waiting(m.conn, *a);
  list(m.conn, *a);
}

void Admit::on(Continue&&) {
  continues_ = false;
  // For each client in the queue ring_: passes on as many of its waiting requests as the client's share of this turn
  // permits. When limits_.turn requests of all clients have been passed on in this turn, the remaining clients stay at
  // the front of the queue, and come first in the next turn.
  for (std::size_t n = ring_.size(); n > 0 && passed_ < limits_.turn; --n) {
    const ConnId conn = ring_.front();
    ring_.pop_front();
    Account* a = accounts_.find(conn);
    if (a == nullptr) continue;
    a->listed = false;
    pass_waiting(conn, *a);
    list(conn, *a);
    close_if_done(conn, *a);
  }
  continue_next_turn();
}

}  // namespace resflow
