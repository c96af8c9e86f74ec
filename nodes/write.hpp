// write: gathers what is due to each client during a batch and sends it in one call at the end of it, or before when
// there is much: what many clients have asked for is sent while it is at hand, and takes the same memory over and over.
// The outbox of a client is bounded: one that does not read is closed with a reason. The only node that talks to the
// client port.
//
// Pure; one instance a lane, called by that lane only.
#pragma once

#include <cstdint>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/ports.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

struct WriteOut {};

struct WriteLimits {
  std::size_t outbox_bytes = 16 * 1024 * 1024;  // that wait for one client
};

class Write {
 public:
  // Bytes of frames that are gathered at most; one for many clients counts once.
  static constexpr std::size_t kBatchBytes = 256 * 1024;

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
    bool listed = false;  // in due_
    bool closing = false;
    std::uint16_t close_code = 0;
    std::string close_reason;
    std::size_t bytes = 0;
    std::vector<Frame> frames;
  };

  Outbox* find(ConnId conn);
  void connected(ConnId conn);
  void disconnected(ConnId conn);
  void respond(const WebAnswer& m);
  void accept(const Accept& m);
  void append(Outgoing&& m);
  void overflow(Outbox& box);
  void writable(ConnId conn);
  void close(CloseClient&& m);
  void due(Outbox& box);
  void flush();
  void send(Outbox& box);

  WriteLimits limits_;
  ClientPort& clients_;
  LogPort& log_;
  std::vector<Outbox> boxes_;  // by slot
  std::vector<std::uint32_t> due_;
  std::size_t gathered_ = 0;  // bytes of frames since the last flush
  WriteCounters counters_;
};

}  // namespace resflow
