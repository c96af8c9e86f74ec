#include "io/web/output.hpp"

#include <libwebsockets.h>

#include "nodes/protocol/websocket.hpp"

namespace resflow {
namespace {

constexpr std::size_t kKeptBuffer = 1 << 20;  // bytes; after a send(), a larger buffer is freed

}  // namespace

Output::Output(bool compresses, WebServerCounters& counters, Pauses& pauses, NextIteration& next)
    : counters_(counters),
      pauses_(pauses),
      next_(next),
      compressor_(compresses ? std::make_unique<FrameCompressor>() : nullptr) {}

bool Output::send(Connection& connection, std::span<const Frame> frames) {
  if (has_backlog(connection)) {
    connection.writable_due = true;
    return false;
  }
  if (frames.empty()) return true;
  const bool as_it_is = frames.size() == 1 && !connection.compressed;
  write(connection, as_it_is ? std::string_view(*frames.front()) : gather(frames, connection.compressed));
  counters_.frames_out += frames.size();
  if (gathered_.capacity() > kKeptBuffer) gathered_ = std::string();
  return true;
}

// Copies the frames one after the other into the buffer gathered_, and returns its content. If `compressed` is true,
// copies the compressed form of each frame.
std::string_view Output::gather(std::span<const Frame> frames, bool compressed) {
  gathered_.clear();
  for (const Frame& frame : frames) gathered_.append(compressed ? *compressor_->compressed_form(frame) : *frame);
  if (compressed) {
    counters_.compressions = compressor_->compressions();
    if (compressor_->remembers()) next_.wake();
  }
  return gathered_;
}

void Output::forget_compressed_forms() {
  if (compressor_ != nullptr) compressor_->forget();
}

bool Output::write(Connection& connection, std::string_view bytes) {
  return flush_pongs(connection) && write_now(connection, bytes);
}

bool Output::flush_pongs(Connection& connection) {
  if (reading_ != &connection || pongs_.empty()) return true;
  const bool written = write_now(connection, pongs_);
  pongs_.clear();
  return written;
}

// Writes as many bytes as the socket takes now; libwebsockets keeps the remaining bytes as a backlog. Returns false if
// the connection is lost.
bool Output::write_now(Connection& connection, std::string_view bytes) {
  if (connection.will_be_cut || connection.wsi == nullptr) return false;
  if (bytes.empty()) return true;
  // lws_write() takes a pointer to non-const bytes, but does not change the bytes of a raw write.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(connection.wsi, data, bytes.size(), LWS_WRITE_RAW) < 0) {
    next_.cut(connection);
    return false;
  }
  counters_.bytes_out += bytes.size();
  connection.bytes_out += bytes.size();
  if (has_backlog(connection)) {
    connection.writable_due = true;
    // Without this pause, the loop would use a whole core: while there is a backlog, libwebsockets does not read from
    // the socket, and unread bytes in the socket would wake the loop again and again.
    pauses_.begin(connection, Pause::backlog);
  }
  return true;
}

Output::PongBatch::PongBatch(Output& output, Connection& connection) : output_(output), connection_(connection) {
  output_.reading_ = &connection;
}

Output::PongBatch::~PongBatch() {
  output_.reading_ = nullptr;
  output_.pongs_.clear();
}

void Output::PongBatch::add(std::string_view payload) {
  append_frame_header(output_.pongs_, Opcode::pong, payload.size());
  output_.pongs_.append(payload);
}

}  // namespace resflow
