// The port through which one lane (a thread of the gateway) talks to services: it sends the lane's requests and makes
// the lane's subscriptions over the NATS connection. While there is no connection, the port keeps requests. When a new
// connection is ready, the lane calls send_kept(), and the port sends them. The subjects and payloads of the kept
// requests have together at most NatsOptions::unsent_bytes; further requests fail.
//
// The port remembers the last kSent requests that it has sent, since the server may refuse one of them later.
//
// Private to the files nats_*.cpp. All functions must be called on the lane's thread, except where a comment says
// otherwise.
#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <string>
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
  void send_kept(const std::function<bool(ServiceRequestId)>& wanted) override;

  // Records that the server does not permit requests with the subject in `fault`. Any thread.
  void refused(const NatsFault& fault);
  // Returns the connection on which the port sends requests; null if there is none. Any thread.
  const Link* link() const { return link_; }

  ServiceSink& sink;

 private:
  // A request that waits for a connection.
  struct Kept {
    ServiceRequestId id;
    std::string subject;
    std::string payload;
  };
  // A request that was sent. The port remembers it in case the server refuses it.
  struct Sent {
    ServiceRequestId id = 0;
    std::string subject;  // at most the first 255 bytes of the subject
  };

  static constexpr std::size_t kSent = 4'096;      // how many sent requests the port remembers
  static constexpr std::size_t kMuch = 64 * 1024;  // bytes; after so many, the port sends without waiting for flush()

  // Keeps a request until send_kept() is called. If the kept requests would together have more than
  // NatsOptions::unsent_bytes, fails this request instead.
  void keep(ServiceRequestId id, std::string_view subject, std::string_view payload);
  // Fails each request in sent_ that the server does not permit: adds a reply with an error to failed_.
  void fail_refused();
  // Counts published bytes. When kMuch bytes have been published since the last flush, sends them to the server.
  void gathered(std::size_t bytes);

  NatsClient& client_;
  std::atomic<Link*> link_ = nullptr;
  bool keeping_ = false;      // true: the port keeps further requests until send_kept() is called
  std::size_t gathered_ = 0;  // bytes published since the last flush
  std::string subject_;       // subject_, reply_: kept between calls only to reuse their memory
  std::string reply_;
  std::vector<ServiceReply> failed_;  // replies that say that a request has failed; flush() delivers them
  std::vector<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::vector<Sent> sent_;  // the last kSent requests; a new request replaces the oldest one
  std::size_t next_sent_ = 0;
  // The subscriptions of this lane. The key is the handle that the lane has chosen.
  boost::unordered_flat_map<SubscriptionHandle, Subscriptions::Entry*, IdHash> entries_;
  std::atomic<bool> has_faults_ = false;
  std::mutex faults_mutex_;
  std::vector<NatsFault> faults_;  // guarded by faults_mutex_
};

}  // namespace resflow
