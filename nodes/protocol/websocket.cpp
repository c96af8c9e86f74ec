#include "nodes/protocol/websocket.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "nodes/protocol/utf8.hpp"

namespace resflow {
namespace {

constexpr unsigned char kFin = 0x80;
constexpr unsigned char kRsv1 = 0x40;
constexpr unsigned char kReserved = 0x70;
constexpr unsigned char kMasked = 0x80;
constexpr unsigned char kLength16 = 126;
constexpr unsigned char kLength64 = 127;
constexpr std::size_t kStartSize = 2;  // bytes; the first part of a header, which tells how long the whole header is

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) out.push_back(static_cast<char>(value >> (shift - 8)));
}

std::uint64_t read_big_endian(const unsigned char* p, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = (value << 8) | p[i];
  return value;
}

// Returns how many bytes the extended payload length has: 0, 2 or 8 (RFC 6455, section 5.2). `second` is the second
// byte of the header.
std::size_t length_bytes(unsigned char second) {
  const unsigned char length = second & 0x7F;
  if (length == kLength64) return 8;
  return length == kLength16 ? 2 : 0;
}

bool is_known(Opcode op) {
  switch (op) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return true;
  }
  return false;
}

// Returns true if an endpoint may send this close code (RFC 6455, section 7.4; the IANA registry for 1012 to 1014).
bool is_sendable(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

template <typename Word>
void unmask_word(char* data, Word mask) {
  Word word;
  std::memcpy(&word, data, sizeof word);
  word ^= mask;
  std::memcpy(data, &word, sizeof word);
}

// Removes the mask from the data (RFC 6455, section 5.3). It works on eight bytes at a time, because most bytes are in
// long messages.
void unmask(char* data, std::size_t size, const std::array<unsigned char, 4>& mask) {
  const auto short_mask = std::bit_cast<std::uint32_t>(mask);
  const std::uint64_t long_mask = std::uint64_t{short_mask} << 32 | short_mask;
  std::size_t i = 0;
  for (; i + sizeof long_mask <= size; i += sizeof long_mask) unmask_word(data + i, long_mask);
  if (i + sizeof short_mask <= size) {
    unmask_word(data + i, short_mask);
    i += sizeof short_mask;
  }
  for (; i < size; ++i) data[i] = static_cast<char>(static_cast<unsigned char>(data[i]) ^ mask[i % mask.size()]);
}

}  // namespace

void append_frame_header(std::string& out, Opcode op, std::size_t payload_size, bool rsv1) {
  out.push_back(static_cast<char>(kFin | (rsv1 ? kRsv1 : 0) | static_cast<unsigned char>(op)));
  if (payload_size < kLength16) {
    out.push_back(static_cast<char>(payload_size));
  } else if (payload_size <= 0xFFFF) {
    out.push_back(static_cast<char>(kLength16));
    append_big_endian(out, payload_size, 2);
  } else {
    out.push_back(static_cast<char>(kLength64));
    append_big_endian(out, payload_size, 8);
  }
}

std::string frame(Opcode op, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  append_frame_header(out, op, payload.size());
  out.append(payload);
  return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == close_code::kNoStatus) return frame(Opcode::close, {});
  if (reason.size() > kMaxCloseReason) {
    std::size_t end = kMaxCloseReason;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
    reason = reason.substr(0, end);
  }
  std::string payload;
  append_big_endian(payload, code, 2);
  payload.append(reason);
  return frame(Opcode::close, payload);
}

std::size_t WebSocketDecoder::feed(std::string_view bytes, WebSocketEvents& events) {
  const std::size_t size = bytes.size();
  suspended_ = false;
  while (!bytes.empty() && phase_ != Phase::finished && !suspended_) {
    if (phase_ == Phase::header) {
      take_header(bytes, events);
    } else {
      take_payload(bytes, events);
    }
  }
  return phase_ == Phase::finished ? size : size - bytes.size();
}

void WebSocketDecoder::take_header(std::string_view& bytes, WebSocketEvents& events) {
  const bool at_start = header_size_ < kStartSize;
  const std::size_t wanted = at_start ? kStartSize : kStartSize + length_bytes(header_[1]) + mask_.size();
  const std::size_t n = std::min(wanted - header_size_, bytes.size());
  std::memcpy(header_.data() + header_size_, bytes.data(), n);
  header_size_ = static_cast<std::uint8_t>(header_size_ + n);
  bytes.remove_prefix(n);
  if (header_size_ < wanted) return;
  if (!at_start) return begin_payload(events);
  if (const char* error = start_error()) fail(close_code::kProtocolError, error, events);
}

// Checks the first two bytes of a header. Returns the error text, or null if they are valid.
const char* WebSocketDecoder::start_error() const {
  // RFC 6455, section 5.2: the reserved bits must be 0 without an extension, and an unknown opcode fails the
  // connection. RFC 7692, section 6.1: only the first frame of a compressed message has the first reserved bit set.
  const int allowed = compression_ && begins_message() ? kRsv1 : 0;
  if ((header_[0] & kReserved & ~allowed) != 0) return "reserved bit set";
  if (!is_known(opcode())) return "unknown opcode";
  // RFC 6455, section 5.1: the server closes the connection on a frame that is not masked.
  if ((header_[1] & kMasked) == 0) return "frame is not masked";
  if (is_control()) {
    // RFC 6455, section 5.5: a control frame has at most 125 bytes of payload and is never fragmented.
    if (!fin()) return "fragmented control frame";
    if ((header_[1] & 0x7F) > kMaxControlPayload) return "control frame too long";
    return nullptr;
  }
  // RFC 6455, section 5.4: no other data message may begin between the fragments of a message.
  if (opcode() == Opcode::continuation) return in_message_ ? nullptr : "nothing to continue";
  return in_message_ ? "message within a message" : nullptr;
}

// Reads the payload length and the mask after the whole header has come.
void WebSocketDecoder::begin_payload(WebSocketEvents& events) {
  const std::size_t extended = length_bytes(header_[1]);
  std::uint64_t length = header_[1] & 0x7F;
  if (extended > 0) {
    length = read_big_endian(header_.data() + kStartSize, extended);
    // RFC 6455, section 5.2: the length must be in its shortest form, and the top bit of a 64-bit length must be 0.
    const bool minimal = extended == 2 ? length >= kLength16 : length > 0xFFFF && (length >> 63) == 0;
    if (!minimal) return fail(close_code::kProtocolError, "bad payload length", events);
  }
  if (!is_control()) {
    if (length > max_message_size_ - message_.size()) {
      return fail(close_code::kMessageTooBig, "message too big", events);
    }
    if (begins_message()) {
      binary_ = opcode() == Opcode::binary;
      compressed_ = (header_[0] & kRsv1) != 0;
    }
    in_message_ = true;
  }
  std::memcpy(mask_.data(), header_.data() + kStartSize + extended, mask_.size());
  remaining_ = length;
  phase_ = Phase::payload;
  if (remaining_ == 0) finish_frame(events);
}

void WebSocketDecoder::take_payload(std::string_view& bytes, WebSocketEvents& events) {
  if (is_control() && !control_) control_ = std::make_unique<std::string>();
  std::string& target = is_control() ? *control_ : message_;
  const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  const std::size_t start = target.size();
  target.append(bytes.data(), n);
  unmask(target.data() + start, n, mask_);
  bytes.remove_prefix(n);
  remaining_ -= n;
  if (remaining_ == 0) return finish_frame(events);
  // More payload follows. Rotates the mask so that mask_[0] belongs to the next payload byte.
  std::rotate(mask_.begin(), mask_.begin() + n % mask_.size(), mask_.end());
}

void WebSocketDecoder::finish_frame(WebSocketEvents& events) {
  phase_ = Phase::header;
  header_size_ = 0;
  if (is_control()) {
    finish_control(events);
  } else if (fin()) {
    finish_message(events);
  }
}

void WebSocketDecoder::finish_control(WebSocketEvents& events) {
  const std::string payload = control_ ? std::move(*control_) : std::string();
  control_ = nullptr;
  switch (opcode()) {
    case Opcode::ping:
      return events.on_ping(payload);
    case Opcode::pong:
      return events.on_pong(payload);
    default:
      return finish_close(payload, events);
  }
}

// Checks a close frame and reports it, which ends decoding. The payload is empty, or consists of a code of two bytes
// and a reason in UTF-8 (RFC 6455, section 5.5.1).
void WebSocketDecoder::finish_close(std::string_view payload, WebSocketEvents& events) {
  std::uint16_t code = close_code::kNoStatus;
  std::string_view reason;
  if (!payload.empty()) {
    if (payload.size() < 2) return fail(close_code::kProtocolError, "close code cut off", events);
    code = static_cast<std::uint16_t>(read_big_endian(reinterpret_cast<const unsigned char*>(payload.data()), 2));
    if (!is_sendable(code)) return fail(close_code::kProtocolError, "bad close code", events);
    reason = payload.substr(2);
    if (!valid_utf8(reason)) return fail(close_code::kInvalidPayload, "close reason is not UTF-8", events);
  }
  phase_ = Phase::finished;
  in_message_ = false;
  message_ = std::string();
  events.on_close(code, reason);
}

void WebSocketDecoder::finish_message(WebSocketEvents& events) {
  std::string message = std::move(message_);
  message_.clear();
  in_message_ = false;
  if (compressed_) return events.on_compressed(std::move(message), binary_);
  // RFC 6455, section 8.1: text that is not UTF-8 fails the connection.
  if (!binary_ && !valid_utf8(message)) {
    return fail(close_code::kInvalidPayload, "text is not UTF-8", events);
  }
  events.on_message(std::move(message), binary_);
}

// Ends decoding with an error. Drops the unfinished message and frees its memory. (`= std::string()` frees it; `= {}`
// would keep the buffer.)
void WebSocketDecoder::fail(std::uint16_t code, std::string_view text, WebSocketEvents& events) {
  phase_ = Phase::finished;
  header_size_ = 0;
  in_message_ = false;
  message_ = std::string();
  control_ = nullptr;
  events.on_error(code, text);
}

}  // namespace resflow
