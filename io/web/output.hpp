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

  // Writes all frames in one call, and returns true. If the connection has a backlog, writes no frame and returns
  // false. Then the caller keeps the frames, and can drop or merge them before it tries again. So a backlog never has
  // frames of more than one call.
  bool send(Connection& connection, std::span<const Frame> frames);
  // Writes the bytes. If a PongBatch has gathered pongs for the connection, writes the pongs first, because they answer
  // earlier input. Returns false if the connection is lost.
  bool write(Connection& connection, std::string_view bytes);
  // Forgets the compressed frames (FrameCompressor::forget). WebServer must call this in each loop iteration in which
  // it does work that was put off (NextIteration).
  void forget_compressed_forms();

  // Gathers the pongs that answer the pings in the bytes of one read from a socket, so that the server writes all pongs
  // in one system call. A ping can be as short as six bytes, and a system call for each ping would cost too much.
  // flush() writes the pongs; Output::write() to the same connection writes them, too. The destructor discards pongs
  // that were not written. At most one PongBatch exists at a time, because the server reads one connection after
  // another.
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
  std::string pongs_;                            // the pongs of the PongBatch that exists now
  const Connection* reading_ = nullptr;          // the connection of the PongBatch that exists now, or null
};

}  // namespace resflow
