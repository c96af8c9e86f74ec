// The WebSocket protocol (RFC 6455) on the server side: encodes frames to clients, and decodes the bytes that clients
// send. It has no sockets and does not perform the opening handshake. It recognizes messages that are marked as
// compressed (RFC 7692), but does not decompress them. No I/O and no shared state; any thread may use it. A decoder
// belongs to one connection, and one thread at a time may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace resflow {

// The opcodes of frames (RFC 6455, section 5.2).
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// Close codes (RFC 6455, section 7.4.1). kNoStatus and kAbnormal are never sent.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNoStatus = 1005;
inline constexpr std::uint16_t kAbnormal = 1006;
inline constexpr std::uint16_t kInvalidPayload = 1007;
inline constexpr std::uint16_t kPolicyViolation = 1008;
inline constexpr std::uint16_t kMessageTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
}  // namespace close_code

inline constexpr std::size_t kMaxControlPayload = 125;                  // bytes (RFC 6455, section 5.5)
inline constexpr std::size_t kMaxCloseReason = kMaxControlPayload - 2;  // bytes; the close code takes the other two

// Appends the header of an unmasked, final frame. The caller then appends the payload of `payload_size` bytes. `rsv1`
// is true for a compressed message (RFC 7692, section 6).
void append_frame_header(std::string& out, Opcode op, std::size_t payload_size, bool rsv1 = false);

// Returns a whole unmasked frame.
std::string frame(Opcode op, std::string_view payload);

// Returns a close frame. With kNoStatus its payload is empty. A reason longer than kMaxCloseReason bytes is cut between
// two characters.
std::string close_frame(std::uint16_t code, std::string_view reason);

// The interface through which a WebSocketDecoder reports what it has decoded, in the order of the bytes. The string
// views that a function gets are valid only until it returns. The function must not call feed() or destroy the decoder.
class WebSocketEvents {
 public:
  // A whole message. A text message is valid UTF-8; a binary message may have any content.
  virtual void on_message(std::string message, bool binary) = 0;
  // A whole message that is still compressed. The called function must decompress it and check that a text message is
  // UTF-8. Only called if the decoder was made with `compression`.
  virtual void on_compressed(std::string, bool /*binary*/) {}
  virtual void on_ping(std::string_view payload) = 0;
  virtual void on_pong(std::string_view payload) = 0;
  // The client has sent a close frame; the code is kNoStatus if the frame has none. No event follows.
  virtual void on_close(std::uint16_t code, std::string_view reason) = 0;
  // The client has broken the protocol. The connection must be closed with `code`. No event follows.
  virtual void on_error(std::uint16_t code, std::string_view text) = 0;

 protected:
  ~WebSocketEvents() = default;
};

// Decodes the bytes of one client into messages, pings and so on, and reports them to a WebSocketEvents. The bytes may
// come in pieces of any size; the time is proportional to the number of bytes, even if the pieces are tiny. Between
// messages the decoder holds no allocated memory. Within a message it holds only the bytes that have arrived: it
// reserves no memory for a length that a frame header only announces.
class WebSocketDecoder {
 public:
  // A message of more than `max_message_size` bytes, all fragments together, is refused with close code 1009.
  // `compression` is true if the handshake has agreed that messages may be compressed.
  explicit WebSocketDecoder(std::size_t max_message_size, bool compression = false)
      : max_message_size_(max_message_size), compression_(compression) {}

  // Decodes bytes and reports what it finds to `events`. Returns how many of the bytes it has decoded: normally all,
  // but fewer if a function of `events` has called suspend(). The caller must later pass the rest again.
  std::size_t feed(std::string_view bytes, WebSocketEvents& events);
  // Makes feed() return without taking more bytes. A function of WebSocketEvents may call it.
  void suspend() { suspended_ = true; }

  // Returns true after on_close or on_error. All further bytes are ignored then.
  bool finished() const { return phase_ == Phase::finished; }
  // Returns true if a message or a frame has begun and has not ended.
  bool within_message() const { return phase_ == Phase::payload || header_size_ > 0 || in_message_; }
  // Returns how many payload bytes of unfinished messages and frames the decoder holds.
  std::size_t held() const { return message_.size() + (control_ ? control_->size() : 0); }

 private:
  enum class Phase : std::uint8_t { header, payload, finished };
  static constexpr std::size_t kMaxHeader = 14;

  void take_header(std::string_view& bytes, WebSocketEvents& events);
  void take_payload(std::string_view& bytes, WebSocketEvents& events);
  const char* start_error() const;
  void begin_payload(WebSocketEvents& events);
  void finish_frame(WebSocketEvents& events);
  void finish_control(WebSocketEvents& events);
  void finish_close(std::string_view payload, WebSocketEvents& events);
  void finish_message(WebSocketEvents& events);
  void fail(std::uint16_t code, std::string_view text, WebSocketEvents& events);

  Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0F); }
  bool fin() const { return (header_[0] & 0x80) != 0; }
  bool is_control() const { return (header_[0] & 0x08) != 0; }
  bool begins_message() const { return !is_control() && opcode() != Opcode::continuation; }

  std::string message_;  // the payload of the message so far, all fragments together, unmasked
  // The payload of the present control frame so far, unmasked. Null until the first payload byte comes, so that a quiet
  // connection takes little memory.
  std::unique_ptr<std::string> control_;
  std::size_t max_message_size_;
  std::uint64_t remaining_ = 0;  // payload bytes of the current frame that are still to come
  std::array<unsigned char, kMaxHeader> header_{};
  std::array<unsigned char, 4> mask_{};  // rotated so that its first byte belongs to the next payload byte
  std::uint8_t header_size_ = 0;         // bytes of the header that have come so far
  Phase phase_ = Phase::header;
  bool compression_;
  bool in_message_ = false;  // a message has begun, and its last fragment is not complete
  bool binary_ = false;
  bool compressed_ = false;
  bool suspended_ = false;
};

}  // namespace resflow
