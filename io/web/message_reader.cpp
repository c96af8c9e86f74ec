#include "io/web/message_reader.hpp"

#include <algorithm>
#include <utility>

#include "nodes/protocol/utf8.hpp"

namespace resflow {
namespace {

// Returns how many bytes a lane (one thread of the gateway) may decompress before it must process the decompressed
// messages. This is 2 MiB, or the largest size of a message if that is more. While a lane processes messages, all its
// clients wait: 2 MiB take about 10 ms.
InflationBudget inflation_budget(const WebServerOptions& options) {
  constexpr std::size_t least = 2 << 20;
  return InflationBudget(std::max(least, options.max_message_size));
}

}  // namespace

// Gets the frames that the WebSocket decoder finds in bytes from one connection, and handles them. An object exists
// only during one call of WebSocketDecoder::feed().
class MessageReader::FrameEvents final : public WebSocketEvents {
 public:
  FrameEvents(MessageReader& reader, Connection& connection, Output::PongBatch& pongs)
      : reader_(reader), connection_(connection), pongs_(pongs) {}

  void on_message(std::string message, bool binary) override {
    if (!is_open()) return;
    if (binary && !valid_utf8(message)) return refuse_text();
    pass(std::move(message));
  }

  void on_compressed(std::string payload, bool) override {
    if (!is_open()) return;
    std::string message;
    switch (reader_.inflation_->messages.expand(payload, core().options.max_message_size, message)) {
      case Inflater::Result::too_large:
        return core().closing.fail(connection_, close_code::kMessageTooBig, "message too big");
      case Inflater::Result::corrupt:
        return core().closing.fail(connection_, close_code::kInvalidPayload, "compressed message is corrupt");
      case Inflater::Result::done:
        break;
    }
    if (!valid_utf8(message)) return refuse_text();
    reader_.inflation_->budget.spend(message.size());
    pass(std::move(message));
    if (reader_.inflation_->budget.is_spent_by_client()) connection_.decoder.suspend();
  }

  void on_ping(std::string_view payload) override {
    if (!is_open()) return;
    pongs_.add(payload);
  }

  void on_pong(std::string_view) override {}

  void on_close(std::uint16_t code, std::string_view) override { reader_.answer_close(connection_, code); }

  void on_error(std::uint16_t code, std::string_view text) override {
    if (is_open()) return core().closing.fail(connection_, code, text);
    if (connection_.state == ConnectionState::close_sent) core().closing.linger(connection_);
  }

  // Returns true if at least one message was complete and was passed on to the gateway.
  bool any() const { return any_; }

 private:
  WebServerCore& core() const { return reader_.core_; }
  bool is_open() const { return connection_.state == ConnectionState::open && !connection_.will_be_cut; }

  void refuse_text() { core().closing.fail(connection_, close_code::kInvalidPayload, "message is not UTF-8"); }

  void pass(std::string message) {
    ++core().counters.frames_in;
    any_ = true;
    core().sink.frame(core().table.id_of(connection_), std::move(message));
  }

  MessageReader& reader_;
  Connection& connection_;
  Output::PongBatch& pongs_;
  bool any_ = false;
};

MessageReader::MessageReader(WebServerCore& core)
    : core_(core),
      inflation_(core.options.compression ? std::make_unique<Inflation>(inflation_budget(core.options)) : nullptr) {}

void MessageReader::read(Connection& connection, std::string_view bytes) {
  if (connection.http == nullptr) return read_frames(connection, bytes);
  connection.http->bytes.append(bytes);  // after the earlier bytes that wait there
  read_again(connection);
}

void MessageReader::read_again(Connection& connection) {
  if (connection.http == nullptr || has_backlog(connection) || is_paused(connection, Pause::sink)) return;
  const std::unique_ptr<HttpExchange> http = std::move(connection.http);
  read_frames(connection, http->bytes);
  if (connection.http == nullptr) core_.pauses.end(connection, Pause::inflating);
}

void MessageReader::read_frames(Connection& connection, std::string_view bytes) {
  if (!may_inflate(connection)) {
    if (keep(connection, bytes)) core_.next.read_first(connection);
    return;
  }
  Output::PongBatch pongs(core_.output, connection);
  FrameEvents events(*this, connection, pongs);
  const std::size_t taken = connection.decoder.feed(bytes, events);
  pongs.flush();
  if (events.any()) core_.deadlines.message_is_complete(connection);
  if (taken == bytes.size()) return core_.held_input.recount(connection);
  if (keep(connection, bytes.substr(taken))) core_.next.read_again(connection);
}

// Returns true if the server may decompress messages of the connection now. Returns false if the connection must wait,
// because its lane (thread) has used up its budget for decompressed bytes. First calls InflationBudget::begin_client(),
// because the next bytes to decompress come from another client, and each client may use only a part of the budget.
bool MessageReader::may_inflate(const Connection& connection) const {
  if (!connection.compressed || connection.state != ConnectionState::open) return true;
  inflation_->budget.begin_client();
  return !inflation_->budget.is_spent();
}

// Stores the bytes without decompressing them, and stops reading from the connection until they are processed. Returns
// false, and stores nothing, if the connection is being closed, because its messages are not needed any more.
bool MessageReader::keep(Connection& connection, std::string_view bytes) {
  if (connection.state != ConnectionState::open || connection.will_be_cut) return false;
  if (connection.http == nullptr) connection.http = std::make_unique<HttpExchange>();
  connection.http->bytes.assign(bytes);
  core_.pauses.begin(connection, Pause::inflating);
  core_.held_input.recount(connection);
  return true;
}

void MessageReader::on_late_message(Connection& connection) {
  core_.closing.fail(connection, close_code::kPolicyViolation, "the message did not come in time");
  connection.decoder = WebSocketDecoder(0);  // frees the memory of the unfinished message
  core_.held_input.recount(connection);
}

void MessageReader::renew_budget() {
  if (inflation_ != nullptr) inflation_->budget.renew();
}

// Handles a close frame from the client. Answers it with a close frame of the same code (RFC 6455, section 5.5.1). If
// the server has sent its own close frame first, the client's frame is the answer, and the server sends no further one.
// In both cases the server then closes the socket (section 7.1.1).
void MessageReader::answer_close(Connection& connection, std::uint16_t code) {
  if (connection.state == ConnectionState::open) {
    connection.close_code = code;
    core_.output.write(connection, close_frame(code, {}));
  } else if (connection.state != ConnectionState::close_sent) {
    return;
  }
  core_.closing.drain(connection);
}

}  // namespace resflow
