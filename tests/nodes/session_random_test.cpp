// A Session with neighbors that answer in random order, and with strict clients. After every message, the resources
// that the session believes a client to hold must be exactly the resources that the client holds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nodes/session/session.hpp"
#include "tests/nodes/fakes.hpp"
#include "tests/nodes/strict_client.hpp"

using namespace resflow;
using testing::Random;
using testing::StrictClient;
using testing::Truth;

namespace {

struct Features {
  bool errors = false;   // some resources fail now and then
  bool denials = false;  // some verdicts deny access
  bool deletes = false;  // there are delete events
  bool drops = false;    // some connections end
  bool deaf = false;     // some clients do not read for a while
  SessionLimits limits;
};

// The cache from the view of a session. It answers in any order; answers and events leave on one edge.
class FakeCache {
 public:
  FakeCache(Truth& truth, Random& random, const Features& features)
      : truth_(truth), random_(random), features_(features) {}

  void take(CacheIn&& m) {
    if (const auto* s = std::get_if<Subscribe>(&m)) {
      waiting_.push_back(*s);
      if (!tickets_.insert(s->ticket).second) truth_.odd("a ticket twice");
    } else if (const auto* w = std::get_if<Withdraw>(&m)) {
      // The ticket may be answered already, and the cache may still answer it.
      if (tickets_.erase(w->ticket) == 0) truth_.odd("withdrew what was not asked for");
      if (random_.one_in(2)) std::erase_if(waiting_, [&](const Subscribe& s) { return s.ticket == w->ticket; });
    } else {
      const auto& u = std::get<Unsubscribe>(m);
      const auto it = links_.find(u.resource);
      if (it == links_.end()) return;  // the resource was deleted
      if (it->second == 0) truth_.odd("one Unsubscribe too many");
      if (--it->second == 0) links_.erase(it);
    }
  }

  void answer_one(std::deque<SessionIn>& edge) {
    const std::size_t at = random_.below(waiting_.size());
    const Subscribe s = waiting_[at];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    const bool fails = features_.errors && truth_.fails(s.target->text()) && !random_.one_in(4);
    if (fails) {
      edge.emplace_back(LoadResult{{s.ticket}, 0, nullptr, errors::not_found});
    } else {
      const ResourceId id = truth_.id(s.target->text());
      ++links_[id];
      edge.emplace_back(LoadResult{{s.ticket}, id, truth_.snapshot(s.target->text()), nullptr});
    }
  }

  void mutate(std::deque<SessionIn>& edge) {
    const std::string name = truth_.any();
    const ResourceId id = truth_.id(name);
    if (features_.deletes && random_.one_in(12)) {
      auto event = std::make_shared<ResourceEvent>();
      event->kind = EventKind::deleted;
      event->name = "delete";
      if (links_.contains(id)) edge.emplace_back(LaneEvent{id, event});
      links_.erase(id);
      truth_.replace(name);
      return;
    }
    EventPtr event = truth_.mutate(name);
    if (links_.contains(id)) edge.emplace_back(LaneEvent{id, std::move(event)});
  }

  bool idle() const { return waiting_.empty(); }
  std::size_t links() const { return links_.size(); }

 private:
  Truth& truth_;
  Random& random_;
  const Features& features_;
  std::vector<Subscribe> waiting_;
  std::set<Ticket> tickets_;  // tickets that were not withdrawn
  std::map<ResourceId, std::size_t> links_;
};

// authorize from the view of a session. It sends one Verdict for each question, in any order.
class FakeAuthorize {
 public:
  FakeAuthorize(Truth& truth, Random& random, const Features& features)
      : truth_(truth), random_(random), features_(features) {}

  void take(AuthorizeIn&& m) {
    if (const auto* q = std::get_if<Question>(&m)) {
      known_.insert({q->conn.slot, q->rid->text()});
      open_[{q->conn.slot, q->rid->text()}] = {q->conn, q->number};
    } else if (const auto* r = std::get_if<Recheck>(&m)) {
      if (r->ask) open_[{r->conn.slot, r->rid->text()}] = {r->conn, r->number};
    } else if (const auto* release = std::get_if<Release>(&m)) {
      open_.erase({release->conn.slot, release->rid->text()});
      if (known_.erase({release->conn.slot, release->rid->text()}) == 0) truth_.odd("released what nobody asked for");
    } else if (const auto* c = testing::message_if<Call>(m)) {
      if (c->subscribed) known_.insert({c->conn.slot, c->rid->text()});
    } else if (const auto* t = testing::message_if<TokenChanged>(m)) {
      for (const Question& q : t->questions) open_[{t->conn.slot, q.rid->text()}] = {t->conn, q.number};
    } else if (const auto* d = std::get_if<Disconnected>(&m)) {
      const auto of_client = [&](const auto& key) { return key.first == d->conn.slot; };
      std::erase_if(open_, [&](const auto& entry) { return of_client(entry.first); });
      std::erase_if(known_, of_client);
    }
  }

  void answer_one(std::deque<SessionIn>& edge) {
    const auto it = std::next(open_.begin(), static_cast<std::ptrdiff_t>(random_.below(open_.size())));
    const bool denied = features_.denials && random_.one_in(4);
    const auto& [conn, number] = it->second;
    edge.emplace_back(Verdict{conn, make_rid(it->first.second), number, denied ? errors::access_denied : nullptr});
    open_.erase(it);
  }

  bool idle() const { return open_.empty(); }
  std::size_t known() const { return known_.size(); }

 private:
  Truth& truth_;
  Random& random_;
  const Features& features_;
  std::map<std::pair<std::uint32_t, std::string>, std::pair<ConnId, std::uint32_t>> open_;  // with its number
  std::set<std::pair<std::uint32_t, std::string>> known_;
};

class Simulation {
 public:
  Simulation(std::uint32_t seed, const Features& features)
      : features_(features),
        random_(seed),
        truth_(random_, 4 + seed % 9),
        cache_(truth_, random_, features_),
        authorize_(truth_, random_, features_),
        session_(0, features_.limits, WebOptions{}) {
    for (std::uint32_t slot = 0; slot < 3; ++slot) connect(slot);
  }

  void run(int steps) {
    for (int i = 0; i < steps && truth_.anomalies().empty(); ++i) step();
    settle();
    compare();
    let_go();
  }

  const std::vector<std::string>& anomalies() const { return truth_.anomalies(); }
  std::size_t events() const { return events_; }
  std::size_t answers() const { return answers_; }

 private:
  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
        return act();
      case 2:
        return cache_.mutate(from_cache_);
      case 3:
      case 4:
        if (!cache_.idle()) cache_.answer_one(from_cache_);
        return;
      case 5:
        if (!authorize_.idle()) authorize_.answer_one(from_authorize_);
        return;
      case 6:
        return random_.one_in(2) ? other() : turn();
      default:
        return deliver();
    }
  }

  // A client does something at random.
  void act() {
    const auto slot = static_cast<std::uint32_t>(random_.below(clients_.size()));
    StrictClient& client = *clients_[slot];
    if (features_.drops && random_.one_in(60)) {
      process(Disconnected{client.conn()});
      return connect(slot);
    }
    Request r;
    r.conn = client.conn();
    r.kind = random_.one_in(5) ? RequestKind::get : RequestKind::subscribe;
    std::string name = truth_.any();
    if (random_.one_in(2)) {
      const auto direct = client.any_direct(random_);
      if (!direct) return;
      r.kind = RequestKind::unsubscribe;
      r.count = 1;
      name = *direct;
    }
    r.rid = make_rid(name);
    r.id = client.asks(r.kind, name);
    process(std::move(r));
  }

  void other() {
    const auto slot = static_cast<std::uint32_t>(random_.below(clients_.size()));
    StrictClient& client = *clients_[slot];
    const std::string name = truth_.any();
    switch (random_.below(7)) {
      case 6:
        if (features_.deaf) process(Unread{client.conn(), random_.one_in(2)});
        return;
      case 0: {
        Request r;
        r.conn = client.conn();
        r.kind = RequestKind::call;
        r.rid = make_rid(truth_.any());
        r.method = "do";
        r.id = client.asks(RequestKind::call, name);
        CallReply reply{r.conn, r.id, RequestKind::call, CallResult{"", make_rid(name)}, nullptr};
        process(std::move(r));
        return process(std::move(reply));
      }
      case 1:
        return process(TokenSet{client.conn(), TokenEvent{"{}", ""}});
      case 2:
      case 3: {
        auto event = std::make_shared<ResourceEvent>();
        event->kind = random_.one_in(2) ? EventKind::reaccess : EventKind::custom;
        event->name = event->kind == EventKind::reaccess ? "reaccess" : "ping";
        from_cache_.emplace_back(LaneEvent{truth_.id(name), event});
        return;
      }
      default:
        return;
    }
  }

  // Delivers one message of one of the two edges to the session.
  void deliver() {
    std::deque<SessionIn>& edge = random_.one_in(2) ? from_cache_ : from_authorize_;
    if (edge.empty()) return;
    SessionIn next = std::move(edge.front());
    edge.pop_front();
    process(std::move(next));
  }

  // Takes a new turn, in which leftover work goes on.
  void turn() {
    process(NewTurn{});
    for (SessionIn& m : std::exchange(later_, {})) process(std::move(m));
  }

  void process(SessionIn&& message) {
    SessionOut out;
    session_.process(std::move(message), out);
    for (SessionIn& m : out.later) later_.push_back(std::move(m));
    for (CacheIn& m : out.cache) cache_.take(std::move(m));
    for (AuthorizeIn& m : out.authorize) authorize_.take(std::move(m));
    for (const EncodeIn& m : out.encode) tell(m);
    for (const ConnId conn : std::exchange(closed_, {})) {
      process(Disconnected{conn});
      connect(conn.slot);
    }
  }

  void tell(const EncodeIn& m) {
    if (const auto* r = std::get_if<Reply>(&m)) {
      ++answers_;
      if (StrictClient* client = find(r->conn)) client->on(*r);
    } else if (const auto* d = std::get_if<Delivery>(&m)) {
      ++events_;
      for (const ConnId to : d->to) {
        if (StrictClient* client = find(to)) client->on(*d);
      }
    } else if (const auto* c = std::get_if<CloseClient>(&m)) {
      if (find(c->conn) == nullptr) return;
      closed_.push_back(c->conn);
      clients_[c->conn.slot] = nullptr;
    }
  }

  StrictClient* find(ConnId conn) {
    StrictClient* client = clients_[conn.slot].get();
    return client != nullptr && client->conn() == conn ? client : nullptr;
  }

  void connect(std::uint32_t slot) {
    if (clients_.size() <= slot) clients_.resize(slot + 1);
    const ConnId conn{slot, ++generation_, 0};
    clients_[slot] = std::make_unique<StrictClient>(truth_, conn);
    process(Connected{conn, testing::client_info("cid" + std::to_string(slot))});
    Request version;
    version.conn = conn;
    version.kind = RequestKind::version;
    version.protocol = "1.2.3";
    version.id = clients_[slot]->asks(RequestKind::version, "");
    process(std::move(version));
  }

  void settle() {
    for (const auto& client : clients_) process(Unread{client->conn(), false});
    while (!from_cache_.empty() || !from_authorize_.empty() || !cache_.idle() || !authorize_.idle() ||
           !later_.empty()) {
      turn();
      if (!cache_.idle()) cache_.answer_one(from_cache_);
      if (!authorize_.idle()) authorize_.answer_one(from_authorize_);
      deliver();
      if (!truth_.anomalies().empty()) return;
    }
  }

  void compare() {
    for (const auto& client : clients_) client->compare();
  }

  // All clients end their subscriptions. Checks that no state is left anywhere.
  void let_go() {
    if (!truth_.anomalies().empty()) return;
    for (const auto& client : clients_) {
      for (const auto& [name, count] : client->direct()) {
        Request r;
        r.conn = client->conn();
        r.kind = RequestKind::unsubscribe;
        r.rid = make_rid(name);
        r.count = count;
        r.id = client->asks(r.kind, name, count);
        process(std::move(r));
      }
    }
    settle();
    for (const auto& client : clients_) {
      if (!client->holds_nothing()) truth_.odd("a client without subscriptions holds something");
    }
    if (cache_.links() != 0) truth_.odd("the cache has subscribers, though no client has");
    if (authorize_.known() != 0) truth_.odd("verdicts are kept, though no client has subscriptions");
  }

  Features features_;
  Random random_;
  Truth truth_;
  FakeCache cache_;
  FakeAuthorize authorize_;
  Session session_;
  std::vector<std::unique_ptr<StrictClient>> clients_;
  std::vector<ConnId> closed_;
  std::vector<SessionIn> later_;
  std::deque<SessionIn> from_cache_;
  std::deque<SessionIn> from_authorize_;
  std::uint32_t generation_ = 0;
  std::size_t events_ = 0;
  std::size_t answers_ = 0;
};

void run(const Features& features, std::uint32_t seeds) {
  std::size_t events = 0;
  std::size_t answers = 0;
  std::size_t wrong = 0;
  for (std::uint32_t seed = 1; seed <= seeds && wrong < 3; ++seed) {
    Simulation simulation(seed, features);
    simulation.run(1'200);
    events += simulation.events();
    answers += simulation.answers();
    if (simulation.anomalies().empty()) continue;
    ++wrong;
    INFO("seed " << seed);
    CHECK(simulation.anomalies() == std::vector<std::string>{});
  }
  if (wrong > 0) return;
  CHECK(events > seeds * 10);
  CHECK(answers > seeds * 50);
}

}  // namespace

TEST_CASE("Session at random: cyclic references", "[session]") {
  run(Features{}, 100);
}

TEST_CASE("Session at random: verdicts that deny, connections that end", "[session]") {
  Features features;
  features.denials = true;
  features.drops = true;
  run(features, 100);
}

TEST_CASE("Session at random: resources that cannot be had", "[session]") {
  Features features;
  features.errors = true;
  run(features, 100);
}

TEST_CASE("Session at random: resources that are deleted", "[session]") {
  Features features;
  features.deletes = true;
  run(features, 100);
}

TEST_CASE("Session at random: little room for what waits", "[session]") {
  Features features;
  features.drops = true;
  features.limits = SessionLimits{.pending_requests = 30, .waiting_events = 2};
  run(features, 100);
}

TEST_CASE("Session at random: work is cut into small pieces", "[session]") {
  Features features;
  features.drops = true;
  const std::int64_t share = GENERATE(1, 2, 5);
  features.limits.work = WorkLimits{GENERATE(3, 50), share};
  run(features, 50);
}

TEST_CASE("Session at random: clients that do not read", "[session]") {
  Features features;
  features.drops = features.denials = features.errors = features.deaf = true;
  features.limits.work = WorkLimits{20, 2};
  run(features, 100);
}

TEST_CASE("Session at random: all of it", "[session]") {
  Features features;
  features.errors = features.denials = features.deletes = features.drops = true;
  features.deaf = true;
  features.limits = SessionLimits{.pending_requests = 12, .waiting_events = 4, .work = WorkLimits{10, 1}};
  run(features, 100);
}
