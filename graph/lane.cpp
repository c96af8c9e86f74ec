#include "graph/lane.hpp"

#include <oneapi/tbb/task_arena.h>

#include <iterator>

#include "graph/wiring.hpp"

namespace resflow {

namespace {

void note_arrival(ParseIn& message, Nanos now) {
  if (auto* frame = std::get_if<ClientText>(&message)) frame->arrived = now;
  if (auto* request = std::get_if<WebRequest>(&message)) request->arrived = now;
}

AskIn ask_in(const ServiceNotice& notice) {
  return std::visit([](const auto& n) { return AskIn(n); }, notice);
}

}  // namespace

// The flow graph of a lane with its wiring, and the messages that wait for it. The graph lives in a TBB arena with one
// slot, so the lane's own thread runs it and no TBB worker thread spins beside it.
class Lane::Graph final : public Router {
 public:
  Graph(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log, Mailbox& mailbox)
      : id_(options.id),
        measure_(options.measure),
        services_(services),
        mailbox_(mailbox),
        arena_(1, 1),
        outgoing_(options.lanes) {
    arena_.execute([&] {
      graph_ = std::make_unique<oneapi::tbb::flow::graph>();
      wiring_ = std::make_unique<Wiring>(*graph_, options, clients, services, log, *this);
    });
  }
  ~Graph() {
    arena_.execute([&] {
      wiring_ = nullptr;
      graph_ = nullptr;
    });
  }

  void run(const std::function<void()>& loop) { arena_.execute(loop); }

  LaneBatch& batch_for(LaneId to) noexcept override { return to == id_ ? local_ : outgoing_[to]; }
  LaneBatch& later() noexcept override { return later_; }

  // Runs rounds until no messages are left, but at most 64, so that the sockets are served again. Returns true if
  // messages are left.
  bool turn(Millis now) {
    constexpr int rounds = 64;
    if (tap_ != nullptr) tap_->turn(now);
    take_later();
    tick(now);
    deliver();  // what the passing of time has caused
    bool more = true;
    for (int i = 0; i < rounds && more; ++i) more = round();
    wiring_->write.put(WriteIn(Flush{}));
    graph_->wait_for_all();  // returns at once: all stages are lightweight, so every put has run to its end
    if (measure_) wiring_->answered(clock_now());
    services_.flush();
    if (tap_ != nullptr) tap_->turned();
    return more || !local_.empty() || !later_.empty();
  }

  // Appends the messages that the last turn has left for this one, behind the messages that have come since.
  void take_later() {
    local_.insert(local_.end(), std::move_iterator(later_.begin()), std::move_iterator(later_.end()));
    later_.clear();
  }

  // One round: takes the waiting messages of this lane through the graph, or, if there are none, those from the
  // mailbox. Returns false if both are empty.
  bool round() {
    if (local_.empty()) take();
    if (local_.empty()) return false;
    batch_.swap(local_);
    for (LaneItem& item : batch_) put(item);
    batch_.clear();
    deliver();
    return true;
  }

  // Takes messages from the mailbox. A tap may say exactly which ones (in a replay), and is told which ones were taken.
  void take() {
    runs_.clear();
    if (tap_ == nullptr) return mailbox_.take(local_, runs_);
    if (tap_->taking(runs_)) {
      if (!mailbox_.take_exactly(runs_, local_)) runs_.clear();
    } else {
      mailbox_.take(local_, runs_);
    }
    if (!local_.empty()) report_taken();
  }

  // Tells the tap what was taken: the senders, and the messages from outside. Messages from other lanes are not
  // reported, because they follow from the input of those lanes.
  void report_taken() {
    tap_->took(runs_);
    std::size_t at = 0;
    for (const MailRun& run : runs_) {
      for (std::size_t i = 0; i < run.count; ++i, ++at) {
        if (run.from == MailRun::kOutside) report(local_[at]);
      }
    }
  }

  void report(const LaneItem& item) {
    if (const auto* replies = std::get_if<std::vector<AskIn>>(&item)) {
      for (const AskIn& m : *replies) report(m);
    } else {
      for (const DecodeIn& m : std::get<std::vector<DecodeIn>>(item)) tap_->entered(std::get<ServiceMessage>(m));
    }
  }

  void report(const AskIn& m) {
    if (const auto* reply = std::get_if<ServiceReply>(&m)) return tap_->entered(*reply);
    if (const auto* refused = std::get_if<SubscriptionRefused>(&m)) return tap_->entered(ServiceNotice(*refused));
    tap_->entered(ServiceNotice(std::get<ServicesRestored>(m)));
  }

  template <typename Message>
  void entered(const Message& message) {
    if (tap_ != nullptr) tap_->entered(message);
  }

  // Puts the messages of an item into the graph, at the node that they are for.
  void put(LaneItem& item) {
    struct Visitor {
      Wiring& w;
      void operator()(std::vector<ParseIn>& m) const { w.parse.put(m); }
      void operator()(std::vector<AdmitIn>& m) const { w.admit.put(m); }
      void operator()(std::vector<SessionIn>& m) const { w.session.put(m); }
      void operator()(std::vector<AuthorizeIn>& m) const { w.authorize.put(m); }
      void operator()(std::vector<AskIn>& m) const { w.ask.put(m); }
      void operator()(std::vector<DecodeIn>& m) const { w.decode.put(m); }
      void operator()(std::vector<CacheIn>& m) const { w.cache.put(m); }
      void operator()(std::vector<WriteIn>& m) const { w.write.put(m); }
    };
    std::visit(Visitor{*wiring_}, item);
  }

  // Tells ask and cache the time when it has changed, and admit when admit or session wants it. If the lane measures,
  // ask gets the precise time in every turn.
  void tick(Millis now) {
    if (wiring_->wants_tick(now != now_)) wiring_->admit.put(AdmitIn(Tick{now}));
    if (measure_) {
      wiring_->ask.put(AskIn(Tick{now, clock_now()}));
    } else if (now != now_) {
      wiring_->ask.put(AskIn(Tick{now}));
    }
    if (now == now_) return;
    now_ = now;
    wiring_->cache.put(CacheIn(Tick{now}));
  }

  // Includes the messages that wait for each node, also in the mailbox.
  LaneStatistics statistics() const {
    Waiting waiting{};
    count(local_, waiting);
    count(later_, waiting);
    mailbox_.count(waiting);
    LaneStatistics s = wiring_->statistics(waiting);
    s.lane = id_;
    return s;
  }

  // Posts the collected messages to the other lanes: one batch, and one lock, for each lane.
  void deliver() {
    for (std::size_t to = 0; to < outgoing_.size(); ++to) {
      if (!outgoing_[to].empty() && lanes_[to]->mailbox_.post(outgoing_[to], id_)) lanes_[to]->wake_();
    }
  }

  LaneId id_;
  bool measure_;
  ServicePort& services_;
  Mailbox& mailbox_;
  oneapi::tbb::task_arena arena_;
  std::unique_ptr<oneapi::tbb::flow::graph> graph_;
  std::unique_ptr<Wiring> wiring_;
  std::vector<Lane*> lanes_;
  LaneBatch local_;                  // messages for this lane, in order
  LaneBatch later_;                  // messages for this lane in its next turn, in order
  LaneBatch batch_;                  // the messages that the current round puts into the graph
  std::vector<LaneBatch> outgoing_;  // messages for other lanes, by lane
  MailRuns runs_;                    // the senders of what was taken from the mailbox
  Tap* tap_ = nullptr;
  Millis now_ = -1;  // time of the last turn
};

Lane::Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
           std::function<void()> wake)
    : wake_(std::move(wake)), graph_(std::make_unique<Graph>(options, clients, services, log, mailbox_)) {}

Lane::~Lane() = default;

void Lane::meet(std::vector<Lane*> lanes) {
  graph_->lanes_ = std::move(lanes);
}

void Lane::run(const std::function<void()>& loop) {
  graph_->run(loop);
}

void Lane::put(ParseIn message) {
  if (graph_->measure_) note_arrival(message, clock_now());
  graph_->entered(message);
  append(graph_->local_, std::move(message));
}

void Lane::put(WriteIn message) {
  graph_->entered(message);
  append(graph_->local_, std::move(message));
}

void Lane::put(ServiceReply message) {
  graph_->entered(message);
  append(graph_->local_, AskIn(std::move(message)));
}

void Lane::put(ServiceMessage message) {
  graph_->entered(message);
  append(graph_->local_, DecodeIn(std::move(message)));
}

void Lane::put(ServiceNotice notice) {
  graph_->entered(notice);
  append(graph_->local_, ask_in(notice));
}

void Lane::post(ServiceReply message) {
  post_from_outside(item_of(AskIn(std::move(message))));
}

void Lane::post(ServiceMessage message) {
  post_from_outside(item_of(DecodeIn(std::move(message))));
}

void Lane::post(ServiceNotice notice) {
  post_from_outside(item_of(ask_in(notice)));
}

void Lane::post_at_once(ServiceReply message) {
  post_at_once(item_of(AskIn(std::move(message))));
}

void Lane::post_at_once(ServiceMessage message) {
  post_at_once(item_of(DecodeIn(std::move(message))));
}

void Lane::post_at_once(ServiceNotice notice) {
  post_at_once(item_of(ask_in(notice)));
}

void Lane::post_at_once(LaneItem item) {
  LaneBatch batch;
  batch.push_back(std::move(item));
  mailbox_.post(batch, MailRun::kOutside);
}

void Lane::post_from_outside(LaneItem item) {
  if (mailbox_.post_waiting(std::move(item))) wake_();
}

bool Lane::turn(Millis now) {
  return graph_->turn(now);
}

bool Lane::waits_for_time() const {
  return graph_->wiring_->waits_for_time();
}

void Lane::tap(Tap* tap) {
  graph_->tap_ = tap;
}

void Lane::end() {
  for (Lane* other : graph_->lanes_) {
    if (other != this) other->mailbox_.end_of(graph_->id_);
  }
}

void Lane::stop() {
  mailbox_.close();
}

const Registry& Lane::registry() const {
  return graph_->wiring_->registry;
}

LaneStatistics Lane::statistics() const {
  return graph_->statistics();
}

std::size_t Lane::client_count() const {
  return graph_->wiring_->session_node().client_count();
}

ClientState Lane::client_state(ConnId conn) const {
  ClientState state;
  state.subscriptions = graph_->wiring_->session_node().subscription_count(conn);
  graph_->wiring_->write_node().add_outbox(conn, state);
  return state;
}

std::vector<ResourceId> Lane::some_resources(std::size_t at_most) const {
  return graph_->wiring_->cache_node().some_resources(at_most);
}

std::optional<ResourceState> Lane::resource_state(ResourceId id) const {
  return graph_->wiring_->cache_node().state_of(id);
}

std::size_t Lane::cached_names() const {
  return graph_->wiring_->cache_node().name_count();
}

}  // namespace resflow
