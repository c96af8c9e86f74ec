#include "io/capture/capture_record.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include "io/capture/capture_fields.hpp"
#include "io/capture/capture_lines.hpp"
#include "io/capture/capture_scan.hpp"
#include "io/capture/capture_text.hpp"
#include "nodes/protocol/json.hpp"

namespace resflow {

namespace {

ClientInfoPtr parse_client(CaptureFields& f) {
  ClientFields fields;
  fields.cid = f.string("cid");
  fields.remote_addr = f.string("remote");
  fields.host = f.string("host");
  fields.uri = f.string("uri");
  fields.headers = f.headers();
  return std::make_shared<const ClientInfo>(fields);
}

ClientKind parse_kind(const std::string& text) {
  if (text == "websocket") return ClientKind::websocket;
  if (text == "held") return ClientKind::held;
  if (text == "web") return ClientKind::web;
  throw std::runtime_error("unknown kind of client \"" + text + '"');
}

Connected parse_connected(CaptureFields& f, LaneId lane) {
  Connected m;
  m.conn = f.conn(lane);
  m.kind = parse_kind(f.string("kind"));
  m.info = parse_client(f);
  return m;
}

WebRequest parse_web_request(CaptureFields& f, LaneId lane) {
  WebRequest m;
  m.conn = f.conn(lane);
  m.info = parse_client(f);
  m.method = f.string("method");
  m.body = f.string("body");
  return m;
}

ServiceReply parse_reply(CaptureFields& f) {
  ServiceReply m;
  m.id = ServiceRequestId::from(f.number("id"));
  m.payload = f.string("payload");
  m.no_responders = f.flag("noresponders");
  m.failure = f.string_if_any("failure");
  return m;
}

ServiceMessage parse_message(CaptureFields& f) {
  ServiceMessage m;
  m.handle = SubscriptionHandle::from(f.number("handle"));
  m.subject = f.string("subject");
  m.payload = f.string("payload");
  return m;
}

SubscriptionRefused parse_refusal(CaptureFields& f) {
  SubscriptionRefused m;
  m.handle = SubscriptionHandle::from(f.number("handle"));
  const std::string text = f.string("why");
  for (std::size_t i = 0; i < By<SubscriptionRefusal>::kSize; ++i) {
    m.why = static_cast<SubscriptionRefusal>(i);
    if (refusal_name(m.why) == text) return m;
  }
  throw std::runtime_error("unknown kind of refusal \"" + text + '"');
}

void parse_in(CaptureRecord& r, CaptureFields& f) {
  const std::string what = f.string("in");
  if (what == "frame") {
    const ConnId conn = f.conn(r.lane);
    r.what = ParseIn(ClientText{conn, f.string("text")});
  } else if (what == "reply") {
    r.what = parse_reply(f);
  } else if (what == "message") {
    r.what = parse_message(f);
  } else if (what == "connected") {
    r.what = ParseIn(parse_connected(f, r.lane));
  } else if (what == "disconnected") {
    r.what = ParseIn(Disconnected{f.conn(r.lane)});
  } else if (what == "request") {
    r.what = ParseIn(parse_web_request(f, r.lane));
  } else if (what == "writable") {
    r.what = WriteIn(Writable{f.conn(r.lane)});
  } else if (what == "refusal") {
    r.what = ServiceNotice(parse_refusal(f));
  } else if (what == "restored") {
    r.what = ServiceNotice(ServicesRestored{});
  } else {
    throw std::runtime_error("unknown kind of input \"" + what + '"');
  }
  r.inside = f.flag("inside");
}

// Reads a line about an output: something that left the lane. Each kind of output has a list of fields that it may
// have. This function calls find() for each of them, so that finish() throws if the line has any other field. Does not
// parse the values, since resflow-replay compares outputs as text.
CaptureOut parse_out(CaptureFields& f) {
  struct Kind {
    std::string_view what;
    std::array<std::string_view, 5> fields;
  };
  static constexpr std::array<Kind, 10> kinds{{
      {"send", {"frames", "to"}},
      {"request", {"id", "subject", "subject64", "payload", "payload64"}},
      {"refused", {"conn"}},
      {"subscribe", {"handle", "subject", "subject64"}},
      {"unsubscribe", {"handle"}},
      {"close", {"conn", "code", "text", "text64"}},
      {"accept", {"conn", "headers"}},
      {"respond", {"conn", "status", "headers", "body", "body64"}},
      {"pause", {"conn"}},
      {"resume", {"conn"}},
  }};
  const std::string what = f.string("out");
  for (const Kind& kind : kinds) {
    if (kind.what != what) continue;
    for (const std::string_view name : kind.fields) f.find(name);
    return CaptureOut{kind.what};
  }
  throw std::runtime_error("unknown kind of output \"" + what + '"');
}

CaptureTake parse_take(CaptureFields& f) {
  CaptureTake take;
  json::Cursor cursor(f.get("take"));
  const bool sound = cursor.elements([&] {
    MailRun run;
    std::size_t n = 0;
    cursor.elements([&] {
      const std::string_view text = cursor.value();
      if (cursor.failed()) return;
      if (++n == 1) {
        run.from = text == R"("outside")" ? MailRun::kOutside : parse_lane(text);
      } else {
        run.count = parse_number(text);
      }
    });
    if (n != 2) cursor.fail();
    take.runs.push_back(run);
  });
  if (!sound) throw std::runtime_error("field \"take\": is no list of pairs");
  return take;
}

CaptureEnd parse_end(CaptureFields& f) {
  const std::string how = f.string("end");
  if (how != "stopped" && how != "continued") throw std::runtime_error("unknown kind of end \"" + how + '"');
  return {how == "continued"};
}

}  // namespace

CaptureRecord parse_record(std::string_view text) {
  CaptureRecord record;
  parse_record(text, false, record);
  return record;
}

void parse_record(std::string_view text, bool as_written, CaptureRecord& r) {
  r.text = text;
  if (as_written && scan_output(text, r)) return;
  if (scan_record(text, r)) return;
  CaptureFields f(text);
  r.lane = f.lane();
  r.inside = false;
  const std::string_view kind = f.first();
  if (kind == "in") {
    parse_in(r, f);
  } else if (kind == "out") {
    r.what = parse_out(f);
  } else if (kind == "turn") {
    CaptureTurn turn;
    turn.now = static_cast<Millis>(f.number("turn"));
    turn.us = static_cast<std::int64_t>(f.number("us"));
    r.what = turn;
  } else if (kind == "take") {
    r.what = parse_take(f);
  } else if (kind == "end") {
    r.what = parse_end(f);
  } else {
    throw std::runtime_error("unknown kind of line \"" + std::string(kind) + '"');
  }
  f.finish();
}

CaptureSent parse_sent(const CaptureRecord& record) {
  CaptureFields f(record.text);
  CaptureSent sent;
  json::Cursor frames(f.get("frames"));
  frames.elements([&] { sent.frames.emplace_back(frames.value()); });
  json::Cursor to(f.get("to"));
  to.elements([&] { sent.to.push_back(parse_conn(to.value(), record.lane)); });
  if (frames.failed() || to.failed()) throw std::runtime_error("a send is damaged");
  return sent;
}

CaptureRequest parse_request(const CaptureRecord& record) {
  CaptureFields f(record.text);
  CaptureRequest request;
  request.id = ServiceRequestId::from(f.number("id"));
  request.subject = f.string("subject");
  // The payload of a request is a JSON object. Most lines contain this object unchanged. A payload with a line feed is
  // written as a JSON string, and a payload that is not UTF-8 in base64, in the field `payload64`.
  const auto payload = f.find("payload");
  if (payload && !payload->starts_with('"')) {
    request.payload = *payload;
  } else {
    request.payload = payload ? parse_bytes(*payload) : f.string_if_any("payload");
  }
  return request;
}

}  // namespace resflow
