// CaptureControl: captures that an operator starts and stops; they may fail and be started again.
#include "io/capture/capture_control.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

#include "tests/io/capture_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;
using State = CaptureStatus::State;

namespace {

template <typename Ready>
bool comes_true(Ready&& ready) {
  for (int i = 0; i < 2'000 && !ready(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return ready();
}

CaptureOptions in(const std::string& folder) {
  CaptureOptions options;
  options.folder = folder;
  return options;
}

// Takes the place of the lanes: keeps the capture that was handed out last.
class Lanes {
 public:
  explicit Lanes(CaptureControl& control) : control_(control) {
    control.open({}, [this](CaptureControl::Capture capture) {
      const std::lock_guard lock(mutex_);
      capture_.swap(capture);
    });
  }
  ~Lanes() { control_.close(); }

  CaptureControl::Capture capture() const {
    const std::lock_guard lock(mutex_);
    return capture_;
  }

 private:
  CaptureControl& control_;
  mutable std::mutex mutex_;
  CaptureControl::Capture capture_;
};

// Starts a capture, waits for it, and returns the error.
std::string start(CaptureControl& control) {
  std::promise<std::string> error;
  control.start([&](std::string e) { error.set_value(std::move(e)); });
  return error.get_future().get();
}
std::string stop(CaptureControl& control) {
  std::promise<std::string> error;
  control.stop([&](std::string e) { error.set_value(std::move(e)); });
  return error.get_future().get();
}

std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path().string());
  return files;
}

// Blocks when the end of a capture is logged, until let() is called.
class SlowLog final : public LogPort {
 public:
  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel, std::string_view text) override {
    if (text != "The capture has ended") return;
    go_on_.get_future().wait();
    ended_by_ = std::this_thread::get_id();
    ended_ = true;
  }
  void let() { go_on_.set_value(); }
  bool ended() const { return ended_; }
  std::thread::id ended_by() const { return ended_by_; }

 private:
  std::promise<void> go_on_;
  std::thread::id ended_by_;
  std::atomic<bool> ended_ = false;
};

// Runs in a process of its own with a limit on the size of files, so that writing fails as on a full disk.
int fail_and_start_again(const std::string& folder) {
  const rlimit limit{20'000, 20'000};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  CaptureLog log;
  CaptureControl control(in(folder), log);
  Lanes lanes(control);
  if (!start(control).empty()) return 1;
  std::string noise;
  for (unsigned i = 1; noise.size() < 100'000; ++i) noise += std::to_string(i * 2'654'435'761U);
  lanes.capture()->file.append(noise);
  if (!comes_true([&] { return control.status().state == State::failed; })) return 2;
  if (control.status().failure.find("File too large") == std::string::npos) return 3;
  if (stop(control) != "no capture is running") return 4;
  control.toggle();
  if (!comes_true([&] { return control.status().state == State::running; })) return 5;
  return files_in(folder).size() == 2 && control.status().failure.empty() ? 0 : 6;
}

}  // namespace

TEST_CASE("Capture control: one runs at a time, and can be asked about") {
  const Folder folder;
  CaptureLog log;
  CaptureControl control(in(folder.path()), log);
  CHECK(start(control) == "the gateway starts or stops");
  const Lanes lanes(control);
  CHECK(control.status().state == State::none);
  CHECK(stop(control) == "no capture is running");
  CHECK(start(control) == "");
  CHECK(start(control) == "a capture is running already");
  CHECK(control.status().state == State::running);
  CHECK(control.status().since > 1'700'000'000);
  lanes.capture()->file.append(sample_lines());
  CHECK(comes_true([&] { return control.status().bytes > 0; }));
  CHECK(stop(control) == "");
  CHECK(lanes.capture() == nullptr);
  CHECK(comes_true([&] { return control.status().state == State::ended; }));
  const CaptureStatus status = control.status();
  CHECK(files_in(folder.path()) == std::set{status.path});
  CHECK(status.bytes == std::filesystem::file_size(status.path));
  CHECK(read_capture({status.path}).error == "");
  CHECK(log.errors().empty());
}

TEST_CASE("Capture control: those of the same second have files of their own") {
  const Folder folder;
  CaptureLog log;
  std::set<std::string> paths;
  {
    CaptureControl control(in(folder.path()), log);
    const Lanes lanes(control);
    for (int i = 0; i < 20; ++i) {
      CHECK(start(control) == "");
      paths.insert(control.status().path);
      CHECK(stop(control) == "");
    }
  }
  CHECK(paths.size() == 20);
  CHECK(files_in(folder.path()) == paths);
  CHECK(log.errors().empty());
  for (const std::string& path : paths) CHECK(read_capture({path}).cut_off == "");
}

TEST_CASE("Capture control: after one that has failed the next one starts") {
  const Folder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fail_and_start_again(folder.path()));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("Capture control: a folder that cannot be written") {
  const Folder folder;
  CaptureLog log;
  CaptureControl control(in(folder.file("missing")), log);
  const Lanes lanes(control);
  CHECK_THAT(start(control), Contains("No such file or directory"));
  CHECK(control.status().state == State::failed);
  CHECK_THAT(control.status().failure, Contains("No such file or directory"));
  REQUIRE(log.errors().size() == 1);
  CHECK_THAT(log.errors()[0], Contains("Cannot capture: "));
  std::filesystem::create_directory(folder.file("missing"));
  CHECK(start(control) == "");
  CHECK(control.status().failure == "");
}

TEST_CASE("Capture control: who lets go of a capture does not wait for its end") {
  const Folder folder;
  SlowLog log;
  CaptureControl control(in(folder.path()), log);
  Lanes lanes(control);
  CHECK(start(control) == "");
  CaptureControl::Capture of_a_lane = lanes.capture();
  CHECK(stop(control) == "");
  CHECK(control.status().state == State::ending);
  of_a_lane->file.append(sample_lines());
  of_a_lane = nullptr;  // must not wait for the log, which is blocked
  CHECK_FALSE(log.ended());
  log.let();
  CHECK(comes_true([&] { return log.ended(); }));
  CHECK(log.ended_by() != std::this_thread::get_id());
}

TEST_CASE("Capture control: one from the start ends with the gateway, or before") {
  const Folder folder;
  CaptureLog log;
  CaptureOptions options = in(folder.path());
  options.path = folder.file("all.jsonl");
  {
    CaptureControl control(options, log);
    control.begin({})->file.append(sample_lines());
    CHECK(control.status().path == options.path);
  }
  CHECK(read_capture({options.path}).cut_off == "");
  {
    CaptureControl control(options, log);
    CHECK_THROWS_WITH(control.begin({}), Contains("the file exists already"));
    CHECK(control.status().state == State::none);
  }
  options.path = folder.file("more.jsonl");
  CaptureControl control(options, log);
  control.begin({});
  const Lanes lanes(control);
  control.toggle();
  CHECK(comes_true([&] { return control.status().state == State::ended; }));
}
