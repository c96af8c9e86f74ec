#include "nodes/write.hpp"

#include <algorithm>
#include <utility>

namespace resflow {

// Some functions of this file are inline because they run for every frame that a client gets.

// Sets the byte counts of one client's outbox (the frames that wait to be sent) to 0, and subtracts the bytes of its
// answers from the total for all clients.
inline void Write::uncount(Outbox& box) {
  box.event_bytes = 0;
  if (box.answer_bytes == 0) return;
  --answered_;
  answer_bytes_ -= box.answer_bytes;
  box.answer_bytes = 0;
}

inline void Write::empty(Outbox& box) {
  uncount(box);
  box.frames.clear();
}

void Write::process(WriteIn&& message, WriteOut& out) {
  out_ = &out;
  if (auto* m = std::get_if<Outgoing>(&message)) return append(std::move(*m));
  if (std::holds_alternative<Flush>(message)) return flush();
  if (const auto* m = std::get_if<WebAnswer>(&message)) return respond(*m);
  if (const auto* m = std::get_if<Accept>(&message)) return accept(*m);
  if (const auto* m = std::get_if<Connected>(&message)) return connected(m->conn);
  if (const auto* m = std::get_if<Disconnected>(&message)) return disconnected(m->conn);
  if (const auto* m = std::get_if<Writable>(&message)) return writable(m->conn);
  close(std::move(std::get<CloseClient>(message)));
}

void Write::connected(ConnId conn) {
  if (Outbox* former = boxes_.find_slot(conn.slot)) uncount(*former);
  boxes_.open(conn).conn = conn;
}

void Write::disconnected(ConnId conn) {
  Outbox* box = boxes_.find(conn);
  if (box == nullptr) return;
  uncount(*box);
  boxes_.close(conn);
}

void Write::respond(const WebAnswer& m) {
  ++counters_.sent;
  clients_.respond(m.conn, m.response);
}

void Write::accept(const Accept& m) {
  ++counters_.sent;
  clients_.accept(m.conn, m.headers);
}

void Write::append(Outgoing&& m) {
  const std::size_t size = m.frame->size();
  for (const ConnId& conn : m.to) {
    Outbox* box = boxes_.find(conn);
    if (box == nullptr || box->closing) continue;
    box->frames.push_back(&conn == &m.to.back() ? std::move(m.frame) : m.frame);
    if (m.answer) {
      add_answer(*box, size);
    } else {
      box->event_bytes += size;
    }
    due(*box);
    if (box->busy && overflows(*box)) overflow(*box);
  }
  gathered_ += size;
  if (gathered_ > kBatchBytes) flush();
}

void Write::add_answer(Outbox& box, std::size_t size) {
  if (box.answer_bytes == 0) ++answered_;
  box.answer_bytes += size;
  answer_bytes_ += size;
}

// Returns true if more bytes wait for the client than the limits allow. Called only while the client's socket takes no
// more data: a client that reads well is never disconnected, even if much is sent to it at once.
bool Write::overflows(const Outbox& box) const {
  if (box.event_bytes > limits_.event_bytes || box.answer_bytes > limits_.answer_bytes) return true;
  if (answer_bytes_ <= limits_.all_answer_bytes) return false;
  return box.answer_bytes > limits_.all_answer_bytes / std::max(kSharers, answered_);
}

void Write::overflow(Outbox& box) {
  ++counters_.slow_clients;
  log_.log(LogLevel::error, "Closing a client that does not read: " +
                                std::to_string(box.event_bytes + box.answer_bytes) + " bytes wait for it");
  empty(box);
  box.frames = std::vector<Frame>();
  close(CloseClient{box.conn, 1008, "slow consumer"});
}

// Tells the session node that the client does not read from its connection (`on` is true), or that it reads again (`on`
// is false). Does nothing if the session node knows it already. While a client does not read, that node holds back the
// answers that contain resources.
inline void Write::tell_unread(Outbox& box, bool on) {
  if (std::exchange(box.unread, on) != on) out_->session.emplace_back(Unread{box.conn, on});
}

void Write::writable(ConnId conn) {
  ++counters_.writable;
  if (Outbox* box = boxes_.find(conn)) {
    box->busy = false;
    if (box->frames.empty()) uncount(*box);
    due(*box);
  }
}

void Write::close(CloseClient&& m) {
  Outbox* box = boxes_.find(m.conn);
  if (box == nullptr || box->closing) return;
  ++counters_.closes[m.reason];
  box->closing = true;
  box->close = std::make_unique<CloseClient>(std::move(m));
  due(*box);
}

void Write::due(Outbox& box) {
  if (box.listed) return;
  box.listed = true;
  due_.push_back(box.conn.slot);
}

inline void Write::send(Outbox& box) {
  if (box.frames.empty()) return tell_unread(box, false);
  if (!clients_.send(box.conn, box.frames)) return refused(box);
  counters_.sent += box.frames.size();
  box.frames.clear();
  constexpr std::size_t usual = 64;
  if (box.frames.capacity() > usual) box.frames = std::vector<Frame>();
  if (box.answer_bytes > 0 && !answers_sent(box)) return refused(box);
  box.event_bytes = 0;
  if (box.unread) tell_unread(box, false);
}

// Called after answers were sent to a client. Returns true if they no longer count as waiting. Up to kMuch bytes of
// answers are taken as sent without a check. If there are more, the socket may have taken only a part: then returns
// false, and all of them count as waiting until the socket has taken the rest.
bool Write::answers_sent(Outbox& box) {
  if (box.answer_bytes > kMuch && !clients_.send(box.conn, {})) return false;
  uncount(box);
  return true;
}

inline void Write::flush(Outbox& box) {
  box.listed = false;
  if (!box.busy) send(box);
  if (box.close) close_now(box);
}

// Closes the client's connection at once, even if frames still wait in the outbox. They are not sent first, since a
// client that does not read would then never be disconnected.
void Write::close_now(Outbox& box) {
  const std::unique_ptr<CloseClient> close = std::move(box.close);
  clients_.close(box.conn, CloseReason{close->code, close->reason});
}

// Sends the waiting frames of all outboxes in due_. If a client does not read, and more bytes wait for it than the
// limits allow, closes its connection at once. overflow() then also puts its outbox into due_ again: the while loop
// takes it out once more, and has nothing to send.
void Write::flush() {
  gathered_ = 0;
  while (!due_.empty()) {
    flushed_.swap(due_);
    for (const std::uint32_t slot : flushed_) {
      if (Outbox* box = boxes_.find_slot(slot)) flush(*box);
    }
    flushed_.clear();
  }
}

void Write::refused(Outbox& box) {
  box.busy = true;
  tell_unread(box, true);
  if (overflows(box)) overflow(box);
}

void Write::add_outbox(ConnId conn, ClientState& state) const {
  const Outbox* box = boxes_.find(conn);
  if (box == nullptr) return;
  state.outbox_frames += box->frames.size();
  state.outbox_bytes += box->event_bytes + box->answer_bytes;
}

}  // namespace resflow
