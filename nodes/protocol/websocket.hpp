// The WebSocket protocol (RFC 6455) as a pure codec, seen from the server: frames out, client bytes in. No sockets, no
// opening handshake. Of extensions it knows the mark of compressed messages (RFC 7692), not how they are compressed.
// Any thread; a decoder belongs to one connection and one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace resflow {

// RFC 6455, section 5.2.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// RFC 6455, section 7.4.1. NoStatus and Abnormal are never on the wire.
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

inline constexpr std::size_t kMaxControlPayload = 125;  // RFC 6455, section 5.5
inline constexpr std::size_t kMaxCloseReason = kMaxControlPayload - 2;

// Appends the header of an unmasked, final frame; the caller appends `payload_size` bytes behind it. `rsv1` marks a
// compressed message (RFC 7692, section 6).
void append_frame_header(std::string& out, Opcode op, std::size_t payload_size, bool rsv1 = false);

// A whole unmasked frame.
std::string frame(Opcode op, std::string_view payload);

// A close frame. kNoStatus gives an empty payload; a reason above kMaxCloseReason bytes is cut between characters.
std::string close_frame(std::uint16_t code, std::string_view reason);

// What a decoder finds, in the order of the bytes. Views are valid during the call only. The callee may not feed or
// destroy the decoder.
class WebSocketEvents {
 public:
  // A whole message. Text is valid UTF-8, binary is anything.
  virtual void on_message(std::string message, bool binary) = 0;
  // A whole message as it was compressed; whether its text is UTF-8 is for the callee to see. Only where that was
  // agreed on.
  virtual void on_compressed(std::string, bool /*binary*/) {}
  virtual void on_ping(std::string_view payload) = 0;
  virtual void on_pong(std::string_view payload) = 0;
  // The peer's close frame: kNoStatus if it has no code. Nothing follows.
  virtual void on_close(std::uint16_t code, std::string_view reason) = 0;
  // The peer broke the protocol; `code` is what the connection is to be failed with. Nothing follows.
  virtual void on_error(std::uint16_t code, std::string_view text) = 0;

 protected:
  ~WebSocketEvents() = default;
};

// Turns the bytes of one client, cut anywhere, into events. Work is linear in the bytes however they are cut. Between
// messages it holds no memory but itself; within one it holds what has arrived of it, never what is merely announced.
class WebSocketDecoder {
 public:
  // Messages above `max_message_size` bytes, all fragments together, are refused with 1009. `compression`: it was
  // agreed on that messages may be compressed.
  explicit WebSocketDecoder(std::size_t max_message_size, bool compression = false)
      : max_message_size_(max_message_size), compression_(compression) {}

  // Returns how many of the bytes it took: all of them, unless the callee called suspend() meanwhile.
  std::size_t feed(std::string_view bytes, WebSocketEvents& events);
  // For the callee of an event: nothing more is taken in this call of feed().
  void suspend() { suspended_ = true; }

  // True after on_close or on_error: all further bytes are ignored.
  bool finished() const { return phase_ == Phase::finished; }
  // True when a message, or a frame, has begun and has not ended.
  bool within_message() const { return phase_ == Phase::payload || header_size_ > 0 || in_message_; }
  // Bytes of it that are kept.
  std::size_t held() const { return message_.size() + control_.size(); }

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

  std::string message_;  // fragments of the message so far, unmasked
  std::string control_;  // payload of the control frame so far, unmasked
  std::size_t max_message_size_;
  std::uint64_t remaining_ = 0;  // payload bytes of the frame still to come
  std::array<unsigned char, kMaxHeader> header_{};
  std::array<unsigned char, 4> mask_{};  // turned so that its first byte is for the next payload byte
  std::uint8_t header_size_ = 0;         // bytes of the header so far
  Phase phase_ = Phase::header;
  bool compression_;
  bool in_message_ = false;  // a data frame has come, its last fragment has not
  bool binary_ = false;
  bool compressed_ = false;
  bool suspended_ = false;
};

}  // namespace resflow
