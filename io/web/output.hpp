// Writes to the connections of one web server. The socket takes what it can; libwebsockets keeps the rest as the
// connection's backlog, and writes it before anything else. Loop thread only.
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
  // `counters` must outlive it. Without `compresses`, no connection agrees on compression.
  Output(bool compresses, WebServerCounters& counters, Pauses& pauses, NextIteration& next);

  // Writes all frames in one call. While there is a backlog, nothing is taken, and it returns false: the caller keeps
  // the frames and can drop or merge them, so the backlog is never more than one call's frames.
  bool send(Connection& connection, std::span<const Frame> frames);
  // Writes the waiting pongs first, because they answer earlier input. Returns false if the connection is lost.
  bool write(Connection& connection, std::string_view bytes);
  // Must be called at the end of each iteration of the loop.
  void forget_twins();

  // Gathers the pongs that answer the pings in one read, so that a client cannot cause a system call with every six
  // bytes that it sends. They are written by flush(), or with other output. There is one such object at a time.
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
  std::unique_ptr<FrameCompressor> compressor_;  // null: compression is never agreed on
  std::string gathered_;                         // buffer for the frames of one send()
  std::string pongs_;                            // of the PongBatch
  const Connection* reading_ = nullptr;          // the connection of the PongBatch, or null
};

}  // namespace resflow
