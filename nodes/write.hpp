// write: gathers what is due to each client during a batch and sends it in one call at the end of it, or before when
// there is much: what many clients have asked for is sent while it is at hand, and takes the same memory over and over.
// The outbox of a client is bounded: one that does not read is closed with a reason. The only node that talks to the
// client port.
//
// Pure; one instance a lane, called by that lane only.
#pragma once

#include <cstdint>
#include <vector>

#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct WriteOut {
  std::vector<SessionIn> session;
};

class Write {
 public:
  // Bytes of frames that are gathered at most; one for many clients counts once.
  static constexpr std::size_t kBatchBytes = 256 * 1024;
  // One client's share of the bytes of all answers is no more than that of so many.
  static constexpr std::size_t kSharers = 8;
  // Bytes of answers, sent at once, of which a socket may not take all.
  static constexpr std::size_t kMuch = 64 * 1024;

  Write(WriteLimits limits, ClientPort& clients, LogPort& log) : limits_(limits), clients_(clients), log_(log) {}

  void process(WriteIn&& message, WriteOut& out);

  std::uint64_t slow_clients() const { return counters_.slow_clients; }
  const WriteCounters& counters() const { return counters_; }
  // Adds what waits for the client.
  void add_outbox(ConnId conn, ClientState& state) const;

 private:
  struct Outbox {
    ConnId conn;
    bool open = false;
    bool busy = false;    // the socket refused the last send
    bool unread = false;  // session knows so
    bool listed = false;  // in due_
    bool closing = false;
    std::uint16_t close_code = 0;
    std::string close_reason;
    std::size_t event_bytes = 0;
    std::size_t answer_bytes = 0;
    std::vector<Frame> frames;
  };

  Outbox* find(ConnId conn);
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
  void refused(Outbox& box);

  WriteLimits limits_;
  ClientPort& clients_;
  LogPort& log_;
  WriteOut* out_ = nullptr;       // during process()
  std::vector<Outbox> boxes_;     // by slot
  std::size_t answer_bytes_ = 0;  // in all boxes
  std::size_t answered_ = 0;      // boxes with answers
  std::vector<std::uint32_t> due_;
  std::vector<std::uint32_t> flushed_;  // in flush()
  std::size_t gathered_ = 0;            // bytes of frames since the last flush
  WriteCounters counters_;
};

}  // namespace resflow
