// Writes to the connections of one web server. The socket takes as many bytes as it can. libwebsockets keeps the
// remaining bytes as the connection's backlog, and writes the backlog before anything else. Only the thread of the
// server's event loop may use this class.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "io/web/connection.hpp"
#include "io/web/frame_compressor.hpp"
#include "io/web/next_iteration.hpp"
#include "io/web/pauses.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

class Output {
 public:
  // `counters` must outlive this object. `compresses`: the server agrees to compression if a client offers it.
  Output(bool compresses, WebServerCounters& counters, Pauses& pauses, NextIteration& next);

  // Writes all frames in one call, and returns true. If the connection has a backlog (output that its socket has not
  // taken yet), writes nothing and returns false. Then the caller keeps the frames, and can drop or merge some before
  // it tries again.
  bool send(Connection& connection, std::span<const Frame> frames);
  // Writes the bytes. If a PongBatch still holds pongs (answers to WebSocket pings) for the connection, writes these
  // first, because they were gathered earlier. Returns false if the connection is lost.
  bool write(Connection& connection, std::string_view bytes);
  // Frees the compressed copies of frames. They are kept so that a frame for many clients is compressed only once
  // (FrameCompressor). After a frame was compressed, WebServer calls this in the next iteration of its event loop.
  void forget_compressed_forms();

  // Gathers pongs (answers to WebSocket pings) while the server processes the bytes of one read from a socket. flush()
  // then writes all pongs in one system call. A ping can be as short as six bytes, so a system call for each pong would
  // cost too much. Output::write() to the same connection also writes the gathered pongs. The destructor discards pongs
  // that were not written. At most one PongBatch exists at a time.
  class PongBatch {
   public:
    PongBatch(Output& output, Connection& connection);
    ~PongBatch();
    PongBatch(const PongBatch&) = delete;
    PongBatch& operator=(const PongBatch&) = delete;

    void add(std::string_view payload);
    void flush() { output_.flush_pongs(connection_); }

   private:
    Output& output_;
    Connection& connection_;
  };

 private:
  std::string_view gather(std::span<const Frame> frames, bool compressed);
  bool flush_pongs(Connection& connection);
  bool write_now(Connection& connection, std::string_view bytes);

  WebServerCounters& counters_;
  Pauses& pauses_;
  NextIteration& next_;
  std::unique_ptr<FrameCompressor> compressor_;  // null: the server does not agree to compression
  std::string gathered_;                         // buffer for the frames of one send()
  std::string pongs_;                            // gathered pongs that are not written yet
  const Connection* reading_ = nullptr;          // the connection for which a PongBatch exists now; null: none
};

}  // namespace resflow
