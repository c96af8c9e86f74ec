// CaptureFile: the parts of a capture, and what happens when a part cannot be written.
#include "io/capture/capture_file.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/io/capture_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

const std::string kHeader = header_members(CaptureHeader());

CaptureFileOptions at(const std::string& path) {
  CaptureFileOptions options;
  options.path = path;
  return options;
}

// Returns the parts that exist now, in order.
std::vector<std::string> parts_in(const Folder& folder, const std::string& stem, const std::string& ending) {
  std::vector<std::string> parts;
  for (unsigned n = 1; n < 1'000; ++n) {
    const std::string path = folder.file(stem + (n == 1 ? "" : '.' + std::to_string(n)) + ending);
    if (std::filesystem::exists(path)) parts.push_back(path);
  }
  return parts;
}

template <typename Done>
void wait_until(Done&& done) {
  for (int i = 0; i < 2'000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(done());
}

// Runs in a process of its own with a limit on the size of files, so that writing fails as on a full disk.
int fill_disk(const std::string& path) {
  const rlimit limit{20'000, 20'000};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  CaptureLog log;
  std::mt19937_64 random(1);
  bool ended = false;
  {
    CaptureFile file(at(path), kHeader, log);
    file.append(sample_lines());
    for (int i = 0; i < 2'000 && read_capture({path}).lines.size() < records_in(sample_lines()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CaptureLines lines(0);
    for (int i = 0; i < 10'000; ++i) {
      lines.entered(ServiceReply{ServiceRequestId::from(random()), std::to_string(random()), false, {}}, false);
    }
    file.append(lines.batch());
    for (int i = 0; i < 2'000 && !ended; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ended = !file.append("");
    }
  }
  const bool said = log.errors().size() == 1 && log.errors()[0].find("File too large") != std::string::npos;
  return ended && said ? 0 : 1;
}

}  // namespace

TEST_CASE("Capture file: what was handed over is in it, in order, whatever its form") {
  const Folder folder;
  CaptureLog log;
  for (const char* name : {"a.jsonl", "a.jsonl.gz", "a.zst", "a"}) {
    {
      CaptureFile file(at(folder.file(name)), kHeader, log);
      for (int i = 0; i < 100; ++i) CHECK(file.append(sample_lines()));
      CHECK(file.bytes() == 100 * sample_lines().size());
    }
    const CaptureReading r = read_capture({folder.file(name)});
    CHECK(r.error == "");
    CHECK(r.cut_off == "");
    CHECK(r.lines.size() == 100 * records_in(sample_lines()));
  }
  CHECK(log.errors().empty());
}

TEST_CASE("Capture file: only its user may read it") {
  const Folder folder;
  CaptureLog log;
  { const CaptureFile file(at(folder.file("a")), kHeader, log); }
  struct stat status {};
  REQUIRE(::stat(folder.file("a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("Capture file: nothing is lost between lanes") {
  const Folder folder;
  CaptureLog log;
  {
    CaptureFile file(at(folder.file("a.zst")), kHeader, log);
    std::vector<std::thread> lanes;
    for (LaneId lane = 0; lane < 3; ++lane) {
      lanes.emplace_back([&, lane] {
        const std::string lines = sample_lines(lane);
        for (int i = 0; i < 500; ++i) file.append(lines);
      });
    }
    for (std::thread& t : lanes) t.join();
  }
  const CaptureReading r = read_capture({folder.file("a.zst")});
  CHECK(r.error == "");
  CHECK(r.lines.size() == 1'500 * records_in(sample_lines()));
}

TEST_CASE("Capture file: parts by size") {
  const Folder folder;
  CaptureLog log;
  for (const std::string ending : {".jsonl", ".jsonl.gz", ".zst", ""}) {
    CaptureFileOptions options = at(folder.file("part" + ending));
    options.part_bytes = 1;
    {
      CaptureFile file(options, kHeader, log);
      for (std::size_t i = 1; i <= 3; ++i) {
        file.append(sample_lines());
        wait_until([&] { return parts_in(folder, "part", ending).size() > i; });
      }
    }
    const auto parts = parts_in(folder, "part", ending);
    CHECK(parts.size() >= 4);
    const CaptureReading r = read_capture(parts);
    CHECK(r.error == "");
    CHECK(r.cut_off == "");
    CHECK(r.lines.size() == 3 * records_in(sample_lines()));
    for (const auto& p : parts) std::filesystem::remove(p);
  }
}

TEST_CASE("Capture file: parts by age, of which some are kept") {
  const Folder folder;
  CaptureLog log;
  CaptureFileOptions options = at(folder.file("aged.jsonl"));
  options.part_age = std::chrono::milliseconds(1);
  options.keep_parts = 2;
  {
    CaptureFile file(options, kHeader, log);
    wait_until([&] {
      file.append(sample_lines());
      return std::filesystem::exists(folder.file("aged.4.jsonl"));
    });
  }
  const auto parts = parts_in(folder, "aged", ".jsonl");
  CHECK(parts.size() == 2);
  CHECK_FALSE(std::filesystem::exists(folder.file("aged.jsonl")));
  CHECK(read_capture(parts).error == "");
  CHECK(read_capture(parts).cut_off == "");
  CHECK(log.errors().empty());
}

TEST_CASE("Capture file: a file that is there already stays as it is") {
  const Folder folder;
  CaptureLog log;
  for (const char* name : {"a", "a.gz", "a.zst"}) {
    write_bytes(folder.file(name), "mine");
    CHECK_THROWS_WITH(CaptureFile(at(folder.file(name)), kHeader, log),
                      Contains(name) && Contains("the file exists already"));
    CHECK(read(folder.file(name)) == "mine");
  }
  CHECK_THROWS_WITH(CaptureFile(at(folder.file("no/where")), kHeader, log), Contains("No such file"));
}

TEST_CASE("Capture file: a later part that cannot be opened ends the capture") {
  const Folder folder;
  CaptureLog log;
  write_bytes(folder.file("a.2.jsonl"), "mine");
  CaptureFileOptions options = at(folder.file("a.jsonl"));
  options.part_bytes = 1;
  {
    CaptureFile file(options, kHeader, log);
    file.append(sample_lines());
    wait_until([&] { return !file.append(sample_lines()); });
    CHECK_FALSE(file.append(sample_lines()));
  }
  REQUIRE(log.errors().size() == 1);
  CHECK_THAT(log.errors()[0], Contains("The capture has ended: ") && Contains("a.2.jsonl: the file exists already"));
  CHECK(read(folder.file("a.2.jsonl")) == "mine");
  CHECK_THAT(read_capture({folder.file("a.jsonl")}).cut_off, Contains("goes on in another part"));
}

TEST_CASE("Capture file: a disk that cannot keep up ends the capture, which then has no proper end") {
  const Folder folder;
  CaptureLog log;
  CaptureFileOptions options = at(folder.file("a.jsonl"));
  options.part_age = std::chrono::milliseconds(1);
  {
    CaptureFile file(options, kHeader, log);
    CHECK(file.append(sample_lines()));
    CHECK_FALSE(file.append(std::string(65 << 20, 'x')));
    CHECK_FALSE(file.append(sample_lines()));
  }
  REQUIRE(log.errors().size() == 1);
  CHECK_THAT(log.errors()[0], Contains("the disk cannot keep up"));
  const CaptureReading r = read_capture(parts_in(folder, "a", ".jsonl"));
  CHECK(r.error == "");
  CHECK_FALSE(r.cut_off.empty());
}

TEST_CASE("Capture file: a full disk ends the capture, and nothing else") {
  for (const char* name : {"full.jsonl", "full.jsonl.gz", "full.jsonl.zst"}) {
    const Folder folder;
    const std::string path = folder.file(name);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(fill_disk(path));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const CaptureReading r = read_capture({path});
    CHECK(r.error == "");
    CHECK_THAT(r.cut_off, Contains("cut off"));
    CHECK(r.lines.size() >= records_in(sample_lines()));
  }
}
