// write: gathers what has to be sent to each client during a batch, and sends it in one call per client at the end of
// the batch. When much is gathered, it sends before the end: frames are sent soon after they were made, and the same
// memory is used over and over. The outbox of a client is bounded: a client that does not read is closed with a reason.
// It is the only node that sends to clients and closes them.
//
// Pure; one instance per lane, called by that lane only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/protocol/slot_table.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct WriteOut {
  std::vector<SessionIn> session;
};

class Write {
 public:
  // Frames are sent when more than so many bytes are gathered. A frame for many clients counts once.
  static constexpr std::size_t kBatchBytes = 256 * 1024;
  // When all answers together exceed their limit, each client may have an equal share of it. The share is at most
  // 1/kSharers, however few clients have answers.
  static constexpr std::size_t kSharers = 8;
  // When more bytes of answers are sent at once, the socket may not take all of them.
  static constexpr std::size_t kMuch = 64 * 1024;

  Write(WriteLimits limits, ClientPort& clients, LogPort& log) : limits_(limits), clients_(clients), log_(log) {}

  void process(WriteIn&& message, WriteOut& out);

  std::uint64_t slow_clients() const { return counters_.slow_clients; }
  const WriteCounters& counters() const { return counters_; }
  // Returns how many records it keeps. When no client is connected and nothing is under way, there must be none.
  std::size_t records() const { return boxes_.size() + due_.size() + answered_; }
  // Adds what waits in the client's outbox to `state`.
  void add_outbox(ConnId conn, ClientState& state) const;

 private:
  struct Outbox {
    ConnId conn;
    bool busy = false;    // the socket refused the last send
    bool unread = false;  // session was told that the client does not read
    bool listed = false;  // its slot is in due_
    bool closing = false;
    std::unique_ptr<CloseClient> close;  // null: no close waits for the next flush
    std::size_t event_bytes = 0;
    std::size_t answer_bytes = 0;
    std::vector<Frame> frames;
  };

  void connected(ConnId conn);
  void disconnected(ConnId conn);
  void respond(const WebAnswer& m);
  void accept(const Accept& m);
  void append(Outgoing&& m);
  void add_answer(Outbox& box, std::size_t size);
  bool overflows(const Outbox& box) const;
  void overflow(Outbox& box);
  void tell_unread(Outbox& box, bool on);
  void empty(Outbox& box);
  void uncount(Outbox& box);
  void writable(ConnId conn);
  void close(CloseClient&& m);
  void due(Outbox& box);
  void flush();
  void flush(Outbox& box);
  void send(Outbox& box);
  bool answers_sent(Outbox& box);
  void close_now(Outbox& box);
  void refused(Outbox& box);

  WriteLimits limits_;
  ClientPort& clients_;
  LogPort& log_;
  WriteOut* out_ = nullptr;  // valid during process()
  SlotTable<Outbox> boxes_;
  std::size_t answer_bytes_ = 0;        // in all outboxes
  std::size_t answered_ = 0;            // number of outboxes with answers
  std::vector<std::uint32_t> due_;      // slots of the outboxes to flush
  std::vector<std::uint32_t> flushed_;  // the slots that flush() is working on
  std::size_t gathered_ = 0;            // bytes of frames since the last flush
  WriteCounters counters_;
};

}  // namespace resflow
