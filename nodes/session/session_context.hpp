// What the parts of a client's session need of their node, Session, which implements this. Pure; lane only.
#pragma once

#include <vector>

#include "nodes/limits.hpp"
#include "nodes/messages.hpp"
#include "nodes/session/work_shares.hpp"

namespace resflow {

struct Subscription;

struct SessionOut {
  std::vector<AuthorizeIn> authorize;
  std::vector<CacheIn> cache;
  std::vector<EncodeIn> encode;
  std::vector<AdmitIn> admit;
  std::vector<SessionIn> later;  // for session itself, in the lane's next turn
};

class SessionContext {
 public:
  // Not virtual, since every step of long work asks for it.
  WorkShares& shares() { return shares_; }
  // How many requests are answered before admit is told.
  std::uint32_t answers_per_report() const { return answers_per_report_; }

  virtual SessionOut& out() = 0;
  // Makes a ticket for a subscription that waits for its LoadResult, and takes it back when the subscription stops
  // waiting.
  virtual Ticket give_ticket(Subscription& s) = 0;
  virtual void take_back(Ticket ticket) = 0;
  // Returns the subscription that waits with this ticket, and ends the ticket. Null if nothing waits with it any more.
  virtual Subscription* redeem(Ticket ticket) = 0;
  virtual std::uint32_t next_serial() = 0;
  virtual const SessionLimits& limits() const = 0;
  // Makes a subscription get the events of its cached resource, and ends that. With `tell_cache`, the cache is sent an
  // Unsubscribe.
  virtual void link(Subscription& s, ResourceId resource) = 0;
  virtual void unlink(Subscription& s, bool tell_cache) = 0;
  // Tells the cache that nobody needs a state that it has given to this lane.
  virtual void give_back(ResourceId resource) = 0;
  // The client has work left over: it will be run again when it has another share.
  virtual void schedule(ConnId conn) = 0;
  // Counts that a limit set by the operator is exceeded. Returns false if such limits are only counted.
  virtual bool refuses(Limit limit) = 0;

 protected:
  SessionContext(WorkLimits limits, std::uint32_t answers_per_report)
      : shares_(limits), answers_per_report_(answers_per_report) {}
  ~SessionContext() = default;

  WorkShares shares_;

 private:
  std::uint32_t answers_per_report_;
};

}  // namespace resflow
