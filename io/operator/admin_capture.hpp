// The part of the admin page that shows, starts and stops captures. A capture is a recording of the gateway's traffic
// in a file. A start or stop takes a while. AdminCapture keeps its result until AdminPages fetches it and answers the
// HTTP request.
//
// AdminPages owns an AdminCapture and calls it on one thread. CaptureControl, which makes the recordings, reports
// results on any thread.
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

  // The result of a start or stop. `error` is empty on success; otherwise it says what went wrong.
  struct Outcome {
    ConnId conn;
    std::string error;
  };

  // AdminCapture calls `wake` when take() has results to return. This call may come on any thread. The owner must call
  // control.close() before it destroys this object, because `control` may call this object until then.
  AdminCapture(CaptureControl& control, std::function<void()> wake) : control_(control), wake_(std::move(wake)) {}

  // Starts or stops a capture, as the path of the HTTP request says. Does not wait: take() later returns the result,
  // together with `conn`, the connection that gets the answer.
  void act(ConnId conn, std::string_view path);
  // Returns the results of all starts and stops that have finished since the last call.
  std::vector<Outcome> take();

  // Returns the status of the running capture, or of the latest one if none runs:
  //   {"state":"running","file":"/a/b.jsonl.gz","since":1.7e9,"bytes":n,"failure":""}
  // The state is none (no capture yet), running, ending, ended or failed. `since` is in seconds of Unix time.
  std::string json() const;

 private:
  CaptureControl& control_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace resflow
