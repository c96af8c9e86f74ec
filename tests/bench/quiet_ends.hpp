// Log, client and service ports for benchmarks; they cost next to nothing. Frames are only counted. Requests are kept
// until they are answered. Of the subscriptions, only those to resource events are kept.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nodes/protocol/ports.hpp"

namespace resflow::bench {

struct QuietLog final : LogPort {
  bool enabled(LogLevel) const override { return false; }
  void log(LogLevel, std::string_view) override {}
};

struct QuietClients final : ClientPort {
  std::size_t frames = 0;

  bool send(ConnId, std::span<const Frame> sent) override {
    frames += sent.size();
    return true;
  }
  void close(ConnId, const CloseReason&) override {}
  void accept(ConnId, const Headers&) override {}
  void respond(ConnId, const WebResponse&) override {}
  void pause(ConnId) override {}
  void resume(ConnId) override {}
};

struct QuietServices final : ServicePort {
  std::vector<std::pair<ServiceRequestId, std::string>> requests;         // ids and subjects
  std::vector<std::pair<SubscriptionHandle, std::string>> subscriptions;  // handles and subjects

  void request(ServiceRequestId id, std::string_view subject, std::string_view) override {
    requests.emplace_back(id, subject);
  }
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override {
    if (subject.starts_with("event.")) subscriptions.emplace_back(handle, subject);
    return true;
  }
  void unsubscribe(SubscriptionHandle handle) override {
    std::erase_if(subscriptions, [&](const auto& s) { return s.first == handle; });
  }
  void flush() override {}
};

}  // namespace resflow::bench
