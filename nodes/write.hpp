// The write node sends frames to clients and closes their connections; no other node does. It gathers the frames for
// each client, and sends them in one call per client at the end of each turn of the event loop. When it has gathered
// many bytes, it sends them earlier, so that their memory can be used again soon. The frames that wait for one client
// are its outbox. If a client does not read, and more bytes wait for it than WriteLimits allows, its connection is
// closed.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only.
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
  // When more bytes of frames than this have been gathered for all clients, they are sent before the end of the turn of
  // the event loop. A frame for many clients counts once.
  static constexpr std::size_t kBatchBytes = 256 * 1024;
  // WriteLimits::all_answer_bytes limits the answers that wait for all clients of the lane together. If they exceed it,
  // each client may have only a share of it: the limit divided by the number of clients with waiting answers, or by
  // kSharers if there are fewer such clients. A client that does not read, and has more than its share, is
  // disconnected.
  static constexpr std::size_t kSharers = 8;
  // If more bytes of answers than this were sent to a client, its socket may have taken only a part of them. Then
  // answers_sent() checks whether it has taken all.
  static constexpr std::size_t kMuch = 64 * 1024;

  Write(WriteLimits limits, ClientPort& clients, LogPort& log) : limits_(limits), clients_(clients), log_(log) {}

  void process(WriteIn&& message, WriteOut& out);

  std::uint64_t slow_clients() const { return counters_.slow_clients; }
  const WriteCounters& counters() const { return counters_; }
  // Returns how many records about clients this node keeps. Serves to find leaks: the number must be 0 if no client is
  // connected.
  std::size_t records() const { return boxes_.size() + due_.size() + answered_; }
  // Adds to `state` how many frames and bytes wait to be sent to the client.
  void add_outbox(ConnId conn, ClientState& state) const;

 private:
  struct Outbox {
    ConnId conn;
    bool busy = false;    // the socket has refused data, and no Writable message has come since
    bool unread = false;  // the session node was told that the client does not read
    bool listed = false;  // due_ contains the slot of this outbox, so the next flush sends its frames
    bool closing = false;
    std::unique_ptr<CloseClient> close;  // set if the next flush must close the connection; else null
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
  WriteOut* out_ = nullptr;  // where the latest process() call puts its messages
  SlotTable<Outbox> boxes_;
  std::size_t answer_bytes_ = 0;        // bytes of answers in all outboxes
  std::size_t answered_ = 0;            // number of outboxes with answers
  std::vector<std::uint32_t> due_;      // slots (places in boxes_) of the outboxes that the next flush sends
  std::vector<std::uint32_t> flushed_;  // slots of the outboxes that flush() is sending now
  std::size_t gathered_ = 0;            // bytes of the frames that came since the latest flush
  WriteCounters counters_;
};

}  // namespace resflow
