// Fuzzes the import of HAR files. The capture that is made of one must be readable, with as many messages as it says.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "io/capture/capture_reader.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tools/replay/har.hpp"

using namespace resflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const fuzz::MemoryFile har(input.text);
  static const std::string capture =
      std::filesystem::temp_directory_path() / ("har" + std::to_string(::getpid()) + ".jsonl");
  std::filesystem::remove(capture);  // the import does not overwrite a file
  std::size_t messages = 0;
  try {
    messages = replay::import_har(har.path(), capture);
  } catch (const CaptureError&) {
    return 0;
  }
  CaptureReader reader({capture});
  std::size_t read = 0;
  while (const std::optional<CaptureRecord> record = reader.next()) {
    const auto* entered = record->get<ParseIn>();
    if (entered != nullptr && std::holds_alternative<ClientText>(*entered)) ++read;
    if (record->get<CaptureOut>() != nullptr) ++read;
  }
  fuzz::demand(read == messages && reader.cut_off().empty());
  std::filesystem::remove(capture);
  return 0;
}
