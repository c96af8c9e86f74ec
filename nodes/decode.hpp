// The decode node turns the NATS messages of services into typed replies and events. It counts malformed messages, and
// logs malformed events and metadata. When the connection to NATS was lost and is restored, the decode node tells the
// cache that all resources may be outdated. It has no state except a counter, and the names of the services about which
// it has logged a warning.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only.
#pragma once

#include <cstdint>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/protocol/once_per_service.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

struct DecodeOut {
  std::vector<CacheIn> cache;
  std::vector<SessionIn> session;  // new access tokens of clients, sent by services in connection events
  // Token resets (a service declares access tokens outdated). Also refused NATS subscriptions, if they are to the
  // events of a client's connection.
  std::vector<AuthorizeIn> authorize;
};

class Decode {
 public:
  explicit Decode(LogPort& log) : log_(log) {}

  void process(DecodeIn&& message, DecodeOut& out);

  std::uint64_t malformed() const { return malformed_; }

 private:
  void answer(Answer&& a, DecodeOut& out);
  static void refusal(const SubscriptionRefused& refused, DecodeOut& out);
  void message(ServiceMessage&& m, DecodeOut& out);
  void resource_event(ServiceMessage&& m, DecodeOut& out);
  void connection_event(const ServiceMessage& m, DecodeOut& out);
  void system_event(const ServiceMessage& m, DecodeOut& out);
  bool read_event(std::string_view subject, ServiceEvent& event, std::string payload);
  void heed(const MetaPtr& meta);
  bool complain(std::string_view subject, const ErrorPtr& error);
  void warn_of_other_case(std::string_view name);
  void warn_of_legacy_new(std::string_view name);
  // Counts a malformed reply. Logs a warning if the service spells JSON members in another letter case than the
  // protocol. `name` is the resource name, which begins with the name of the service.
  template <typename T>
  void count(std::string_view name, const Decoded<T>& reply) {
    malformed_ += reply.malformed ? 1 : 0;
    if (reply.other_case) warn_of_other_case(name);
  }

  // Returns true if the event is well-formed. Otherwise logs and counts it, and returns false. Logs a warning if the
  // service spells JSON members in another letter case than the protocol.
  template <typename T>
  bool is_sound(std::string_view subject, std::string_view name, const Decoded<T>& event) {
    if (event.other_case) warn_of_other_case(name);
    return !complain(subject, event.error);
  }

  QueryAnswer query_answer(const QueryFor& purpose, const Answer& a);
  CallReply call_reply(const CallFor& purpose, const Answer& a);

  LogPort& log_;
  std::uint64_t malformed_ = 0;
  OncePerService other_cases_;
  OncePerService legacy_news_;
};

}  // namespace resflow
