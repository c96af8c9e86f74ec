// The node authorize decides whether a client may read a resource or call a method. It keeps access tokens and verdicts
// (RES-Service protocol, "Access request", "Connection token event", "System token reset event"). A verdict is a
// service's answer to an access request. authorize asks a service once for all requests of a client that need the same
// verdict, remembers the verdict while the client is subscribed, and asks again when the verdict is void.
//
// If a reaccess event or a change of token comes while an access request is under way, authorize does not use the
// answer, but asks the service again. It also asks again if the answer is lost with the connection to the services.
// verdict_state.hpp has the states of one verdict.
//
// If the messaging system refuses the subscription to a client's connection events, the client stays connected, since
// most clients do without these events. But authorize answers the client's next auth request with an error, and tries
// to subscribe again. Otherwise the service could answer that the client is logged in, although the client's token
// cannot reach the gateway.
//
// Uses no thread, clock or socket of its own. There is one instance per lane (one thread's share of the gateway),
// called by that lane only.
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

  // Returns how many records the node authorize keeps. The number is 0 if no client is connected and no call waits.
  std::size_t records() const { return clients_.size() + single_calls_.size(); }

 private:
  // What the node authorize knows of one client's access to one resource.
  struct Entry {
    RidPtr rid;
    RidPtr target;
    std::uint64_t serial = 0;  // number of the latest access request for this entry
    VerdictState state;
    std::uint32_t number = 0;  // number of the latest question from the node session (Verdict::number)
    Access access;             // the verdict, when it is known and there is no error
    // The error in place of the verdict. Null if there is none.
    ErrorPtr error;
    std::vector<Call> calls;  // calls that wait for the verdict
    // Used if the access request under way is overtaken, that is, its answer will be void. The node authorize then
    // sends another access request, with this throttle.
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
    std::string tid;       // the id of the token; a token reset names the ids of tokens to renew
    ErrorPtr unreachable;  // why services cannot send the client connection events; null if they can
    bool web = false;      // the client is a web request, so metadata from services counts
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
  // Calls on resources that the client is not subscribed to. Each waits for the answer to an access request of its own.
  // The key is the serial number of that access request.
  boost::unordered_flat_map<std::uint64_t, Call> single_calls_;
};

}  // namespace resflow
