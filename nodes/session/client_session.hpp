// The session of one client connection: its requests under way, and the resources that it holds (RES-Client protocol,
// "Subscriptions", "Request types", "Events"). Session makes one for each connection and hands it the client's
// messages.
//
// The session must know exactly what its client holds: after every message, it has recorded what a client that follows
// the protocol then holds. A direct subscription counts from its positive answer until the answer to its unsubscribe. A
// message that makes the client hold more resources carries all of them that the client does not have yet. So an
// operation (a request, or an event with new references) first loads its closure, that is, all resources that it needs
// and everything they refer to. It is committed in one step when the closure is complete.
//
// Pure; owned by Session, called by its lane only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/base/keyed_table.hpp"
#include "nodes/protocol/web_options.hpp"
#include "nodes/session/agenda.hpp"
#include "nodes/session/subscription.hpp"
#include "nodes/session/work_shares.hpp"

namespace resflow {

struct SessionOut;
struct WebExchange;
struct SessionLimits;

// What a client's session needs of its node, Session, which implements this.
class SessionContext {
 public:
  // Not virtual, since every step of long work asks for it.
  WorkShares& shares() { return shares_; }
  // How many requests are answered before admit is told.
  std::uint32_t answers_at_once() const { return answers_at_once_; }

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
  SessionContext(WorkLimits limits, std::uint32_t answers_at_once)
      : shares_(limits), answers_at_once_(answers_at_once) {}
  ~SessionContext() = default;

  WorkShares shares_;

 private:
  std::uint32_t answers_at_once_;
};

class ClientSession {
 public:
  ClientSession(SessionContext& context, ConnId conn, ClientInfoPtr info);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  ConnId conn() const { return conn_; }
  bool legacy() const;  // the client's protocol is below 1.2.1

  // client_agenda.cpp. Handles a message. While earlier work is left over, the message waits in the inbox.
  template <typename Message>
  void take(Message&& m) {
    if (agenda_) return defer(std::move(m));
    handle(std::move(m));
    run();
  }
  // Handles an Unread message. Not reading takes effect at once; reading again takes effect in order with other
  // messages.
  void take_unread(Unread&& m);
  // Handle a LoadResult for one subscription of this client: take_loaded() if the session is free, and the ticket is
  // redeemed; defer_loaded() if it is busy, and the ticket is still valid. One LoadResult may be for very many
  // subscriptions, so it is not split into messages.
  void take_loaded(Subscription& s, const LoadResult& m);
  void defer_loaded(Ticket ticket, const LoadResult& m) {
    defer(WaitingLoadResult{ticket, m.resource, m.snapshot, m.error});
  }
  // Does the work that is left over, as far as the client's share of the turn allows.
  void run();
  void run_again();  // the same, when Session has taken the client out of its ring
  // Returns true while work is left over. Events have to wait then.
  bool is_busy() const { return agenda_ != nullptr; }

  // client_web.cpp. Such a session serves one web request, or decides whether a WebSocket connection is opened. With
  // `auth`, a service is asked first.
  void serve(WebTask&& task, const std::optional<HeaderAuth>& auth);
  void decide_opening(const HeaderAuth& auth);
  // Returns true if the answer has been given and the session has to be ended.
  bool done() const;

  // client_session.cpp. end() is called when the connection is gone. Then release() gives the subscriptions back to the
  // cache, in slices, until it has returned true. Only take_loaded() may still be called meanwhile.
  void end();
  bool release();

  std::size_t subscription_count() const { return subscriptions_.size(); }

 private:
  using OperationKeys = boost::container::small_vector<std::uint32_t, 4>;

  std::string_view cid() const { return info_->cid(); }

  // messages (client_agenda.cpp)
  void handle(Boxed<Request>&& m);
  void handle(Boxed<CallReply>&& m);
  void handle(Boxed<TokenSet>&& m);
  void handle(WaitingLoadResult&& m);
  void handle(EventFor&& m);
  void handle(Unread&& m);
  void defer(ClientInput&& m);
  ClientInput take_deferred();
  void push(Task&& task);
  void step();
  void step_through(Task&& task);
  bool may_work() { return context_.shares().may_work(account_); }
  void spend(std::size_t units) { context_.shares().spend(account_, units); }
  void tell_standing();

  // requests (client_requests.cpp)
  void request(Request&& r);
  void call_reply(CallReply&& r);
  void set_version(const Request& r);
  void subscribe(const RequestId& id, const RidPtr& rid, Operation::Kind kind);
  bool exceeds_limits(const Subscription* known, Operation::Kind kind);
  void unsubscribe(const Request& r);
  void call(Request&& r);
  void auth(Request&& r);
  void reply(const RequestId& id, ReplyForm form, ErrorPtr error = nullptr, std::string result = {},
             RidPtr rid = nullptr, ResourceSet set = {});

  // web requests (client_web.cpp)
  void authenticate(const HeaderAuth& auth);
  void authenticated(CallReply&& r);
  void perform();
  void web_call_reply(CallReply&& r);
  bool web_verdict(const Verdict& v);
  bool meta_decides(const MetaPtr& meta, const ErrorPtr& error, const RidPtr& resource);
  void web_reply(Reply&& reply, std::optional<unsigned> status = std::nullopt);

  // subscriptions (client_session.cpp)
  Subscription& obtain(const RidPtr& rid);
  Subscription& make(const RidPtr& rid);
  Subscription* find(const RidPtr& rid);
  void start_loading(Subscription& s, ThrottleId throttle);
  void withdraw(Subscription& s);
  void close(std::string reason);
  void drop_if_unused(Subscription& s);
  void reset(Subscription& s);
  void let_go();
  void unpin(Subscriptions&& pins);
  void want_direct(Subscription& s);
  void unwant_direct(Subscription& s);
  void unsubscribe(Subscription& s, std::uint32_t count);

  // operations (client_operations.cpp)
  Operation& start(Operation::Kind kind, Subscription& subject);
  void finish(Operation& op);
  bool visit(Operation& op);
  void visit(Operation& op, const RidPtr& rid);
  void visit(Operation& op, Subscription& s);
  void add_to_walk(Operation& op, const SnapshotPtr& snapshot);
  void exceed(Operation& op, const RidPtr& rid);
  void want(Operation& op, Subscription& s);
  void pin(Operation& op, Subscription& s);
  void loaded(Subscription& s, const LoadResult& m);
  void push_proceed(const OperationKeys& keys);
  void try_to_proceed(const OperationKeys& keys);
  void refresh(Subscription& s);
  bool proceed(Operation& op);
  bool start_collecting(Operation& op);
  bool collect(Operation& op);
  bool give(Operation& op);
  void give(Closure& closure, Subscription& s);
  void commit(Operation& op);
  void commit_event(Operation& op);
  void answer_request(Operation& op);
  void answer_next(Operation& op);
  void refuse(Operation& op, const ErrorPtr& reason);
  void deny(Operation& op, const ErrorPtr& reason);

  // access (client_access.cpp)
  bool await_verdict(Operation& op);
  void question(Operation& op);
  void await_verdict_again(const Subscription& s);
  static void doubt_verdict(Subscription& s);
  static bool has_requests(const Subscription& s);
  void handle(Verdict&& m);
  void token_set(TokenEvent&& event);
  void recheck(Subscription& s);
  void revoke(Subscription& s, const ErrorPtr& reason);

  // events (client_events.cpp)
  void process(Subscription& s, const EventPtr& event);
  void apply(Subscription& s, const EventPtr& event, ResourceSet set);
  void deleted(Subscription& s, const EventPtr& event);
  bool all_sent(const std::vector<RidPtr>& rids);
  void queue(Subscription& s, const EventPtr& event);
  void start_drain(Subscription& s);
  void drain(Task&& task);
  void deliver(const Subscription& s, const EventPtr& event, ResourceSet set = {});

  SessionContext& context_;
  ConnId conn_;
  ClientInfoPtr info_;
  std::uint32_t protocol_;
  WorkAccount account_;
  std::uint32_t answered_ = 0;  // requests answered since admit was last told
  std::uint32_t direct_ = 0;    // resources with a direct subscription, confirmed or asked for
  bool unread_ = false;         // the client does not read what it was sent
  bool held_ = false;           // admit was told to hold back requests
  bool ended_ = false;
  Holdings holdings_;
  KeyedTable<Subscription, SubscriptionKey> subscriptions_;
  KeyedTable<Operation, OperationKey> operations_;
  LazyQueue<std::uint32_t> parked_;   // operations whose answer waits until the client reads
  std::unique_ptr<Agenda> agenda_;    // null while no work is left
  std::unique_ptr<WebExchange> web_;  // null for an open WebSocket connection
};

}  // namespace resflow
