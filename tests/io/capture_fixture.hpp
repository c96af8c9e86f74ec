// Helpers for the tests of captures: lines as a lane writes them, and capture files made of such lines.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture/capture_header.hpp"
#include "io/capture/capture_lines.hpp"
#include "io/capture/capture_reader.hpp"
#include "io/capture/capture_sink.hpp"
#include "nodes/protocol/websocket.hpp"
#include "tests/io/config_fixture.hpp"

namespace resflow::testing {

class CaptureLog final : public LogPort {
 public:
  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (level == LogLevel::error) errors_.emplace_back(text);
  }
  std::vector<std::string> errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> errors_;
};

inline Frame text_frame(std::string_view text) {
  return std::make_shared<const std::string>(frame(Opcode::text, text));
}

inline std::string sealed(std::string_view line) {
  ByteBuffer buffer;
  buffer.add(line);
  seal_line(buffer, 0);
  return std::string(buffer.view());
}

inline std::string header_line(unsigned part = 1, const CaptureHeader& header = {}) {
  return sealed('{' + header_members(header) + ",\"part\":" + std::to_string(part));
}
inline std::string end_line(const std::string& how = "stopped") {
  return sealed(R"({"end":")" + how + '"');
}

// Returns the lines of one turn with most kinds of inputs and outputs.
inline std::string sample_lines(LaneId lane = 0) {
  CaptureLines lines(lane);
  const auto info = std::make_shared<const ClientInfo>(
      ClientFields{"cid", "localhost:8080", "127.0.0.1:1", "/", {{"Cookie", "a=\"b\""}, {"X-Odd", "\xff"}}});
  const ConnId conn{1, 2, lane};
  lines.entered(ParseIn(Connected{conn, info, ClientKind::websocket}), false);
  lines.entered(ParseIn(ClientText{conn, R"({"id":1,"method":"get.test.model"})"}), false);
  lines.entered(ServiceReply{7, R"({"result":{}})", false, {}}, false);
  lines.turn(1'234, 99);
  lines.took({{MailRun::kOutside, 1}, {3, 2}});
  lines.entered(ServiceMessage{1, "event.test.model.change", "\x80"}, false);
  lines.requested(8, "access.test.model", R"({"cid":"cid"})");
  const std::vector<Frame> frames{text_frame(R"({"id":1,"result":{}})"), text_frame(R"({"event":"a"})")};
  lines.sent(conn, frames);
  lines.sent(ConnId{2, 2, lane}, frames);
  lines.closed(conn, CloseReason{1001, "bye"});
  return std::string(lines.batch());
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string_view::npos; at = end + 1) {
    lines.emplace_back(text.substr(at, end - at));
  }
  return lines;
}

// Number of records in a batch. The first line of a batch is its header and not counted.
inline std::size_t records_in(std::string_view batch) {
  return lines_of(batch).size() - 1;
}

inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::filesystem::remove(path);  // some file systems are slow to overwrite a file
  std::ofstream(path, std::ios::binary) << bytes;
}

// Writes a capture as a gateway does. The ending of the file name decides whether it is compressed.
inline void write_capture(const std::string& path, std::string_view text) {
  const auto sink = open_capture_sink(path);
  sink->write(text);
  sink->close();
}

// The result of reading capture files.
struct CaptureReading {
  std::vector<std::string> lines;
  std::string cut_off;
  std::string error;  // text of the CaptureError; empty if there was none
};

inline CaptureReading read_capture(std::vector<std::string> files) {
  CaptureReading reading;
  try {
    CaptureReader reader(std::move(files));
    while (auto record = reader.next()) reading.lines.emplace_back(record->text);
    reading.cut_off = reader.cut_off();
    CHECK(reader.progress() >= 0);
    CHECK(reader.progress() <= 1);
    CHECK_FALSE(reader.next());
  } catch (const CaptureError& e) {
    reading.error = e.what();
  }
  return reading;
}

}  // namespace resflow::testing
