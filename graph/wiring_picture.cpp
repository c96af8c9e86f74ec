#include "graph/wiring_picture.hpp"

#include "graph/lane.hpp"
#include "graph/wiring.hpp"

namespace resflow {

namespace {

struct NoClients final : ClientPort {
  bool send(ConnId, std::span<const Frame>) override { return true; }
  void close(ConnId, const CloseReason&) override {}
  void accept(ConnId, const Headers&) override {}
  void respond(ConnId, const WebResponse&) override {}
  void pause(ConnId) override {}
  void resume(ConnId) override {}
};
struct NoServices final : ServicePort {
  void request(ServiceRequestId, std::string_view, std::string_view) override {}
  bool subscribe(SubscriptionHandle, std::string_view) override { return true; }
  void unsubscribe(SubscriptionHandle) override {}
  void flush() override {}
};
struct NoLog final : LogPort {
  bool enabled(LogLevel) const override { return false; }
  void log(LogLevel, std::string_view) override {}
};

}  // namespace

std::string wiring_picture(const DotOptions& options) {
  NoClients clients;
  NoServices services;
  NoLog log;
  const Lane lane(LaneOptions{}, clients, services, log, [] {});
  return to_dot(lane.registry(), options);
}

}  // namespace resflow
