// Random changes against a Cache with small limits. A service changes its resources and announces that in all ways of
// the protocol. Subscribers must get the states one after the other and end with the state of the service, and the
// cache must be empty when all subscribers have gone.
#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "nodes/cache/cache.hpp"
#include "nodes/diff.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;
using testing::Random;

namespace {

constexpr std::size_t kQueries = 3;

std::string query_of(std::size_t i) {
  return i == kQueries ? "" : "q=" + std::to_string(i);
}

std::string text_of(const Resource& r) {
  return r.is_model ? testing::text_of(r.properties) : testing::text_of(r.values);
}

// The service has one resource name, "n". Without a query it is a model; its queries are collections.
class RandomCache {
 public:
  RandomCache(std::uint32_t seed, CacheLimits limits) : random_(seed), cache_(0, limits, log_) {
    for (std::size_t i = 0; i <= kQueries; ++i) truth_[i].is_model = i == kQueries;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) act();
    settle();
    for (const auto& [id, view] : views_) CHECK(text_of(view.state) == text_of(truth_.at(view.what)));
    while (!held_.empty()) unsubscribe();
    settle();
    CHECK(cache_.name_count() == 0);
    CHECK(cache_.counters().bytes == 0);
    CHECK(cache_.counters().subscriptions == 0);
    CHECK(cache_.counters().dropped[EventDrop::misfit] == 0);
  }

 private:
  struct View {
    std::size_t what = 0;
    Resource state;
    std::size_t subscribers = 0;
  };

  void act() {
    switch (random_.below(12)) {
      case 0:
        return subscribe();
      case 1:
        return unsubscribe();
      case 2:
        return change();
      case 3:
        return query_event();
      case 4:
        if (random_.one_in(3)) reset();
        return;
      case 5:
        return send(CustomEvent{"1"}, "custom");
      case 6:
      case 7:
        return serve();
      case 8:
        if (random_.one_in(3)) tick(random_.one_in(20) ? 6'000 : random_.below(300));
        return;
      case 9:
        if (random_.one_in(2)) compare();
        return continue_work();
      default:
        return deliver();
    }
  }

  void settle() {
    for (int i = 0; i < 30; ++i) {
      while (!wire_.empty() || !requests_.empty() || !diffs_.empty() || !later_.empty()) {
        deliver();
        serve();
        compare();
        continue_work();
      }
      tick(1'000);
    }
  }

  // ---- clients

  void subscribe() {
    const std::size_t what = random_.below(kQueries + 1);
    std::string query = query_of(what);
    if (!query.empty() && random_.one_in(3)) query += "&x=" + std::to_string(random_.below(30));
    const Ticket ticket = Ticket::from(++last_ticket_);
    waiting_[ticket] = what;
    step(Subscribe{make_rid(query.empty() ? "n" : "n?" + query), ticket, 0});
  }

  void unsubscribe() {
    if (held_.empty()) return;
    const std::size_t at = random_.below(held_.size());
    const ResourceId id = held_[at];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
    if (--views_.at(id).subscribers == 0) views_.erase(id);
    step(Unsubscribe{0, id});
  }

  void heard(const LoadResult& loaded) {
    for (const Ticket ticket : loaded.tickets) {
      const std::size_t what = waiting_.at(ticket);
      waiting_.erase(ticket);
      if (loaded.error) continue;
      View& view = views_[loaded.resource];
      // A later subscriber gets the state at which the earlier subscribers have arrived.
      if (view.subscribers > 0) CHECK(text_of(view.state) == loaded.snapshot->text);
      view.what = what;
      view.state = decode_resource(loaded.snapshot->text, loaded.snapshot->is_model);
      ++view.subscribers;
      held_.push_back(loaded.resource);
    }
  }

  void heard(const LaneEvent& m) {
    Resource& state = views_.at(m.resource).state;
    if (m.event->kind == EventKind::change) {
      apply_changes(state.properties, std::move(decode_change_event(m.event->data).value.values));
    } else if (m.event->kind == EventKind::add) {
      AddEvent e = decode_add_event(m.event->data).value;
      REQUIRE(static_cast<std::size_t>(e.idx) <= state.values.size());
      state.values.insert(state.values.begin() + e.idx, std::move(e.value));
    } else if (m.event->kind == EventKind::remove) {
      const std::int64_t idx = decode_remove_event(m.event->data).value.idx;
      REQUIRE(static_cast<std::size_t>(idx) < state.values.size());
      state.values.erase(state.values.begin() + idx);
    }
  }

  // ---- the service

  // Messages of the service arrive in the order in which they were sent.
  void send(EventBody body, const std::string& name) {
    if (handle_ != 0) wire_.emplace_back(ServiceEvent{handle_, name, std::move(body)});
  }

  Value some_value() { return testing::value(std::to_string(random_.below(1'000))); }

  void change() {
    Properties changes;
    changes.emplace(std::string(1, random_.of("abc")), random_.one_in(4) ? delete_value() : some_value());
    apply_changes(truth_[kQueries].properties, Properties(changes));
    send(ChangeEvent{std::move(changes), false}, "change");
  }

  std::vector<ServiceEvent> mutate(Values& values) {
    std::vector<ServiceEvent> events;
    for (std::size_t n = random_.below(5); n > 0; --n) {
      if (values.empty() || random_.one_in(2)) {
        const std::size_t at = random_.below(values.size() + 1);
        Value v = some_value();
        values.insert(values.begin() + static_cast<std::ptrdiff_t>(at), v);
        events.push_back({0, "add", AddEvent{static_cast<std::int64_t>(at), std::move(v)}});
      } else {
        const std::size_t at = random_.below(values.size());
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
        events.push_back({0, "remove", RemoveEvent{static_cast<std::int64_t>(at), {}}});
      }
    }
    return events;
  }

  void query_event() {
    auto& answers = answers_.emplace_back();
    for (std::size_t i = 0; i < kQueries; ++i) {
      answers[i].events = mutate(truth_[i].values);
      if (random_.one_in(3)) answers[i].state = truth_[i];
    }
    send(QueryEventSubject{std::to_string(answers_.size() - 1)}, "query");
  }

  // Changes all resources without events, and sends a system reset.
  void reset() {
    for (std::size_t i = 0; i < kQueries; ++i) mutate(truth_[i].values);
    apply_changes(truth_[kQueries].properties, testing::model({{"a", std::to_string(random_.below(100))}}));
    wire_.emplace_back(SystemReset{{"n"}, {}});
  }

  static std::size_t what_of(const std::string& payload) {
    const std::size_t at = payload.find("q=");
    return at == std::string::npos ? kQueries : static_cast<std::size_t>(payload[at + 2] - '0');
  }

  // Answers one of the open requests, chosen at random.
  void serve() {
    if (requests_.empty()) return;
    const std::size_t at = random_.below(requests_.size());
    const ServiceRequest request = std::move(requests_[at]);
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(at));
    const std::size_t what = what_of(request.payload);
    if (const auto* query = std::get_if<QueryFor>(&request.purpose)) {
      const QueryAnswer& known = answers_.at(std::stoul(request.subject)).at(what);
      QueryAnswer answer = known;
      answer.name_handle = query->name_handle;
      answer.resource = query->resource;
      if (answer.state) answer.events.clear();
      wire_.emplace_back(std::move(answer));
      return;
    }
    const auto& get = std::get<GetFor>(request.purpose);
    Decoded<GetResult> result;
    if (random_.one_in(10)) {
      result.error = errors::timeout;
    } else {
      result.value.resource = truth_[what];
      result.value.query = query_of(what);
    }
    wire_.emplace_back(GetAnswer{get.resource, get.reset, std::move(result)});
  }

  // ---- between service, cache and diff

  void deliver() {
    if (wire_.empty()) return;
    CacheIn message = std::move(wire_.front());
    wire_.pop_front();
    step(std::move(message));
  }

  void compare() {
    if (diffs_.empty()) return;
    DiffOut out;
    Diff::process(std::move(diffs_.front()), out);
    diffs_.pop_front();
    step(std::move(out.cache.at(0)));
  }

  void continue_work() {
    if (later_.empty()) return;
    CacheIn message = std::move(later_.front());
    later_.pop_front();
    step(std::move(message));
  }

  void tick(std::size_t more) { step(Tick{now_ += static_cast<Millis>(more)}); }

  void step(CacheIn message) {
    CacheOut out;
    cache_.process(std::move(message), out);
    for (const auto& m : out.session) {
      if (const auto* loaded = std::get_if<LoadResult>(&m.message)) {
        heard(*loaded);
      } else {
        heard(std::get<LaneEvent>(m.message));
      }
    }
    for (AskIn& m : out.ask) {
      if (auto* request = std::get_if<ServiceRequest>(&m)) requests_.push_back(std::move(*request));
      if (const auto* s = std::get_if<ServiceSubscribe>(&m)) handle_ = s->handle;
      if (std::holds_alternative<ServiceUnsubscribe>(m)) handle_ = 0;
    }
    for (DiffIn& m : out.diff) diffs_.push_back(std::move(m));
    for (CacheIn& m : out.later) later_.push_back(std::move(m));
    REQUIRE(later_.size() <= 1);
  }

  Random random_;
  testing::FakeLog log_;
  Cache cache_;
  Millis now_ = 0;
  SubscriptionHandle handle_ = 0;  // handle of the event subscription; 0 if there is none
  std::map<std::size_t, Resource> truth_;
  std::vector<std::map<std::size_t, QueryAnswer>> answers_;  // answers to each query event, by query
  std::uint64_t last_ticket_ = 0;
  std::map<Ticket, std::size_t> waiting_;
  std::vector<ResourceId> held_;
  std::map<ResourceId, View> views_;
  std::vector<ServiceRequest> requests_;
  std::deque<CacheIn> wire_;
  std::deque<DiffIn> diffs_;
  std::deque<CacheIn> later_;
};

}  // namespace

TEST_CASE("Cache at random: subscribers have the service's state in the end", "[cache][random]") {
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    CacheLimits limits;
    constexpr std::size_t deferred[] = {1, 2, 5, 65'536};
    constexpr std::size_t piece[] = {1, 2, 3, 4'096};
    limits.deferred = deferred[seed % 4];
    limits.piece = piece[seed / 4 % 4];
    INFO("seed " << seed);
    RandomCache(seed, limits).run(500);
  }
}
