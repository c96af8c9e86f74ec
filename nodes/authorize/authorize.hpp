// The authorize node decides whether a client may read a resource or call a method. It asks the service with an access
// request; the service's answer is called a verdict. If several requests of a client need the same verdict, it sends
// one access request for all. It remembers the verdict while the client is subscribed to the resource. It also stores
// the clients' access tokens (RES-Service protocol, "Access request", "Connection token event", "System token reset
// event").
//
// A verdict becomes void when the client gets a new token, or when the service sends a reaccess event (access rights
// have changed). If an access request is under way then, its answer is not used, and the service is asked again. The
// service is also asked again if the answer was lost with the connection to NATS. verdict_state.hpp has the states of
// one verdict.
//
// If NATS refuses the subscription to a client's connection events, the client stays connected, because most clients
// need no such events. But the client's next auth request gets an error, and the authorize node tries to subscribe
// again. Otherwise the service could tell the client that it is logged in, although the new token (a connection event)
// cannot reach the gateway.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread of the gateway), called by
// that lane only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "nodes/authorize/verdict_state.hpp"
#include "nodes/base/keyed_table.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/slot_table.hpp"

namespace resflow {

struct AuthorizeOut {
  std::vector<SessionIn> session;
  std::vector<AskIn> ask;
};

class Authorize {
 public:
  void process(AuthorizeIn&& message, AuthorizeOut& out);

  // Returns how many records this node keeps. The number is 0 if no client is connected and no call waits.
  std::size_t records() const { return clients_.size() + single_calls_.size(); }

 private:
  // What the node knows about one client's right to access one resource: the service's verdict, or the access request
  // that is under way and the calls that wait for its answer.
  struct Entry {
    RidPtr rid;
    RidPtr target;
    std::uint64_t serial = 0;  // number of the latest access request for this entry
    VerdictState state;
    // The session node numbers its questions about access (Question::number). This is the number of the latest one. The
    // answer repeats it (Verdict::number).
    std::uint32_t number = 0;
    Access access;  // the verdict; valid if state.is_known() and `error` is null
    // The error that the access request ended with; null: it ended with a verdict.
    ErrorPtr error;
    std::vector<Call> calls;  // calls that wait for the verdict
    // The throttle (limit of requests under way) for the next access request. Used only if the access request under way
    // has to be repeated.
    ThrottleId throttle = 0;
  };
  struct EntryKey {
    static const RidPtr& key(const Entry& e) { return e.rid; }
    static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
    static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
  };

  struct Client {
    ConnId conn;
    ClientInfoPtr info;
    std::string token;     // JSON text; empty when there is none
    std::string tid;       // the id of the token; services renew tokens by their ids (token reset)
    ErrorPtr unreachable;  // set if NATS has refused the subscription to the client's events (conn.<cid>.*); else null
    bool web = false;      // true: a web request; services may answer with an HTTP status and headers
    KeyedTable<Entry, EntryKey> entries;
  };

  void on(Connected&& m);
  void on(Disconnected&& m);
  void on(Question&& m);
  void on(Recheck&& m);
  void on(Release&& m);
  void on(Call&& m);
  void on(Auth&& m);
  void on(TokenChanged&& m);
  void on(AccessReply&& m);
  void on(TokenReset&& m);
  void on(SubscriptionRefused&& m);

  Client* find(ConnId conn);
  void subscribe(const Client& client);
  Entry& obtain(Client& client, const RidPtr& rid, const RidPtr& target, ThrottleId throttle = 0);
  std::uint64_t ask_access(const Client& client, const RidPtr& rid, const Rid& target, ThrottleId throttle);
  void void_entry(Client& client, const RidPtr& rid);
  void answered(Client& client, const RidPtr& rid, Entry& entry);
  void give_verdict(const Client& client, const RidPtr& rid, Entry& entry);
  void decide(const Client& client, Call&& call, const Access& access, const ErrorPtr& error);
  void request(std::string&& name, std::string&& subject, std::string&& payload, AskedFor&& purpose,
               ThrottleId throttle = 0);

  AuthorizeOut* out_ = nullptr;  // the output of the process() call under way; null between calls
  std::uint64_t last_serial_ = 0;
  SlotTable<std::unique_ptr<Client>> clients_;
  // Calls of methods, for clients that are not subscribed to the resource. Each call waits for the answer to its own
  // access request. The key is the serial number of this access request.
  boost::unordered_flat_map<std::uint64_t, Call> single_calls_;
};

}  // namespace resflow
