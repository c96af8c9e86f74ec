#include "graph/lane.hpp"

#include "graph/lane_graph.hpp"

namespace resflow {

Lane::Lane(const LaneOptions& options, ClientPort& clients, ServicePort& services, LogPort& log,
           std::function<void()> wake)
    : wake_(std::move(wake)),
      graph_(std::make_unique<LaneGraph>(
          options, clients, services, log, mailbox_,
          [this](LaneId to, LaneBatch& batch) { lanes_[to]->post_from(graph_->id(), batch); })) {}

Lane::~Lane() = default;

void Lane::meet(std::vector<Lane*> lanes) {
  lanes_ = std::move(lanes);
}

void Lane::run(const std::function<void()>& loop) {
  graph_->run(loop);
}

void Lane::put(ParseIn message) {
  graph_->put(std::move(message));
}

void Lane::put(WriteIn message) {
  graph_->put(std::move(message));
}

void Lane::put(ServiceReply message) {
  graph_->put(std::move(message));
}

void Lane::put(ServiceMessage message) {
  graph_->put(std::move(message));
}

void Lane::put(ServiceNotice notice) {
  graph_->put(std::move(notice));
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

void Lane::post_from(LaneId from, LaneBatch& batch) {
  if (mailbox_.post(batch, from)) wake_();
}

void Lane::post_from_outside(LaneItem item) {
  if (mailbox_.post_waiting(std::move(item))) wake_();
}

bool Lane::turn(Millis now) {
  return graph_->turn(now);
}

bool Lane::waits_for_time() const {
  return graph_->wiring().waits_for_time();
}

void Lane::add_tap(Tap& tap) {
  graph_->add_tap(tap);
}

void Lane::remove_tap(const Tap& tap) {
  graph_->remove_tap(tap);
}

void Lane::end() {
  for (Lane* other : lanes_) {
    if (other != this) other->mailbox_.end_of(graph_->id());
  }
}

void Lane::stop() {
  mailbox_.close();
}

const Registry& Lane::registry() const {
  return graph_->wiring().registry;
}

LaneStatistics Lane::statistics() const {
  return graph_->statistics();
}

std::size_t Lane::client_count() const {
  return graph_->wiring().session_node().client_count();
}

ClientState Lane::client_state(ConnId conn) const {
  ClientState state;
  state.subscriptions = graph_->wiring().session_node().subscription_count(conn);
  graph_->wiring().write_node().add_outbox(conn, state);
  return state;
}

std::vector<ResourceId> Lane::some_resources(std::size_t at_most) const {
  return graph_->wiring().cache_node().some_resources(at_most);
}

std::optional<ResourceState> Lane::resource_state(ResourceId id) const {
  return graph_->wiring().cache_node().state_of(id);
}

std::size_t Lane::cached_names() const {
  return graph_->wiring().cache_node().name_count();
}

}  // namespace resflow
