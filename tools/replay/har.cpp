#include "tools/replay/har.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "io/capture/capture_error.hpp"
#include "io/capture/capture_header.hpp"
#include "io/capture/capture_lines.hpp"
#include "io/capture/capture_sink.hpp"
#include "nodes/protocol/websocket.hpp"

namespace resflow::replay {

namespace {

namespace js = boost::json;

constexpr std::uintmax_t kMaxFile = std::uintmax_t{1} << 30;

// One WebSocket message, or the opening of a connection if `opens` is not null.
struct Moment {
  double time = 0;  // seconds since 1970
  ConnId conn;
  bool sent = false;  // true: the client sent the message; false: the server sent it
  std::string text;
  ClientInfoPtr opens;
};

std::string text_of(const js::value& v) {
  return std::string(v.as_string());
}

js::value read(const std::string& file) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (ec) throw CaptureError(file + ": " + ec.message());
  if (size > kMaxFile) throw CaptureError(file + ": the file is too large for a HAR file");
  std::ifstream stream(file, std::ios::binary);
  js::stream_parser parser;
  std::vector<char> buffer(1 << 20);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || stream.gcount() > 0) {
    parser.write(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  parser.finish();
  return parser.release();
}

// Returns the time of a message, in seconds since 1970.
double time_of(const js::value& message) {
  const double time = message.as_object().at("time").to_number<double>();
  constexpr double most = 1e11;
  if (!(time >= 0 && time <= most)) throw std::out_of_range("a message has no sound time");
  return time;
}

// Makes the description of a connection's client. A HAR file has only the URL of the connection, so this function
// invents the connection id and the client's address.
ClientInfoPtr client_of(const js::object& request, std::uint32_t slot) {
  ClientFields fields;
  fields.cid = "har" + std::to_string(slot);
  fields.remote_addr = "127.0.0.1:0";
  const std::string url = text_of(request.at("url"));
  const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  fields.host = url.substr(host, path - host);
  fields.uri = path == url.size() ? "/" : url.substr(path);
  return std::make_shared<const ClientInfo>(fields);
}

// Adds the opening and the text messages of one connection to `moments`. Leaves out other messages, because the RES
// protocol has only text messages.
void add_entry(const js::object& entry, std::uint32_t slot, std::vector<Moment>& moments) {
  const auto* messages = entry.if_contains("_webSocketMessages");
  if (messages == nullptr || messages->as_array().empty()) return;
  const ConnId conn{slot, 1, 0};
  Moment open;
  open.conn = conn;
  open.opens = client_of(entry.at("request").as_object(), slot);
  open.time = time_of(messages->as_array().front());
  moments.push_back(std::move(open));
  for (const js::value& m : messages->as_array()) {
    const js::object& message = m.as_object();
    if (message.at("opcode").to_number<int>() != 1) continue;
    Moment moment;
    moment.time = time_of(m);
    moment.conn = conn;
    moment.sent = message.at("type").as_string() == "send";
    moment.text = text_of(message.at("data"));
    moments.push_back(std::move(moment));
  }
}

std::vector<Moment> moments_of(const js::value& har) {
  std::vector<Moment> moments;
  std::uint32_t slot = 0;
  for (const js::value& entry : har.as_object().at("log").as_object().at("entries").as_array()) {
    add_entry(entry.as_object(), slot++, moments);
  }
  std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) { return a.time < b.time; });
  return moments;
}

// Writes one moment (a message, or the opening of a connection) to the capture. In the capture, messages are grouped in
// turns (what the gateway processed at one time). Here, each moment becomes a turn of its own.
void write(const Moment& m, double start, CaptureLines& lines) {
  if (m.opens) {
    lines.entered(ParseIn(Connected{m.conn, m.opens}), false);
  } else if (m.sent) {
    lines.entered(ParseIn(ClientText{m.conn, m.text}), false);
  }
  const double us = (m.time - start) * 1e6;
  lines.turn(static_cast<Millis>(us / 1e3), static_cast<std::int64_t>(us));
  if (!m.opens && !m.sent) {
    const Frame f = std::make_shared<const std::string>(frame(Opcode::text, m.text));
    lines.sent(m.conn, std::span(&f, 1));
  }
  lines.finish();
}

void write_file(const std::string& file, const std::vector<Moment>& moments) {
  CaptureHeader header;
  header.by = "resflow-replay " RESFLOW_VERSION " (HAR)";
  header.partial = true;
  const auto sink = open_capture_sink(file);
  sink->write(first_line(header_members(header), 1));
  CaptureLines lines(0);
  for (const Moment& m : moments) write(m, moments.front().time, lines);
  sink->write(lines.batch());
  sink->write(last_line("stopped"));
  sink->close();
}

}  // namespace

std::size_t import_har(const std::string& har_file, const std::string& capture_file) {
  std::vector<Moment> moments;
  try {
    moments = moments_of(read(har_file));
  } catch (const boost::system::system_error& e) {
    throw CaptureError(har_file + ": this is no HAR file: " + e.code().message());
  } catch (const std::logic_error& e) {
    throw CaptureError(har_file + ": this is no HAR file: " + e.what());
  }
  if (moments.empty()) throw CaptureError(har_file + ": there are no WebSocket messages in the HAR file");
  write_file(capture_file, moments);
  return static_cast<std::size_t>(
      std::count_if(moments.begin(), moments.end(), [](const Moment& m) { return m.opens == nullptr; }));
}

}  // namespace resflow::replay
