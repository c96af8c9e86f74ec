// authorize: may this client read this, or call that? Owns access tokens and verdicts (RES-Service protocol, "Access
// request", "Connection token event", "System token reset event"). Asks a service once for all who wait, remembers the
// answer while the client is subscribed, and asks again when what it knew is void.
//
// Pure; one instance a lane, called by that lane only. A verdict that was asked for before a reaccess or a change of
// token is never given: it is asked for again; so is one whose answer was lost.
//
// A client whose connection events are refused stays, since most do without them; but its auth requests are answered
// with an error: it would be told that it is logged in, and not have the token.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "nodes/base/keyed_table.hpp"
#include "nodes/messages.hpp"

namespace resflow {

struct AuthorizeOut {
  std::vector<SessionIn> session;
  std::vector<AskIn> ask;
};

class Authorize {
 public:
  void process(AuthorizeIn&& message, AuthorizeOut& out);

 private:
  // What is known of one client's access to one resource.
  struct Entry {
    RidPtr rid;
    RidPtr target;
    std::uint64_t serial = 0;  // of the access request that is out; 0 when the verdict is known
    bool stale = false;        // the request that is out was overtaken: ask again
    bool questioned = false;   // the session wants a Verdict
    bool released = false;     // forget when answered
    Access access;
    ErrorPtr error;
    std::vector<Call> calls;  // that wait
    ThrottleId throttle = 0;  // of the request that a stale one is followed by

    bool known() const { return serial == 0; }
  };
  struct EntryKey {
    static const RidPtr& key(const Entry& e) { return e.rid; }
    static std::size_t hash(const RidPtr& rid) { return rid->hash(); }
    static bool equal(const RidPtr& a, const RidPtr& b) { return RidEqual()(a, b); }
  };

  struct Client {
    ConnId conn;
    ClientInfoPtr info;
    std::string token;  // JSON text; empty when there is none
    std::string tid;
    ErrorPtr unreachable;  // why services cannot tell of its tokens; null: they can
    bool web = false;      // a web request: what services say about the response counts
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

  AuthorizeOut* out_ = nullptr;  // during process()
  std::uint64_t last_serial_ = 0;
  std::vector<std::unique_ptr<Client>> clients_;                 // by slot
  boost::unordered_flat_map<std::uint64_t, Call> single_calls_;  // on what the client is not subscribed to, by serial
};

}  // namespace resflow
