#include "io/operator/admin_capture.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <utility>

namespace resflow {

namespace {

std::string_view name_of(CaptureStatus::State state) {
  switch (state) {
    case CaptureStatus::State::none:
      return "none";
    case CaptureStatus::State::running:
      return "running";
    case CaptureStatus::State::ending:
      return "ending";
    case CaptureStatus::State::ended:
      return "ended";
    case CaptureStatus::State::failed:
      break;
  }
  return "failed";
}

// Returns the absolute path, since a user of the admin page may not know in which folder the gateway was started.
std::string whole(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return path.empty() || error ? path : absolute.lexically_normal().string();
}

}  // namespace

void AdminCapture::act(ConnId conn, std::string_view path) {
  const auto done = [this, conn](std::string error) {
    {
      const std::lock_guard lock(mutex_);
      outcomes_.push_back({conn, std::move(error)});
    }
    wake_();
  };
  path == kStart ? control_.start(done) : control_.stop(done);
}

std::vector<AdminCapture::Outcome> AdminCapture::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcomes_, {});
}

std::string AdminCapture::json() const {
  const CaptureStatus status = control_.status();
  return boost::json::serialize(boost::json::object{{"state", name_of(status.state)},
                                                    {"file", whole(status.path)},
                                                    {"since", status.since},
                                                    {"bytes", status.bytes},
                                                    {"failure", status.failure}});
}

}  // namespace resflow
