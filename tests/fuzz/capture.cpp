// Fuzzes captures, which resflow-replay may get from anybody: a single line, or a whole file. A message that has been
// read and written must give the same line when it is read and written again.
#include <stdexcept>
#include <string>

#include "io/capture/capture_lines.hpp"
#include "io/capture/capture_reader.hpp"
#include "tests/fuzz/memory_file.hpp"

using namespace resflow;

namespace {

bool has_entered(const CaptureRecord& record) {
  return record.get<ParseIn>() != nullptr || record.get<WriteIn>() != nullptr ||
         record.get<ServiceReply>() != nullptr || record.get<ServiceMessage>() != nullptr ||
         record.get<ServiceNotice>() != nullptr;
}

// Returns the line that a lane writes when the message of the record enters; empty if the record is no such message.
std::string written(const CaptureRecord& record) {
  CaptureLines lines(record.lane, false);
  const auto write = [&](const auto* message) {
    if (message != nullptr) lines.entered(*message, record.inside);
  };
  write(record.get<ParseIn>());
  write(record.get<WriteIn>());
  write(record.get<ServiceReply>());
  write(record.get<ServiceMessage>());
  write(record.get<ServiceNotice>());
  lines.finish();
  std::string line(lines.batch());
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

void read_line(std::string_view text) {
  CaptureRecord record;
  try {
    record = parse_record(text);
  } catch (const std::runtime_error&) {
    return;
  }
  if (const auto* out = record.get<CaptureOut>()) {
    try {
      if (out->what == "send") parse_sent(record);
      if (out->what == "request") parse_request(record);
    } catch (const std::runtime_error&) {
    }
  }
  const std::string line = written(record);
  fuzz::demand(line.empty() != has_entered(record));
  if (!line.empty()) fuzz::demand(written(parse_record(line)) == line);
}

void read_file(std::string_view text) {
  const fuzz::MemoryFile file(text);
  try {
    CaptureReader reader({file.path()});
    while (reader.next()) {
    }
    fuzz::demand(reader.progress() <= 1);
  } catch (const CaptureError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  if (input.variant % 2 == 0) {
    read_line(input.text);
  } else {
    read_file(input.text);
  }
  return 0;
}
