// The services of one lane over the NATS connection. While there is none, requests are kept, and sent when the lane has
// taken in that there is another one.
//
// Private to the files nats_*.cpp. On the lane's thread, except where it says otherwise. Bound: kept requests as
// NatsOptions::unsent_bytes; of requests that were sent, the last kSent are known, in case that the server refuses one.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_error.hpp"
#include "io/nats/nats_subscriptions.hpp"

namespace resflow {

class NatsClient::Port final : public ServicePort {
 public:
  Port(NatsClient& client, ServiceSink& sink) : sink(sink), client_(client) {}

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override;
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override;
  void unsubscribe(SubscriptionHandle handle) override;
  void flush() override;
  void resume(const std::function<bool(ServiceRequestId)>& wanted) override;

  // Any thread: the server does not permit requests with this subject.
  void refused(const NatsFault& fault);
  // Any thread: the connection that requests are sent on.
  const Link* link() const { return link_; }

  ServiceSink& sink;

 private:
  struct Kept {
    ServiceRequestId id;
    std::string subject;
    std::string payload;
  };
  struct Sent {
    ServiceRequestId id = 0;
    std::string subject;  // its beginning
  };

  static constexpr std::size_t kSent = 4'096;
  static constexpr std::size_t kMuch = 64 * 1024;  // bytes

  void keep(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void fail_refused();
  void gathered(std::size_t bytes);

  NatsClient& client_;
  std::atomic<Link*> link_ = nullptr;
  bool keeping_ = false;
  std::size_t gathered_ = 0;  // since the last flush
  std::string subject_;       // scratch
  std::string reply_;
  std::vector<ServiceReply> failed_;
  std::vector<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::vector<Sent> sent_;  // a ring
  std::size_t next_sent_ = 0;
  std::unordered_map<SubscriptionHandle, Subscriptions::Node*, IdHash> nodes_;  // by handle
  std::atomic<bool> has_faults_ = false;
  std::mutex faults_mutex_;
  std::vector<NatsFault> faults_;
};

}  // namespace resflow
