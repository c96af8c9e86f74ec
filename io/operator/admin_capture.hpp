// The admin page's part of captures: what of the present one is told, and who waits for one to start or stop.
//
// Part of the admin pages, on their thread. The captures' control calls back on its own.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture/capture_control.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

class AdminCapture {
 public:
  static constexpr std::string_view kStatus = "/graph/capture.json";
  static constexpr std::string_view kStart = "/graph/capture/start";
  static constexpr std::string_view kStop = "/graph/capture/stop";

  static bool is_action(std::string_view path) { return path == kStart || path == kStop; }

  // What has come of an action: `error` is empty when it is done.
  struct Outcome {
    ConnId conn;
    std::string error;
  };

  // `wake` is called from any thread when take() has something. `control` calls back no more when this ends: it has
  // been closed by then.
  AdminCapture(CaptureControl& control, std::function<void()> wake) : control_(control), wake_(std::move(wake)) {}

  void act(ConnId conn, std::string_view path);
  std::vector<Outcome> take();

  // {"state":"running","file":"/a/b.jsonl.gz","since":1.7e9,"bytes":n,"failure":""}; state: none, running, ending,
  // ended, failed.
  std::string json() const;

 private:
  CaptureControl& control_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace resflow
