// The part of the admin page for captures: recordings of the traffic of the gateway in a file. It shows the present or
// the latest capture, and starts and stops captures. AdminCapture keeps the outcome of an action until AdminPages
// answers the connection that has asked for the action.
//
// AdminPages owns an AdminCapture and calls it on its own thread. CaptureControl reports outcomes on any thread.
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

  // The outcome of an action: of the start or the stop of a capture. `error` is empty if the action has succeeded.
  struct Outcome {
    ConnId conn;
    std::string error;
  };

  // AdminCapture calls `wake`, on any thread, when take() has outcomes to return. The owner must close `control` before
  // it destroys this object, so that `control` does not call back any more.
  AdminCapture(CaptureControl& control, std::function<void()> wake) : control_(control), wake_(std::move(wake)) {}

  // Starts the action that the path of a request names. take() later returns the outcome, together with `conn`, the
  // connection that has sent the request and gets the answer.
  void act(ConnId conn, std::string_view path);
  // Returns the outcomes of all actions that have ended since the last call.
  std::vector<Outcome> take();

  // Returns the status of the present or the last capture:
  // {"state":"running","file":"/a/b.jsonl.gz","since":1.7e9,"bytes":n,"failure":""}. The states are none, running,
  // ending, ended and failed; `since` is in seconds of Unix time.
  std::string json() const;

 private:
  CaptureControl& control_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace resflow
