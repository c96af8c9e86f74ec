#include "graph/lane_graph.hpp"

#include <algorithm>
#include <iterator>

namespace resflow {

namespace {

void note_arrival(ParseIn& message, Nanos now) {
  if (auto* frame = std::get_if<ClientText>(&message)) frame->arrived = now;
  if (auto* request = std::get_if<WebRequest>(&message)) request->arrived = now;
}

}  // namespace

LaneGraph::LaneGraph(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
                     Mailbox& mailbox, Post post)
    : id_(options.id),
      measure_(options.measure),
      services_(services),
      mailbox_(mailbox),
      post_(std::move(post)),
      arena_(1, 1),
      outgoing_(options.lanes) {
  arena_.execute([&] {
    graph_ = std::make_unique<oneapi::tbb::flow::graph>();
    wiring_ = std::make_unique<Wiring>(*graph_, options, clients, services, log, *this);
  });
}

LaneGraph::~LaneGraph() {
  arena_.execute([&] {
    wiring_ = nullptr;
    graph_ = nullptr;
  });
}

template <typename Message>
void LaneGraph::entered(const Message& message) {
  for (Tap* tap : taps_) tap->entered(message);
}

void LaneGraph::put(ParseIn message) {
  if (measure_) note_arrival(message, clock_now());
  entered(message);
  append(local_, std::move(message));
}

void LaneGraph::put(WriteIn message) {
  entered(message);
  append(local_, std::move(message));
}

void LaneGraph::put(ServiceReply message) {
  entered(message);
  append(local_, AskIn(std::move(message)));
}

void LaneGraph::put(ServiceMessage message) {
  entered(message);
  append(local_, DecodeIn(std::move(message)));
}

void LaneGraph::put(ServiceNotice notice) {
  entered(notice);
  append(local_, ask_in(notice));
}

bool LaneGraph::turn(Millis now) {
  constexpr int rounds = 64;
  for (Tap* tap : taps_) tap->turn(now);
  take_later();
  tick(now);
  deliver();  // posts the messages for other lanes that tick() has caused
  bool more = true;
  for (int i = 0; i < rounds && more; ++i) more = round();
  wiring_->write.put(WriteIn(Flush{}));
  graph_->wait_for_all();  // returns at once: each put() above returned only when the graph had finished its work
  if (measure_) wiring_->answered(clock_now());
  services_.flush();
  for (Tap* tap : taps_) tap->turned();
  return more || !local_.empty() || !later_.empty();
}

// Moves the messages in later_, which nodes have postponed to this turn (run of the lane), to the end of local_. So the
// graph processes them after the messages that have arrived since the previous turn.
void LaneGraph::take_later() {
  local_.insert(local_.end(), std::move_iterator(later_.begin()), std::move_iterator(later_.end()));
  later_.clear();
}

// Runs one round: passes all messages in local_ through the graph. If local_ is empty, first moves the messages of the
// mailbox to local_. Returns false if there was no message.
bool LaneGraph::round() {
  if (local_.empty()) take();
  if (local_.empty()) return false;
  batch_.swap(local_);
  for (LaneItem& item : batch_) put_item(item);
  batch_.clear();
  deliver();
  return true;
}

// Moves all messages from the mailbox to local_. But while a capture (recorded traffic) is replayed, moves only the
// messages that the lane moved at this point of the recording. Then tells the taps (observers of the messages that
// enter the lane) which messages were moved.
void LaneGraph::take() {
  runs_.clear();
  if (taps_.empty()) return mailbox_.take(local_, runs_);
  if (taps_choose()) {
    if (!mailbox_.take_exactly(runs_, local_)) runs_.clear();
  } else {
    mailbox_.take(local_, runs_);
  }
  if (!local_.empty()) report_taken();
}

bool LaneGraph::taps_choose() {
  return std::any_of(taps_.begin(), taps_.end(), [this](Tap* tap) { return tap->taking(runs_); });
}

// Tells the taps (observers of the messages that enter the lane) what the lane has taken out of its mailbox: how many
// items from each sender, which is NATS or another lane. Then shows them each message that came from NATS. Does not
// show the messages from other lanes: these result from inputs that the taps of those lanes have seen.
void LaneGraph::report_taken() {
  for (Tap* tap : taps_) tap->took(runs_);
  std::size_t at = 0;
  for (const MailRun& run : runs_) {
    for (std::size_t i = 0; i < run.count; ++i, ++at) {
      if (run.from == MailRun::kOutside) report(local_[at]);
    }
  }
}

void LaneGraph::report(const LaneItem& item) {
  if (const auto* replies = std::get_if<std::vector<AskIn>>(&item)) {
    for (const AskIn& m : *replies) report(m);
  } else {
    for (const DecodeIn& m : std::get<std::vector<DecodeIn>>(item)) entered(std::get<ServiceMessage>(m));
  }
}

void LaneGraph::report(const AskIn& m) {
  if (const auto* reply = std::get_if<ServiceReply>(&m)) return entered(*reply);
  if (const auto* refused = std::get_if<SubscriptionRefused>(&m)) return entered(ServiceNotice(*refused));
  entered(ServiceNotice(std::get<ServicesRestored>(m)));
}

// Puts the messages of an item (a vector of messages for one node) into the graph, at that node.
void LaneGraph::put_item(LaneItem& item) {
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

// Called at the start of each turn (run of the lane). Tells nodes the time by a message, called Tick. The ask node and
// the cache node get a Tick if the time has changed since the previous turn. The admit node gets one if wants_tick()
// returns true. If the lane measures times for statistics (LaneOptions::measure), the ask node gets a Tick in every
// turn, and this Tick also has the time in nanoseconds.
void LaneGraph::tick(Millis now) {
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

LaneStatistics LaneGraph::statistics() const {
  Waiting waiting{};
  count(local_, waiting);
  count(later_, waiting);
  mailbox_.count(waiting);
  LaneStatistics s = wiring_->statistics(waiting);
  s.lane = id_;
  return s;
}

// Posts the collected messages to the other lanes. Each lane gets one batch, so its mailbox is locked only once.
void LaneGraph::deliver() {
  for (std::size_t to = 0; to < outgoing_.size(); ++to) {
    if (!outgoing_[to].empty()) post_(static_cast<LaneId>(to), outgoing_[to]);
  }
}

}  // namespace resflow
