#include "io/web/held_input.hpp"

#include <utility>

namespace resflow {
namespace {

// Returns how many received bytes are kept for the connection: of an unfinished message, of an unfinished request, and
// of further requests that came while the current one was not answered yet.
std::size_t bytes_of(const Connection& connection) {
  std::size_t size = connection.decoder.held();
  if (connection.http == nullptr) return size;
  size += connection.http->bytes.size();
  return connection.http->body == nullptr ? size : size + connection.http->body->body().size();
}

}  // namespace

void HeldInput::recount(Connection& connection) {
  if (connection.wsi == nullptr) return;
  const std::size_t before = connection.held;
  connection.held = static_cast<std::uint32_t>(bytes_of(connection));
  bytes_ += connection.held;
  bytes_ -= before;
  const bool may_wait = connection.state == ConnectionState::open || connection.state == ConnectionState::requesting;
  if (may_wait && connection.held > before && bytes_ > limit_) await_room(connection);
  if (connection.held < before) share_room();
  deadlines_.progressed(connection);
}

void HeldInput::drop(Connection& connection) {
  bytes_ -= std::exchange(connection.held, 0);
  share_room();
}

void HeldInput::await_room(Connection& connection) {
  if (table_.id_of(connection) == exempt_ || is_paused(connection, Pause::room)) return;
  pauses_.begin(connection, Pause::room);
  starved_.push_back(connection.slot);
  share_room();
}

// The server has stopped reading from some connections because it keeps too many received bytes. If it now keeps no
// more than the limit allows, this function lets it read from all of them again. Otherwise the server reads from only
// one of them, exempt_. When exempt_ has ended, or when the server keeps no bytes for it any more, the connection that
// has waited longest becomes exempt_.
void HeldInput::share_room() {
  while (!starved_.empty()) {
    Connection& first = table_.at(starved_.front());
    if (bytes_ > limit_) {
      const Connection* exempt = table_.find(exempt_);
      if (exempt != nullptr && exempt->held > 0 && !exempt->will_be_cut) return;
      exempt_ = table_.id_of(first);
    }
    starved_.pop_front();
    pauses_.end(first, Pause::room);
  }
}

}  // namespace resflow
