// Plays a part of a capture (a recording of a gateway's traffic), so that this part can be recorded as a new, smaller
// capture. The user chooses the part: the traffic of some clients, or the requests for some resources. The outputs are
// not compared with the recorded outputs. They would differ, because the gateway makes its requests at other times when
// the other traffic is missing.
//
// For captures of one lane (one of the gateway's parallel pipelines) only. One thread.
#pragma once

#include <vector>

#include "graph/lane.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/tap.hpp"
#include "tools/replay/lane_player.hpp"
#include "tools/replay/recorded_services.hpp"
#include "tools/replay/selection.hpp"

namespace resflow::replay {

class SelectivePlayer final : public ClientPort, public ServicePort {
 public:
  SelectivePlayer(Script& script, Selection& selection, Span span)
      : script_(script, 0), selection_(selection), span_(span) {}

  // Plays up to the end of the span or of the capture. The lane must have this object as its ports (its interfaces to
  // clients and to services).
  void play(Lane& lane);

  std::int64_t us() const { return us_; }
  const Tally& tally() const { return tally_; }

  // Functions of ClientPort: they ignore the outputs of the lane to clients.
  bool send(ConnId, std::span<const Frame>) override { return true; }
  void close(ConnId, const CloseReason&) override {}
  void accept(ConnId, const Headers&) override {}
  void respond(ConnId, const WebResponse&) override {}
  void pause(ConnId) override {}
  void resume(ConnId) override {}

  // Functions of ServicePort: they pass the requests of the lane to services_, which answers them.
  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override;
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override;
  void unsubscribe(SubscriptionHandle handle) override;
  void flush() override {}

 private:
  void take(CaptureRecord& record);
  void turn(Millis now);
  void recorded_output(const CaptureRecord& record);
  void answer(std::vector<ServiceReply> replies);
  void finish();

  LaneScript script_;
  Selection& selection_;
  Span span_;
  Lane* lane_ = nullptr;  // null unless play() is running
  RecordedServices services_;
  std::int64_t us_ = 0;
  Millis now_ = 0;
  Tally tally_;
};

}  // namespace resflow::replay
