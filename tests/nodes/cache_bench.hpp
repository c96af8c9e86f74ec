// A Cache alone. The test takes the place of its neighbor nodes: it sends what they would send, and it reads the
// answers of the cache as short lines of text.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "nodes/cache/cache.hpp"
#include "nodes/diff.hpp"
#include "tests/nodes/failing_allocations.hpp"
#include "tests/nodes/fakes.hpp"

namespace resflow::testing {

using Lines = std::vector<std::string>;

class CacheBench {
 public:
  explicit CacheBench(CacheLimits limits = {}) : cache_(0, limits, log) {}

  // ---- what the neighbors send; each call is one message, and replaces the output of the message before

  void subscribe(const std::string& rid, LaneId lane = 0, ThrottleId throttle = 0) {
    asked_.emplace(tickets_.emplace_back(in_lane<Ticket>(lane, tickets_.size() + 1)), rid);
    step(Subscribe{make_rid(rid), tickets_.back(), throttle});
  }
  // The latest subscriber no longer waits; with `ago` n, the nth before it.
  void withdraw(const std::string& rid, std::uint64_t ago = 0) {
    step(Withdraw{make_rid(rid), tickets_.at(tickets_.size() - 1 - ago)});
  }
  void unsubscribe(const std::string& rid, LaneId lane = 0) { step(Unsubscribe{lane, ids_.at(rid)}); }
  void event(const std::string& name, const std::string& event, EventBody body) {
    step(ServiceEvent{handles_.at(name), event, std::move(body)});
  }
  void change(const std::string& name, const std::vector<std::pair<std::string, std::string>>& values) {
    event(name, "change", ChangeEvent{model(values), false});
  }
  void add(const std::string& name, std::int64_t idx, const std::string& text) {
    event(name, "add", AddEvent{idx, value(text)});
  }
  void remove(const std::string& name, std::int64_t idx) { event(name, "remove", RemoveEvent{idx, {}}); }
  void custom(const std::string& name, const std::string& data) { event(name, "custom", CustomEvent{data}); }
  void query_event(const std::string& name) { event(name, "query", QueryEventSubject{"inbox"}); }
  void reset(const std::vector<std::string>& resources, const std::vector<std::string>& access = {}) {
    step(SystemReset{resources, access});
  }
  void refuse(const std::string& name, SubscriptionRefusal why) { step(SubscriptionRefused{handles_.at(name), why}); }
  void tick(Millis now) { step(Tick{now}); }
  void pass_on(const std::string& name, std::uint64_t id) {
    step(OrderedReply{name, CallReply{ConnId{0, 1, 0}, id, RequestKind::call, CallResult{"1", nullptr}, nullptr}});
  }

  // Answers the oldest open get request. `get` is its rid, with or without a query.
  void answer_model(const std::string& get, const std::vector<std::pair<std::string, std::string>>& properties,
                    const std::string& query = "") {
    GetResult result;
    result.resource.properties = model(properties);
    result.query = query;
    answer(get, {std::move(result), nullptr});
  }
  void answer_collection(const std::string& get, const std::vector<std::string>& values,
                         const std::string& query = "") {
    answer(get, {collection_result(values, query), nullptr});
  }
  void answer_error(const std::string& get, const ErrorPtr& error) { answer(get, {GetResult{}, error}); }
  void answer(const std::string& get, Decoded<GetResult> result) {
    const GetFor purpose = take(gets_, get);
    step(GetAnswer{purpose.resource, purpose.reset, std::move(result)});
  }
  void answer_query(const std::string& query, std::vector<ServiceEvent> events) {
    const QueryFor purpose = take(queries_, query);
    step(QueryAnswer{purpose.name_handle, purpose.resource, std::move(events), {}, nullptr});
  }
  void answer_query_state(const std::string& query, const std::vector<std::string>& values) {
    const QueryFor purpose = take(queries_, query);
    step(QueryAnswer{purpose.name_handle, purpose.resource, {}, collection_result(values, "").resource, nullptr});
  }
  void answer_query_error(const std::string& query, const ErrorPtr& error) {
    const QueryFor purpose = take(queries_, query);
    step(QueryAnswer{purpose.name_handle, purpose.resource, {}, {}, error});
  }
  // Delivers the result of the oldest open comparison.
  void compared() {
    DiffIn next = std::move(diffs_.front());
    diffs_.erase(diffs_.begin());
    DiffOut out;
    Diff::process(std::move(next), out);
    step(std::move(out.cache.at(0)));
  }
  bool comparing() const { return !diffs_.empty(); }

  // Takes the next turn of the lane, in which the cache goes on with work that it has sent to itself. Returns false if
  // there is none.
  bool next_turn() {
    if (later_.empty()) return false;
    step(std::exchange(later_, {}).at(0));
    return true;
  }
  bool goes_on() const { return !later_.empty(); }

  void step(CacheIn message) {
    out_ = CacheOut{};
    process_or_run_out(fault_, [&] { cache_.process(std::move(message), out_); });
    for (const AskIn& m : out_.ask) note(m);
    for (DiffIn& m : out_.diff) diffs_.push_back(std::move(m));
    for (CacheIn& m : out_.later) later_.push_back(std::move(m));
    for (const auto& m : out_.session) {
      if (const auto* loaded = std::get_if<LoadResult>(&m.message); loaded != nullptr && loaded->resource != 0) {
        const std::string& rid = asked_.at(loaded->tickets.front());
        ids_[rid] = loaded->resource;
        names_[loaded->resource] = rid;
      }
    }
  }

  // In the next step, the cache runs out of memory at the allocation with this number. Tells what became of it.
  MemoryFault& fault() { return fault_; }

  // Subscribes to a resource and loads it.
  void have_model(const std::string& rid, const std::vector<std::pair<std::string, std::string>>& properties) {
    subscribe(rid);
    answer_model(rid, properties);
  }
  void have_collection(const std::string& rid, const std::vector<std::string>& values) {
    subscribe(rid);
    answer_collection(rid, values, rid.find('?') == std::string::npos ? "" : rid.substr(rid.find('?') + 1));
  }

  // ---- what the cache sent in the latest step

  // Returns what went to sessions, one line for each message: "a loaded [1]", "a system.notFound", "a change {...}",
  // "#1" for the answer of a call. Lines for lanes other than 0 begin with "lane 2: ".
  Lines said() const {
    Lines lines;
    for (const auto& m : out_.session) {
      const std::string lane = m.lane == 0 ? "" : "lane " + std::to_string(m.lane) + ": ";
      if (const auto* l = std::get_if<LoadResult>(&m.message)) {
        for (const Ticket ticket : l->tickets) lines.push_back(lane + line(ticket, *l));
      } else {
        lines.push_back(lane + line(m.message));
      }
    }
    return lines;
  }

  // Returns what went to ask: "get.a?q" or "inbox q=1" for a request, "+event.a.*" for a subscription, "-" for the end
  // of one, "withdraw".
  Lines asked() const {
    Lines lines;
    for (const AskIn& m : out_.ask) {
      if (const auto* r = std::get_if<ServiceRequest>(&m)) lines.push_back(line(*r));
      if (const auto* s = std::get_if<ServiceSubscribe>(&m)) lines.push_back('+' + s->subject);
      if (std::holds_alternative<ServiceUnsubscribe>(m)) lines.push_back("-");
      if (std::holds_alternative<ServiceWithdraw>(m)) lines.push_back("withdraw");
    }
    return lines;
  }

  // Returns the state that a new subscriber gets, or "none".
  std::string state(const std::string& rid) {
    subscribe(rid);
    const auto loaded = this->loaded();
    const std::string text = loaded.size() == 1 && loaded[0].snapshot ? loaded[0].snapshot->text : "none";
    if (text != "none") unsubscribe(rid);
    return text;
  }

  // Returns one LoadResult for each ticket.
  std::vector<LoadResult> loaded() const {
    std::vector<LoadResult> all;
    for (const auto& m : out_.session) {
      const auto* l = std::get_if<LoadResult>(&m.message);
      if (l == nullptr) continue;
      for (const Ticket ticket : l->tickets) all.push_back(LoadResult{{ticket}, l->resource, l->snapshot, l->error});
    }
    return all;
  }
  std::vector<EventPtr> events() const {
    std::vector<EventPtr> all;
    for (const auto& m : out_.session) {
      if (const auto* e = std::get_if<LaneEvent>(&m.message)) all.push_back(e->event);
    }
    return all;
  }
  const CacheOut& out() const { return out_; }
  const Cache& cache() const { return cache_; }

  FakeLog log;

 private:
  static GetResult collection_result(const std::vector<std::string>& values, const std::string& query) {
    GetResult result;
    result.resource.is_model = false;
    result.resource.values = collection(values);
    result.query = query;
    return result;
  }

  template <typename Purpose>
  static Purpose take(std::multimap<std::string, Purpose>& all, const std::string& key) {
    const auto it = all.find(key);
    if (it == all.end()) throw std::runtime_error("nobody asked for " + key);
    const Purpose purpose = it->second;
    all.erase(it);
    return purpose;
  }

  static std::string query_of(const ServiceRequest& r) {
    const std::string start = R"({"query":")";
    return r.payload.starts_with(start) ? r.payload.substr(start.size(), r.payload.size() - start.size() - 2) : "";
  }

  static std::string line(const ServiceRequest& r) {
    if (std::holds_alternative<QueryFor>(r.purpose)) return r.subject + ' ' + query_of(r);
    return r.subject + (query_of(r).empty() ? "" : '?' + query_of(r));
  }

  void note(const AskIn& m) {
    if (const auto* s = std::get_if<ServiceSubscribe>(&m)) {
      handles_[s->subject.substr(6, s->subject.size() - 8)] = s->handle;  // event.<name>.*
    } else if (const auto* r = std::get_if<ServiceRequest>(&m)) {
      if (const auto* get = std::get_if<GetFor>(&r->purpose)) gets_.emplace(line(*r).substr(4), *get);
      if (const auto* query = std::get_if<QueryFor>(&r->purpose)) queries_.emplace(query_of(*r), *query);
    }
  }

  std::string line(Ticket ticket, const LoadResult& l) const {
    return asked_.at(ticket) + ' ' + (l.snapshot ? "loaded " + l.snapshot->text : code_of(l.error));
  }

  std::string line(const SessionIn& m) const {
    if (const auto* e = std::get_if<LaneEvent>(&m)) {
      const auto name = names_.find(e->resource);
      const std::string data = e->event->data.empty() ? "" : ' ' + e->event->data;
      return (name == names_.end() ? "?" : name->second) + ' ' + e->event->name + data;
    }
    return '#' + std::to_string(message_as<CallReply>(m).id);
  }

  MemoryFault fault_;
  Cache cache_;
  CacheOut out_;
  std::vector<Ticket> tickets_;          // the tickets of all subscribers so far
  std::map<Ticket, std::string> asked_;  // the rid that each ticket was for
  std::map<std::string, ResourceId> ids_;
  std::map<ResourceId, std::string> names_;
  std::map<std::string, SubscriptionHandle> handles_;
  std::multimap<std::string, GetFor> gets_;
  std::multimap<std::string, QueryFor> queries_;
  std::vector<DiffIn> diffs_;
  std::vector<CacheIn> later_;  // at most one message
};

}  // namespace resflow::testing
