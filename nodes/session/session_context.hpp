// What the classes of one client's session (client.hpp) need from Session, the node that has the sessions of all
// clients. Session implements this interface. No I/O; called on the lane's thread only.
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
  std::vector<SessionIn> later;  // messages from this node to itself, for the event loop's next turn
};

class SessionContext {
 public:
  // Not virtual, so that it is fast: it is called for every small piece of work.
  WorkShares& shares() { return shares_; }
  // The session node reports to the admit node how many of a client's requests were answered (Standing::answered).
  // Returns how many answers it gathers for one report.
  std::uint32_t answers_per_report() const { return answers_per_report_; }

  virtual SessionOut& out() = 0;
  // A ticket is the number of a subscription that waits for its resource from the cache. give_ticket(): makes a ticket.
  // take_back(): ends the ticket of a subscription that stops waiting.
  virtual Ticket give_ticket(Subscription& s) = 0;
  virtual void take_back(Ticket ticket) = 0;
  // Returns the subscription that waits with this ticket, and ends the ticket. Returns null if no subscription waits
  // with this ticket any more.
  virtual Subscription* take_ticket(Ticket ticket) = 0;
  virtual std::uint32_t next_serial() = 0;
  virtual const SessionLimits& limits() const = 0;
  // link(): from now on, the subscription gets the events of its cached resource. unlink(): the subscription does not
  // get these events any more. If `tell_cache` is true, unlink() sends the cache an Unsubscribe.
  virtual void link(Subscription& s, ResourceId resource) = 0;
  virtual void unlink(Subscription& s, bool tell_cache) = 0;
  // Sends the cache an Unsubscribe for `resource`. Called when the cache has loaded the resource, but the subscription
  // does not wait for it any more.
  virtual void give_back(ResourceId resource) = 0;
  // Puts a client with work left over into a queue (Session::ring_). Its work continues in a later turn of the event
  // loop.
  virtual void schedule(ConnId conn) = 0;
  // Counts that a client's request has exceeded a limit. Returns true if the request must be refused. Returns false in
  // a dry run, in which the operator wants such requests only to be counted.
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
