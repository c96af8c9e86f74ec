// The session of one client connection: its requests under way and what it holds (RES-Client protocol, "Subscriptions",
// "Request types", "Events").
//
// The rule that everything here serves: what the session believes its client to hold is what a client that follows the
// protocol does hold, after every message. A direct subscription counts from its positive answer and ends with the
// answer to its unsubscribe. A message that makes the client hold more carries everything that it does not hold then;
// so an operation (a request, or an event with new references) first loads the closure of what it needs, and is
// committed in one step when nothing of it is missing any more.
//
// Pure; owned by Session, called by its lane only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/keyed_table.hpp"
#include "nodes/subscription.hpp"
#include "nodes/web_options.hpp"

namespace resflow {

struct SessionOut;
struct WebExchange;
struct SessionLimits;

// What a client's session needs of the node it is part of.
class SessionContext {
 public:
  virtual SessionOut& out() = 0;
  // For a subscription that waits for its Loaded; and when it waits no more.
  virtual Ticket give_ticket(Subscription& s) = 0;
  virtual void take_back(Ticket ticket) = 0;
  virtual std::uint32_t next_serial() = 0;
  virtual const SessionLimits& limits() const = 0;
  virtual void link(Subscription& s, ResourceId resource) = 0;
  virtual void unlink(Subscription& s, bool tell_cache) = 0;

 protected:
  ~SessionContext() = default;
};

class ClientSession {
 public:
  ClientSession(SessionContext& context, ConnId conn, ClientInfoPtr info);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  ConnId conn() const { return conn_; }
  bool legacy() const;  // the client's protocol is below 1.2.1

  // client_requests.cpp
  void request(Request&& r);
  void call_reply(CallReply&& r);
  void token_set(TokenEvent&& event);

  // client_operations.cpp
  void verdict(Verdict&& v);
  void loaded(Subscription& s, const Loaded& m);

  // client_events.cpp
  void event(const RidPtr& rid, ResourceId resource, const EventPtr& event);

  // client_web.cpp: a session that serves one web request, or decides whether a connection is opened. With `auth`, a
  // service is asked first.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  void decide_opening(const HeaderAuth& auth);
  // The answer has been given: the session is to be ended.
  bool done() const;

  // The connection is gone: lets the cache and authorize know.
  void end();

  std::size_t subscription_count() const { return subscriptions_.size(); }

 private:
  // What a message makes the client hold anew, and all that these refer to, in their order.
  struct Closure {
    std::vector<Subscription*> fresh;
    std::vector<Subscription*> references;
  };
  using OperationKeys = boost::container::small_vector<std::uint32_t, 4>;

  std::string_view cid() const { return info_->cid(); }

  // requests
  void set_version(const Request& r);
  void subscribe(const RequestId& id, const RidPtr& rid, Operation::Kind kind);
  void unsubscribe(const Request& r);
  void call(Request&& r);
  void auth(Request&& r);
  bool too_many_requests();
  void reply(const RequestId& id, ReplyForm form, ErrorPtr error = nullptr, std::string result = {},
             RidPtr rid = nullptr, ResourceSet set = {});

  // web requests
  void authenticate(const HeaderAuth& auth);
  void authenticated(CallReply&& r);
  void perform();
  void web_call_reply(CallReply&& r);
  bool web_verdict(const Verdict& v);
  bool meta_decides(const MetaPtr& meta, const ErrorPtr& error, const RidPtr& resource);
  void web_reply(Reply&& reply, std::optional<unsigned> status = std::nullopt);

  // subscriptions
  Subscription& obtain(const RidPtr& rid);
  void obtain_all(const std::vector<RidPtr>& rids, std::vector<Subscription*>& all);
  Subscription* find(const RidPtr& rid);
  void start_loading(Subscription& s, ThrottleId throttle);
  void withdraw(const Subscription& s);
  void close(std::string reason);
  void drop_if_unused(Subscription& s);
  void reset(Subscription& s);
  void let_go();

  // operations
  Operation& start(Operation::Kind kind, Subscription& subject);
  void finish(Operation& op);
  void visit(Operation& op, std::vector<Subscription*>& walk);
  void want(Operation& op, Subscription& s);
  void pin(Operation& op, Subscription& s);
  void advance_all(const OperationKeys& keys);
  void refresh(Subscription& s);
  void question(Operation& op);
  void advance(Operation& op);
  bool complete(Operation& op, Closure& closure);
  std::vector<Subscription*> roots(const Operation& op);
  void commit(Operation& op, const Closure& closure);
  void commit_request(Operation& op, const Closure& closure);
  void commit_event(Operation& op, const Closure& closure);
  void deny(Operation& op, const ErrorPtr& reason);
  ResourceSet resource_set(const std::vector<Subscription*>& fresh);
  ResourceSet hand_over(const Closure& closure);
  void drain(const std::vector<RidPtr>& rids);

  // events
  void process(Subscription& s, const EventPtr& event);
  void apply(Subscription& s, const EventPtr& event, ResourceSet set);
  void deleted(Subscription& s, const EventPtr& event);
  bool all_sent(const std::vector<RidPtr>& rids);
  void queue(Subscription& s, const EventPtr& event);
  void drain(Subscription& s);
  void recheck(Subscription& s);
  void revoke(Subscription& s, const ErrorPtr& reason);
  void deliver(const Subscription& s, const EventPtr& event, ResourceSet set = {});

  SessionContext& context_;
  ConnId conn_;
  ClientInfoPtr info_;
  std::uint32_t protocol_;
  std::size_t calls_ = 0;  // call and auth requests under way
  Holdings holdings_;
  KeyedTable<Subscription, SubscriptionKey> subscriptions_;
  KeyedTable<Operation, OperationKey> operations_;
  std::unique_ptr<WebExchange> web_;  // null for an open WebSocket connection
};

}  // namespace resflow
