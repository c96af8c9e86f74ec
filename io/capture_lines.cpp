#include "io/capture_lines.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "io/capture_text.hpp"

namespace resflow {

namespace {

constexpr std::string_view kSum = R"(,"sum":")";
constexpr std::size_t kSumSize = kSum.size() + 8 + 2;  // with the digits, the quote and the brace

void append_number(std::string& out, std::uint64_t n) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), n).ptr;
  out.append(digits, end);
}

void append_conn(std::string& out, ConnId conn) {
  out += '"';
  append_number(out, conn.slot);
  out += '.';
  append_number(out, conn.generation);
  out += '"';
}

void append_bytes(std::string& out, std::string_view bytes) {
  out += R"({"bytes64":")";
  append_base64(out, bytes);
  out += "\"}";
}

void append_sum(std::string& out, std::string_view line) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto sum = static_cast<std::uint32_t>(XXH3_64bits(line.data(), line.size()));
  char text[8];
  for (std::size_t i = 8; i > 0; --i, sum >>= 4) text[i - 1] = digits[sum & 15];
  out.append(text, 8);
}

// The text of a frame as encode makes them: unmasked, final, of the length it says; empty when it is another kind.
std::string_view text_of(std::string_view frame) {
  if (frame.size() < 2 || static_cast<unsigned char>(frame[0]) != 0x81) return {};
  const auto length = static_cast<unsigned char>(frame[1]);
  const std::size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
  return frame.size() < header ? std::string_view() : frame.substr(header);
}

std::string_view name_of(ClientKind kind) {
  return kind == ClientKind::held ? "held" : kind == ClientKind::web ? "web" : "websocket";
}

}  // namespace

void seal_line(std::string& text, std::size_t start) {
  text += kSum;
  append_sum(text, std::string_view(text).substr(start, text.size() - start - kSum.size()));
  text += "\"}\n";
}

std::optional<std::string_view> unseal_line(std::string_view line) {
  if (line.size() < kSumSize || line.substr(line.size() - kSumSize, kSum.size()) != kSum) return line;
  const std::string_view body = line.substr(0, line.size() - kSumSize);
  std::string sum;
  append_sum(sum, body);
  if (line.substr(body.size() + kSum.size(), 8) != sum || !line.ends_with("\"}")) return std::nullopt;
  return body;
}

CaptureLines::CaptureLines(LaneId lane) : lane_(lane) {}

// ---- what enters

void CaptureLines::entered(const ParseIn& message, bool inside) {
  finish();
  std::visit([this](const auto& m) { on(m); }, message);
  end(inside);
}

// Only one of them comes from outside.
void CaptureLines::entered(const WriteIn& message, bool inside) {
  const auto* writable = std::get_if<Writable>(&message);
  if (writable == nullptr) return;
  finish();
  begin("in", "writable");
  conn(writable->conn);
  end(inside);
}

void CaptureLines::entered(const ServiceReply& message, bool inside) {
  finish();
  begin("in", "reply");
  number("id", message.id);
  string("payload", message.payload);
  if (message.no_responders) text_ += R"(,"noresponders":true)";
  if (!message.failure.empty()) string("failure", message.failure);
  end(inside);
}

void CaptureLines::entered(const ServiceMessage& message, bool inside) {
  finish();
  begin("in", "message");
  number("handle", message.handle);
  string("subject", message.subject);
  string("payload", message.payload);
  end(inside);
}

void CaptureLines::on(const Connected& m) {
  begin("in", "connected");
  conn(m.conn);
  string("kind", name_of(m.kind));
  string("cid", m.cid);
  client(*m.info);
}

void CaptureLines::on(const ClientFrame& m) {
  begin("in", "frame");
  conn(m.conn);
  string("text", m.text);
}

void CaptureLines::on(const WebRequest& m) {
  begin("in", "request");
  conn(m.conn);
  string("cid", m.cid);
  client(*m.info);
  string("method", m.method);
  string("body", m.body);
}

void CaptureLines::on(const Disconnected& m) {
  begin("in", "disconnected");
  conn(m.conn);
}

void CaptureLines::turn(Millis now, std::int64_t us) {
  finish();
  turn_frames_.clear();
  start_ = text_.size();
  text_ += R"({"turn":)";
  append_number(text_, static_cast<std::uint64_t>(now));
  number("us", static_cast<std::uint64_t>(us));
  end();
}

void CaptureLines::took(const MailRuns& runs) {
  finish();
  start_ = text_.size();
  text_ += R"({"take":[)";
  for (const MailRun& run : runs) {
    if (text_.back() != '[') text_ += ',';
    text_ += '[';
    if (run.from == MailRun::kOutside) {
      text_ += R"("outside")";
    } else {
      append_number(text_, run.from);
    }
    text_ += ',';
    append_number(text_, run.count);
    text_ += ']';
  }
  text_ += ']';
  end();
}

// ---- what leaves

void CaptureLines::sent(ConnId to, std::span<const Frame> frames) {
  if (same_as_open(frames)) {
    text_ += ',';
  } else {
    finish();
    begin("out", "send");
    key("frames");
    char separator = '[';
    for (const Frame& f : frames) {
      text_ += separator;
      frame(f);
      separator = ',';
    }
    text_ += "]";
    key("to");
    text_ += '[';
    open_ = true;
    open_frames_.assign(frames.begin(), frames.end());
  }
  append_conn(text_, to);
}

bool CaptureLines::same_as_open(std::span<const Frame> frames) const {
  return open_ && std::equal(frames.begin(), frames.end(), open_frames_.begin(), open_frames_.end());
}

void CaptureLines::frame(const Frame& frame) {
  const auto [known, is_new] = turn_frames_.try_emplace(frame.get(), turn_frames_.size(), frame);
  if (!is_new) return append_number(text_, known->second.first);
  const std::string_view text = text_of(*frame);
  if (!text.empty() && text.find('\n') == std::string_view::npos && is_text(text)) {
    text_ += text;
  } else if (!text.empty() && is_text(text)) {
    append_quoted(text_, text);
  } else {
    append_bytes(text_, *frame);
  }
}

void CaptureLines::refused(ConnId id) {
  finish();
  begin("out", "refused");
  conn(id);
  end();
}

void CaptureLines::closed(ConnId id, const CloseReason& reason) {
  finish();
  begin("out", "close");
  conn(id);
  number("code", reason.code);
  string("text", reason.text);
  end();
}

void CaptureLines::accepted(ConnId id, const Headers& fields) {
  finish();
  begin("out", "accept");
  conn(id);
  headers(fields);
  end();
}

void CaptureLines::responded(ConnId id, const WebResponse& response) {
  finish();
  begin("out", "respond");
  conn(id);
  number("status", response.status);
  headers(response.headers);
  string("body", response.body);
  end();
}

void CaptureLines::requested(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  finish();
  begin("out", "request");
  number("id", id);
  string("subject", subject);
  if (!payload.empty()) json("payload", payload);
  end();
}

void CaptureLines::subscribed(std::uint64_t handle, std::string_view subject) {
  finish();
  begin("out", "subscribe");
  number("handle", handle);
  string("subject", subject);
  end();
}

void CaptureLines::unsubscribed(std::uint64_t handle) {
  finish();
  begin("out", "unsubscribe");
  number("handle", handle);
  end();
}

// ---- parts of a line

void CaptureLines::finish() {
  if (!open_) return;
  open_ = false;
  open_frames_.clear();
  text_ += ']';
  end();
}

void CaptureLines::begin(std::string_view kind, std::string_view what) {
  start_ = text_.size();
  text_.append("{\"").append(kind).append("\":\"").append(what).append("\"");
}

void CaptureLines::end() {
  if (lane_ != 0) number("lane", lane_);
  seal_line(text_, start_);
}

void CaptureLines::end(bool inside) {
  if (inside) text_ += R"(,"inside":true)";
  end();
}

void CaptureLines::key(std::string_view name) {
  text_.append(",\"").append(name).append("\":");
}

void CaptureLines::string(std::string_view name, std::string_view value) {
  if (is_text(value)) {
    key(name);
    append_quoted(text_, value);
  } else {
    text_.append(",\"").append(name).append("64\":\"");
    append_base64(text_, value);
    text_ += '"';
  }
}

void CaptureLines::json(std::string_view name, std::string_view value) {
  if (value.find('\n') != std::string_view::npos || !is_text(value)) return string(name, value);
  key(name);
  text_ += value;
}

void CaptureLines::number(std::string_view name, std::uint64_t value) {
  key(name);
  append_number(text_, value);
}

void CaptureLines::conn(ConnId id) {
  key("conn");
  append_conn(text_, id);
}

void CaptureLines::headers(const Headers& fields) {
  key("headers");
  char separator = '[';
  if (fields.empty()) text_ += '[';
  for (const auto& [name, value] : fields) {
    text_ += separator;
    text_ += '[';
    append_quoted(text_, name);
    text_ += ',';
    if (is_text(value)) {
      append_quoted(text_, value);
    } else {
      append_bytes(text_, value);
    }
    text_ += ']';
    separator = ',';
  }
  text_ += ']';
}

void CaptureLines::client(const ClientInfo& info) {
  string("remote", info.remote_addr);
  string("host", info.host);
  string("uri", info.uri);
  headers(info.headers);
}

}  // namespace resflow
