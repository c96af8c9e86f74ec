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
  static const std::string capture = "/dev/shm/fuzz_har_" + std::to_string(::getpid()) + ".jsonl";
  std::filesystem::remove(capture);  // the import does not overwrite a file
  try {
    const std::size_t messages = replay::import_har(har.path(), capture);
    CaptureReader reader({capture});
    std::size_t read = 0;
    while (const std::optional<CaptureRecord> record = reader.next()) {
      const auto* entered = record->get<ParseIn>();
      if (entered != nullptr && std::holds_alternative<ClientText>(*entered)) ++read;
      if (record->get<CaptureOut>() != nullptr) ++read;
    }
    fuzz::demand(read == messages && reader.cut_off().empty());
  } catch (const CaptureError&) {
  }
  std::filesystem::remove(capture);
  return 0;
}
