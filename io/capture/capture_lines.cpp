#include "io/capture/capture_lines.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "io/capture/capture_batch.hpp"
#include "io/capture/capture_text.hpp"

namespace resflow {

namespace {

constexpr std::string_view kSum = R"(,"sum":")";
constexpr std::size_t kSumSize = kSum.size() + 8 + 2;  // bytes: kSum, 8 hexadecimal digits, a quote and a brace

void append_conn(ByteBuffer& out, ConnId conn) {
  out.add('"');
  out.add_number(conn.slot);
  out.add('.');
  out.add_number(conn.generation);
  out.add('"');
}

void append_bytes(ByteBuffer& out, std::string_view bytes) {
  out.add(R"({"bytes64":")");
  append_base64(out, bytes);
  out.add("\"}");
}

// Returns the checksum of a line: the lower 32 bits of its XXH3 hash, in hexadecimal.
std::array<char, 8> sum_of(std::string_view line) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto sum = static_cast<std::uint32_t>(XXH3_64bits(line.data(), line.size()));
  std::array<char, 8> text;
  for (std::size_t i = text.size(); i > 0; --i, sum >>= 4) text[i - 1] = digits[sum & 15];
  return text;
}

std::string_view name_of(ClientKind kind) {
  return kind == ClientKind::held ? "held" : kind == ClientKind::web ? "web" : "websocket";
}

}  // namespace

// Returns the text in a WebSocket frame that the gateway sends; empty if the frame is compressed or is no text frame.
// The first byte 0x81 (the FIN bit and the opcode for text, RFC 6455) marks an uncompressed text frame. The second byte
// tells the size of the frame's header. The text follows the header unchanged, since the gateway does not mask its
// frames.
std::string_view frame_text(std::string_view frame) {
  if (frame.size() < 2 || static_cast<unsigned char>(frame[0]) != 0x81) return {};
  const auto length = static_cast<unsigned char>(frame[1]);
  const std::size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
  return frame.size() < header ? std::string_view() : frame.substr(header);
}

void seal_line(ByteBuffer& text, std::size_t start) {
  const auto sum = sum_of(text.view().substr(start));
  text.add(kSum);
  text.add(std::string_view(sum.data(), sum.size()));
  text.add("\"}\n");
}

std::string first_line(std::string_view header, unsigned part) {
  ByteBuffer line;
  line.add('{');
  line.add(header);
  line.add(R"(,"part":)");
  line.add_number(part);
  seal_line(line, 0);
  return std::string(line.view());
}

std::string last_line(std::string_view how) {
  ByteBuffer line;
  line.add(R"({"end":")");
  line.add(how);
  line.add('"');
  seal_line(line, 0);
  return std::string(line.view());
}

std::optional<std::string_view> unseal_line(std::string_view line) {
  if (line.size() < kSumSize || line.substr(line.size() - kSumSize, kSum.size()) != kSum) return line;
  const std::string_view body = line.substr(0, line.size() - kSumSize);
  const auto sum = sum_of(body);
  if (line.substr(body.size() + kSum.size()) != std::string(sum.data(), sum.size()) + "\"}") return std::nullopt;
  return body;
}

CaptureLines::CaptureLines(LaneId lane, bool sealed) : lane_(lane), sealed_(sealed) {}

// ---- Functions that record what enters the lane (a thread of the gateway).

void CaptureLines::entered(const ParseIn& message, bool inside) {
  finish();
  std::visit([this](const auto& m) { on(m); }, message);
  end(inside);
}

// Records that a client's socket can take data again (Writable). Ignores all other messages to the write node, which
// sends data to clients: they come from inside the lane, so a replay makes them again.
void CaptureLines::entered(const WriteIn& message, bool inside) {
  const auto* writable = std::get_if<Writable>(&message);
  if (writable == nullptr) return;
  finish();
  begin(R"({"in":"writable")");
  conn(writable->conn);
  end(inside);
}

void CaptureLines::entered(const ServiceReply& message, bool inside) {
  finish();
  begin(R"({"in":"reply")");
  number(R"(,"id":)", message.id.value());
  string(R"(,"payload":)", message.payload);
  if (message.no_responders) text_.add(R"(,"noresponders":true)");
  if (!message.failure.empty()) string(R"(,"failure":)", message.failure);
  end(inside);
}

void CaptureLines::entered(const ServiceMessage& message, bool inside) {
  finish();
  begin(R"({"in":"message")");
  number(R"(,"handle":)", message.handle.value());
  string(R"(,"subject":)", message.subject);
  string(R"(,"payload":)", message.payload);
  end(inside);
}

void CaptureLines::entered(const ServiceNotice& notice, bool inside) {
  finish();
  if (const auto* refused = std::get_if<SubscriptionRefused>(&notice)) {
    begin(R"({"in":"refusal")");
    number(R"(,"handle":)", refused->handle.value());
    string(R"(,"why":)", refusal_name(refused->why));
  } else {
    begin(R"({"in":"restored")");
  }
  end(inside);
}

void CaptureLines::on(const Connected& m) {
  begin(R"({"in":"connected")");
  conn(m.conn);
  string(R"(,"kind":)", name_of(m.kind));
  client(*m.info);
}

void CaptureLines::on(const ClientText& m) {
  begin(R"({"in":"frame")");
  conn(m.conn);
  string(R"(,"text":)", m.text);
}

void CaptureLines::on(const WebRequest& m) {
  begin(R"({"in":"request")");
  conn(m.conn);
  client(*m.info);
  string(R"(,"method":)", m.method);
  string(R"(,"body":)", m.body);
}

void CaptureLines::on(const Disconnected& m) {
  begin(R"({"in":"disconnected")");
  conn(m.conn);
}

void CaptureLines::turn(Millis now, std::int64_t us) {
  finish();
  turn_frames_.clear();
  turn_frame_count_ = 0;
  begin(R"({"turn":)");
  text_.add_number(static_cast<std::uint64_t>(now));
  number(R"(,"us":)", static_cast<std::uint64_t>(us));
  end();
}

void CaptureLines::took(const MailRuns& runs) {
  finish();
  begin(R"({"take":[)");
  for (const MailRun& run : runs) {
    if (&run != &runs.front()) text_.add(',');
    text_.add('[');
    if (run.from == MailRun::kOutside) {
      text_.add(R"("outside")");
    } else {
      text_.add_number(run.from);
    }
    text_.add(',');
    text_.add_number(run.count);
    text_.add(']');
  }
  text_.add(']');
  end();
}

// ---- Functions that record what leaves the lane (a thread of the gateway).

void CaptureLines::sent(ConnId to, std::span<const Frame> frames) {
  if (same_as_open(frames)) {
    text_.add(',');
    return append_conn(text_, to);
  }
  finish();
  begin(R"({"out":"send","frames":)");
  bool again = true;
  char separator = '[';
  for (const Frame& f : frames) {
    text_.add(separator);
    again = frame(f) && again;
    separator = ',';
  }
  text_.add(R"(],"to":[)");
  append_conn(text_, to);
  open_ = true;
  if (!again) return finish();
  open_frames_.assign(frames.begin(), frames.end());
}

bool CaptureLines::same_as_open(std::span<const Frame> frames) const {
  return open_ && std::equal(frames.begin(), frames.end(), open_frames_.begin(), open_frames_.end());
}

// Writes the text of a frame, or only the frame's number if an earlier line already has the text. Most frames go to one
// client only: then no other shared pointer to the frame exists, and its use count is 1. Such a frame will not be sent
// again, so turn_frames_ does not store it.
bool CaptureLines::frame(const Frame& frame) {
  if (frame.use_count() == 1) {
    ++turn_frame_count_;
    frame_as_text(*frame);
    return false;
  }
  const auto [known, is_new] = turn_frames_.try_emplace(frame.get(), turn_frame_count_, frame);
  if (is_new) {
    ++turn_frame_count_;
    frame_as_text(*frame);
  } else {
    text_.add_number(known->second.first);
  }
  return true;
}

// Writes the content of a frame. The gateway's text frames contain JSON, which is copied unchanged. If this JSON has a
// line feed, it is written as a JSON string, so that the record stays in one line. Any other frame is written in
// base64.
void CaptureLines::frame_as_text(const std::string& frame) {
  const std::string_view text = frame_text(frame);
  if (!text.empty() && is_plain(text)) {
    text_.add(text);
  } else if (text.empty() || !is_text(text)) {
    append_bytes(text_, frame);
  } else if (text.find('\n') == std::string_view::npos) {
    text_.add(text);
  } else {
    append_quoted(text_, text);
  }
}

void CaptureLines::refused(ConnId id) {
  finish();
  begin(R"({"out":"refused")");
  conn(id);
  end();
}

void CaptureLines::closed(ConnId id, const CloseReason& reason) {
  finish();
  begin(R"({"out":"close")");
  conn(id);
  number(R"(,"code":)", reason.code);
  string(R"(,"text":)", reason.text);
  end();
}

void CaptureLines::accepted(ConnId id, const Headers& fields) {
  finish();
  begin(R"({"out":"accept")");
  conn(id);
  headers(fields);
  end();
}

void CaptureLines::responded(ConnId id, const WebResponse& response) {
  finish();
  begin(R"({"out":"respond")");
  conn(id);
  number(R"(,"status":)", response.status);
  headers(response.headers);
  string(R"(,"body":)", response.body);
  end();
}

void CaptureLines::paused(ConnId id) {
  finish();
  begin(R"({"out":"pause")");
  conn(id);
  end();
}

void CaptureLines::resumed(ConnId id) {
  finish();
  begin(R"({"out":"resume")");
  conn(id);
  end();
}

void CaptureLines::requested(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  finish();
  begin(R"({"out":"request")");
  number(R"(,"id":)", id.value());
  string(R"(,"subject":)", subject);
  if (!payload.empty()) json(R"(,"payload":)", payload);
  end();
}

void CaptureLines::subscribed(SubscriptionHandle handle, std::string_view subject) {
  finish();
  begin(R"({"out":"subscribe")");
  number(R"(,"handle":)", handle.value());
  string(R"(,"subject":)", subject);
  end();
}

void CaptureLines::unsubscribed(SubscriptionHandle handle) {
  finish();
  begin(R"({"out":"unsubscribe")");
  number(R"(,"handle":)", handle.value());
  end();
}

// ---- Functions that write the parts of a line.

void CaptureLines::finish() {
  if (!open_) return;
  open_ = false;
  open_frames_.clear();
  text_.add(']');
  end();
}

std::string_view CaptureLines::batch() {
  finish();
  if (sealed_ && text_.size() > 0) put_batch_line(text_.data(), text_.view().substr(kBatchLineSize));
  return text_.view();
}

template <std::size_t N>
void CaptureLines::begin(const char (&opening)[N]) {
  // If this line begins a batch, leaves room before it for the batch line, which batch() fills in.
  if (sealed_ && text_.size() == 0) text_.end_at(text_.room(kBatchLineSize) + kBatchLineSize);
  text_.add(opening);
}

void CaptureLines::end() {
  if (lane_ != 0) number(R"(,"lane":)", lane_);
  text_.add("}\n");
}

void CaptureLines::end(bool inside) {
  if (inside) text_.add(R"(,"inside":true)");
  end();
}

template <std::size_t N>
void CaptureLines::key(const char (&name)[N]) {
  text_.add(name);
}

// Writes a field whose value is a text: as a JSON string, or in base64 if the text is not UTF-8. `name` is how the
// field begins, such as `,"subject":`.
template <std::size_t N>
void CaptureLines::string(const char (&name)[N], std::string_view value) {
  if (is_text(value)) {
    key(name);
    append_quoted(text_, value);
  } else {
    text_.add(std::string_view(name).substr(0, N - 3));
    text_.add(R"(64":")");
    append_base64(text_, value);
    text_.add('"');
  }
}

template <std::size_t N>
void CaptureLines::json(const char (&name)[N], std::string_view value) {
  // `value` is normally copied as it is. But a value with a line feed or with invalid UTF-8 would spoil the line, so it
  // is written as a string.
  if (!is_plain(value) && (value.find('\n') != std::string_view::npos || !is_text(value))) return string(name, value);
  key(name);
  text_.add(value);
}

template <std::size_t N>
void CaptureLines::number(const char (&name)[N], std::uint64_t value) {
  key(name);
  text_.add_number(value);
}

void CaptureLines::conn(ConnId id) {
  key(R"(,"conn":)");
  append_conn(text_, id);
}

void CaptureLines::headers(const Headers& fields) {
  headers(std::vector<HeaderView>(fields.begin(), fields.end()));
}

void CaptureLines::headers(const std::vector<HeaderView>& fields) {
  key(R"(,"headers":)");
  char separator = '[';
  if (fields.empty()) text_.add('[');
  for (const auto& [name, value] : fields) {
    text_.add(separator);
    text_.add('[');
    append_quoted(text_, name);
    text_.add(',');
    if (is_text(value)) {
      append_quoted(text_, value);
    } else {
      append_bytes(text_, value);
    }
    text_.add(']');
    separator = ',';
  }
  text_.add(']');
}

void CaptureLines::client(const ClientInfo& info) {
  string(R"(,"cid":)", info.cid());
  string(R"(,"remote":)", info.remote_addr());
  string(R"(,"host":)", info.host());
  string(R"(,"uri":)", info.uri());
  headers(info.headers());
}

}  // namespace resflow
