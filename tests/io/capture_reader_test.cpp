// CaptureReader: damage is always found, and a capture that is cut off is read up to the cut.
#include <algorithm>

#include "tests/io/capture_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

std::string whole() {
  return header_line() + sample_lines() + end_line();
}

// Returns whether `first` is the beginning of `all`.
bool begins_with(const std::vector<std::string>& all, const std::vector<std::string>& first) {
  return first.size() <= all.size() && std::equal(first.begin(), first.end(), all.begin());
}

bool is_unsound(const CaptureReading& r) {
  return !r.error.empty() || !r.cut_off.empty();
}

class Files {
 public:
  std::string write(std::string_view bytes, const std::string& name = "capture") {
    write_bytes(folder_.file(name), bytes);
    return folder_.file(name);
  }
  std::string compress(std::string_view text, const std::string& name) {
    write_capture(folder_.file(name), text);
    return folder_.file(name);
  }
  CaptureReading reading(std::string_view bytes) { return read_capture({write(bytes)}); }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("Capture reader: a whole capture, plain and compressed") {
  Files files;
  const CaptureReading plain = files.reading(whole());
  CHECK(plain.error == "");
  CHECK(plain.cut_off == "");
  CHECK(plain.lines.size() == records_in(sample_lines()));
  for (const char* name : {"a.gz", "a.zst"}) {
    const CaptureReading r = read_capture({files.compress(whole(), name)});
    CHECK(r.lines == plain.lines);
    CHECK(r.error == "");
    CHECK(r.cut_off == "");
  }
}

// The first and the last line have a checksum each, so the message names the line. The lines of a batch share one
// checksum, so the message names the range.
TEST_CASE("Capture reader: one wrong bit anywhere is found, and its line is named") {
  Files files;
  const std::string text = whole();
  const auto in_batch = static_cast<std::ptrdiff_t>(records_in(sample_lines()));
  const std::string range = "capture:2: a line from this one to " + std::to_string(2 + in_batch) + " is damaged";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    const int bit = static_cast<int>(at % 8);
    for (const int mask : {1 << bit, 0xff, 1 << (bit + 3) % 8}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      const CaptureReading r = files.reading(damaged);
      CAPTURE(at, mask, line, r.error, r.cut_off);
      REQUIRE(is_unsound(r));
      // If the end of a line is damaged, the line is read together with the next one.
      const std::string& said = r.error.empty() ? r.cut_off : r.error;
      const bool is_in_batch = line > 2 && line <= 2 + in_batch;
      const bool end_is_hit = text[at] == '\n' || damaged[at] == '\n';
      if (is_in_batch && end_is_hit) {
        REQUIRE_THAT(said, Contains("capture:2: a line from this one to "));
      } else {
        REQUIRE_THAT(said, Contains(is_in_batch ? range : "capture:" + std::to_string(line) + ':'));
      }
      REQUIRE(r.lines.size() == (line <= 2 + in_batch ? 0 : static_cast<std::size_t>(in_batch)));
    }
  }
}

TEST_CASE("Capture reader: a line more, less or twice is no damage of a line, but one of the ends is") {
  Files files;
  CHECK_THAT(files.reading(whole() + sample_lines()).error, Contains("more behind the end"));
  CHECK_THAT(files.reading(whole() + "x").error, Contains("more behind the end"));
  CHECK_THAT(files.reading(header_line() + header_line() + end_line()).error, Contains(":2: "));
  CHECK_THAT(files.reading(sample_lines() + end_line()).error, Contains("this is no capture"));
  CHECK_THAT(files.reading(whole().insert(header_line().size(), "\n")).error, Contains(":2: "));
}

TEST_CASE("Capture reader: cut anywhere, the whole batches before are read") {
  Files files;
  const std::string text = header_line() + sample_lines() + sample_lines() + end_line();
  const CaptureReading all = files.reading(text);
  const std::size_t header = header_line().size();
  const std::size_t batch = sample_lines().size();
  const std::size_t records = records_in(sample_lines());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const CaptureReading r = files.reading(text.substr(0, size));
    CAPTURE(size, r.error, r.cut_off);
    if (size + 1 < header) {
      REQUIRE_THAT(r.error, Contains(size == 0 ? "empty" : "capture:1: "));
      continue;
    }
    REQUIRE(r.error == "");
    if (size < header) {
      REQUIRE_THAT(r.cut_off, Contains("capture:1: "));
      continue;
    }
    const std::size_t batches = std::min((size - header) / batch, std::size_t{2});
    REQUIRE(r.lines.size() == batches * records);
    REQUIRE(begins_with(all.lines, r.lines));
    // bytes behind the last whole batch, or behind the header
    const std::size_t behind = size - header - batches * batch;
    const std::size_t line = 1 + batches * (records + 1);
    const bool in_line = behind < kBatchLineSize || batches == 2;
    const char* const where = behind == 0 ? "after this line"
                              : in_line   ? "in this line"
                                          : "in the lines behind this one";
    REQUIRE_THAT(r.cut_off, Contains("capture:" + std::to_string(behind == 0 ? line : line + 1) + ": ") &&
                                Contains("the capture is cut off") && Contains(where));
  }
}

TEST_CASE("Capture reader: lines without a checksum, as of who writes them by hand") {
  Files files;
  std::string text = whole();
  const std::string line = sample_lines().substr(0, kBatchLineSize);
  text.erase(text.find(line), line.size());
  CHECK(files.reading(text).error == "");
  CHECK(files.reading(text).lines == files.reading(whole()).lines);
  // A batch with a checksum may follow.
  const std::size_t end = text.find(end_line());
  CHECK(files.reading(text.substr(0, end) + sample_lines() + end_line()).lines.size() ==
        2 * records_in(sample_lines()));
  CHECK_THAT(files.reading(text.insert(end, line)).cut_off, Contains("in the lines behind this one"));
}

// In version 1, each line had its own checksum.
TEST_CASE("Capture reader: lines with a checksum of their own") {
  Files files;
  std::string text = header_line();
  for (const std::string& line : lines_of(sample_lines())) {
    if (!parse_batch_line(line)) text += sealed(line.substr(0, line.size() - 1));
  }
  const CaptureReading r = files.reading(text + end_line());
  CHECK(r.error == "");
  CHECK(r.lines == files.reading(whole()).lines);
  text[text.size() - 40] ^= 1;
  CHECK_THAT(files.reading(text + end_line()).error, Contains("the line is damaged: its checksum is wrong"));
}

TEST_CASE("Capture reader: a batch that says it is very long") {
  Files files;
  CHECK_THAT(files.reading(header_line() + R"({"batch":9999999999,"sum":"0123456789abcdef"})" + '\n').error,
             Contains("capture:2: there are more bytes than a capture has together"));
}

TEST_CASE("Capture reader: compressed data that is cut") {
  Files files;
  for (const char* name : {"b.gz", "b.zst"}) {
    const std::string path = files.compress(whole(), name);
    const std::string bytes = read(path);
    const CaptureReading all = read_capture({path});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const CaptureReading r = files.reading(std::string_view(bytes).substr(0, size));
      CAPTURE(name, size, r.error, r.cut_off);
      REQUIRE(begins_with(all.lines, r.lines));
      REQUIRE((is_unsound(r) || r.lines == all.lines));
    }
  }
}

// Data that the gateway has flushed can be read even if it was killed afterwards.
TEST_CASE("Capture reader: compressed data that was flushed and not ended") {
  Files files;
  const Folder folder;
  for (const char* name : {"c.gz", "c.zst"}) {
    const auto sink = open_capture_sink(folder.file(name));
    sink->write(header_line() + sample_lines());
    sink->flush();
    const CaptureReading r = read_capture({folder.file(name)});
    CHECK(r.error == "");
    CHECK_THAT(r.cut_off, Contains("after this line"));
    CHECK(r.lines.size() == records_in(sample_lines()));
  }
}

TEST_CASE("Capture reader: compressed data with wrong bytes is an error, or was of no importance") {
  Files files;
  for (const char* name : {"d.gz", "d.zst"}) {
    const std::string path = files.compress(whole(), name);
    const std::string bytes = read(path);
    const CaptureReading all = read_capture({path});
    std::size_t errors = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int mask : {1 << at % 8, 0xff}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ mask);
        const CaptureReading r = files.reading(damaged);
        CAPTURE(name, at, mask, r.error, r.cut_off);
        REQUIRE((is_unsound(r) || r.lines == all.lines));
        errors += r.error.empty() ? 0 : 1;
      }
    }
    CHECK(errors > bytes.size());
  }
}

TEST_CASE("Capture reader: what is no file of a capture") {
  Files files;
  const Folder folder;
  CHECK_THAT(read_capture({folder.file("none")}).error, Contains("none: ") && Contains("No such file"));
  CHECK_FALSE(read_capture({folder.path().string()}).error.empty());
  CHECK_THAT(files.reading("").error, Contains("the file is empty"));
  CHECK_THAT(files.reading("hello\n").error, Contains("capture:1: "));
  CHECK_THAT(files.reading(R"({"log":{"entries":[]}})").error, Contains("this is no capture"));
  CHECK_THAT(files.reading(std::string(100'000, '\0')).error, Contains("capture:1: "));
  CHECK_FALSE(files.reading("\x1f\x8b").error.empty());
  CHECK_FALSE(files.reading("\x28\xb5\x2f\xfd").error.empty());
  CHECK_THAT(files.reading("\x28\xb5\x2f\xfdxxxxxxxxxxxxxxxxxxxxxxxx").error, Contains("damaged"));
}

TEST_CASE("Capture reader: parts") {
  Files files;
  const CaptureHeader header;
  CaptureHeader other;
  other.started = "another time";
  const std::string one = files.write(header_line(1) + sample_lines() + end_line("continued"), "1");
  const std::string two = files.compress(header_line(2) + end_line("continued"), "2.gz");
  const std::string three = files.compress(header_line(3) + sample_lines() + end_line(), "3.zst");
  const std::string strange = files.write(header_line(2, other) + end_line(), "strange");
  const std::size_t lines = records_in(sample_lines());

  const CaptureReading all = read_capture({one, two, three});
  CHECK(all.error == "");
  CHECK(all.cut_off == "");
  CHECK(all.lines.size() == 2 * lines);
  CHECK_THAT(read_capture({one, two}).cut_off, Contains("2.gz") && Contains("goes on in another part"));
  CHECK_THAT(read_capture({one}).cut_off, Contains("goes on in another part"));
  CHECK_THAT(read_capture({one, three}).error, Contains("is part 3") && Contains("part 2 is expected"));
  CHECK_THAT(read_capture({two, one}).error, Contains("is part 1") && Contains("part 3 is expected"));
  CHECK_THAT(read_capture({one, one}).error, Contains("is part 1") && Contains("part 2 is expected"));
  CHECK_THAT(read_capture({one, strange}).error, Contains("part of another capture"));
  CHECK_THAT(read_capture({one, two, three, three}).error, Contains("has ended before this part"));
  CHECK_THAT(read_capture({one, files.write("", "empty")}).error, Contains("empty"));
  CHECK_THAT(read_capture({one, "none"}).error, Contains("No such file"));
}

// Older parts may have been removed. The rest is a capture that begins in the middle.
TEST_CASE("Capture reader: the first parts are gone") {
  Files files;
  const std::string two = files.write(header_line(2) + sample_lines() + end_line("continued"), "2");
  const std::string three = files.write(header_line(3) + end_line(), "3");
  CaptureReader reader({two, three});
  CHECK(reader.header().partial);
  CHECK(reader.header().part == 2);
  std::size_t lines = 0;
  while (reader.next()) ++lines;
  CHECK(lines == records_in(sample_lines()));
  CHECK(reader.cut_off() == "");
}

TEST_CASE("Capture reader: lines and files of size") {
  Files files;
  CaptureLines lines(0);
  const std::string large(3'000'000, 'x');
  for (int i = 0; i < 3; ++i) lines.entered(ServiceReply{1, large, false, {}}, false);
  const std::string text = header_line() + std::string(lines.batch()) + end_line();
  for (const char* name : {"large", "large.gz", "large.zst"}) {
    const CaptureReading r = read_capture({files.compress(text, name)});
    CHECK(r.error == "");
    CHECK(r.lines.size() == 3);
  }
}
