#include "io/nats/nats_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <stdexcept>

#include "io/nats/nats_direct.hpp"
#include "io/nats/nats_link.hpp"
#include "io/nats/nats_options.hpp"
#include "io/nats/nats_port.hpp"
#include "io/nats/nats_recovery.hpp"
#include "io/nats/nats_subscriptions.hpp"
#include "nodes/protocol/ids.hpp"

namespace resflow {

namespace {

void check(natsStatus status, const std::string& what) {
  if (status != NATS_OK) throw std::runtime_error(what + ": " + nats_reason(status));
}

std::string servers(const std::vector<NatsUrl>& urls) {
  std::string list;
  for (const NatsUrl& url : urls) list.append(list.empty() ? "" : ",").append(url.server);
  return list;
}

std::string payload_of(natsMsg* msg) {
  return {natsMsg_GetData(msg), static_cast<std::size_t>(natsMsg_GetDataLength(msg))};
}

// Returns a unique inbox subject: `prefix`, a dot, and a unique token that the NATS library makes.
std::string make_inbox(const std::string& prefix) {
  natsInbox* made = nullptr;
  check(natsInbox_Create(&made), "cannot make a reply inbox");
  const std::string inbox = reinterpret_cast<const char*>(made);
  natsInbox_Destroy(made);
  return prefix + inbox.substr(inbox.rfind('.'));
}

}  // namespace

NatsClient::NatsClient(uv_loop_t* loop, NatsOptions options, LogPort& log, std::function<void(std::string)> on_lost)
    : loop_(loop),
      options_(std::move(options)),
      log_(log),
      on_lost_(std::move(on_lost)),
      subscriptions_(std::make_unique<Subscriptions>(options_.max_subscriptions, log_)),
      direct_(std::make_unique<Direct>(*subscriptions_)),
      recovery_(std::make_unique<Recovery>()),
      notices_wake_(make_uv_handle<uv_async_t>(this, [loop](uv_async_t* handle) {
        return uv_async_init(loop, handle, [](uv_async_t* h) { static_cast<NatsClient*>(h->data)->take_notices(); });
      })) {}

NatsClient::~NatsClient() {
  close();
}

void NatsClient::connect() {
  std::vector<NatsUrl> urls = parse_nats_urls(options_.url);
  check_files(options_);
  log_.log(LogLevel::info, "Connecting to NATS at " + servers(urls));
  std::shuffle(urls.begin(), urls.end(), std::random_device());
  auto link = std::make_unique<Link>(*this, loop_);
  const std::string failure = link->connect(urls);
  if (!failure.empty()) throw std::runtime_error("cannot connect to NATS at " + failure);
  link_ = link.get();
  links_.push_back(std::move(link));
}

ServicePort& NatsClient::add_lane(ServiceSink& sink) {
  return *ports_.emplace_back(std::make_unique<Port>(*this, sink));
}

void NatsClient::start() {
  inbox_ = make_inbox(options_.inbox_prefix);
  Link& link = *link_;
  open();
  send_marker();
  flush(link);
  const bool in_time = link.poll().read_until(
      [this] {
        take_notices();
        return recovery_->state != Recovery::State::starting || !recovery_->failure.empty();
      },
      options_.connect_timeout_ms);
  if (!recovery_->failure.empty()) throw std::runtime_error(recovery_->failure);
  if (!in_time) throw std::runtime_error("the NATS server does not answer");
  link.poll().begin();
  for (const auto& port : ports_) port->send_kept([](ServiceRequestId) { return true; });
}

// Prepares the new connection: makes the library deliver messages on the loop's thread, if it can (nats_direct.hpp).
// Then subscribes to the reply inbox and to system events, which services send to all gateways. The subscriptions of
// the lanes (the gateway's threads) follow later. Throws std::runtime_error if a subscription cannot be made.
void NatsClient::open() {
  Link& link = *link_;
  is_direct_ = options_.direct && direct_->install(link.connection());
  subscriptions_->use(&link);
  check(subscriptions_->add_own(inbox_ + ".*", Subscription{deliver_reply, this, nullptr, 0}),
        "cannot subscribe to " + inbox_ + ".*");
  check(subscriptions_->add_own("system.*", Subscription{deliver_to_all, this, nullptr, kSystemHandle}),
        "cannot subscribe to system.*");
}

void NatsClient::flush(Link& link) {
  if (!link.poll().on_loop_thread()) return link.poll().write_soon();
  link.poll().write_now(link.connection());
  if (natsConnection_Buffered(link.connection()) > options_.unsent_bytes)
    lost("the NATS server does not take messages");
}

std::size_t NatsClient::max_payload() const {
  const Link* link = link_;
  return link == nullptr ? 0 : static_cast<std::size_t>(natsConnection_GetMaxPayload(link->connection()));
}

NatsTraffic NatsClient::traffic() const {
  NatsTraffic all = past_;
  if (const Link* link = link_) {
    const NatsTraffic t = traffic_of(*link);
    all.messages_in += t.messages_in;
    all.bytes_in += t.bytes_in;
    all.messages_out += t.messages_out;
    all.bytes_out += t.bytes_out;
  }
  all.subscriptions = subscriptions_->count();
  all.subscription_limit = subscriptions_->limit();
  return all;
}

NatsTraffic NatsClient::traffic_of(const Link& link) const {
  NatsTraffic t;
  natsStatistics* raw = nullptr;
  if (natsStatistics_Create(&raw) != NATS_OK) return t;
  const std::unique_ptr<natsStatistics, decltype(&natsStatistics_Destroy)> statistics(raw, natsStatistics_Destroy);
  std::uint64_t reconnects = 0;  // stays 0, since the library's own reconnecting is turned off
  if (natsConnection_GetStats(link.connection(), raw) == NATS_OK) {
    natsStatistics_GetCounts(raw, &t.messages_in, &t.bytes_in, &t.messages_out, &t.bytes_out, &reconnects);
  }
  return t;
}

// Closes the connection. Then waits, for at most 2 seconds, until the NATS library calls no callbacks any more: they
// use objects that close() destroys. The library may still call callbacks after its subscriptions and its connection
// are closed, since it has threads of its own.
void NatsClient::close() {
  if (closing_.exchange(true)) return;
  if (recovery_->connector.joinable()) recovery_->connector.join();
  if (recovery_->next) links_.push_back(std::move(recovery_->next));
  for (const auto& link : links_) link->close();
  subscriptions_->use(nullptr);
  const auto are_over = [this] {
    return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->is_over(); });
  };
  for (int i = 0; i < 2'000 && !are_over(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (!are_over()) log_.log(LogLevel::error, "NATS: callbacks did not end");
  ports_.clear();
  link_ = nullptr;
  links_.clear();
}

void NatsClient::lost(const std::string& reason) {
  if (!closing_ && !lost_.exchange(true)) on_lost_("lost NATS connection: " + reason);
}

void NatsClient::trace(std::string_view arrow, std::string_view subject, std::string_view data) {
  std::string text(arrow);
  text.append(subject);
  if (!data.empty()) text.append(": ").append(data);
  log_.log(LogLevel::trace, text);
}

// Delivers a message that came on the reply inbox to the lane that sent the request. The last token of the message's
// subject is the id of the request; these ids start at 1. The id 0 belongs to a marker, a message that the gateway sent
// to itself (nats_recovery.hpp).
void NatsClient::deliver_reply(const Subscription& s, natsMsg* msg) {
  NatsClient& self = *s.client;
  const std::string_view subject = natsMsg_GetSubject(msg);
  const std::string_view digits = subject.substr(subject.rfind('.') + 1);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  ServiceReply reply;
  reply.id = ServiceRequestId::from(number);
  if (!reply.id) return self.notify(Notice{Notice::Kind::marker, self.link_, NATS_OK, {}});
  reply.no_responders = natsMsg_IsNoResponders(msg);
  reply.payload = payload_of(msg);
  if (self.log_.enabled(LogLevel::trace)) {
    const std::string id(digits);
    self.trace(reply.no_responders ? "x=> (" + id + ") No responders" : "==> (" + id + ")", "", reply.payload);
  }
  const std::size_t lane = lane_of(reply.id);
  if (lane < self.ports_.size()) self.ports_[lane]->sink.reply(std::move(reply));
}

// Delivers a message to the lane (thread of the gateway) that made the subscription. But drops events of resources
// while a new connection is not ready yet. Nothing is lost: when the connection is ready, the lanes fetch the resources
// again, and what they get already includes these events.
void NatsClient::deliver_message(const Subscription& s, natsMsg* msg) {
  if (!s.client->live_ && handle_kind(s.handle) == HandleKind::resource) return;
  s.sink->message(s.client->read_message(s, msg));
}

void NatsClient::deliver_to_all(const Subscription& s, natsMsg* msg) {
  const ServiceMessage message = s.client->read_message(s, msg);
  for (const auto& port : s.client->ports_) port->sink.message(message);
}

ServiceMessage NatsClient::read_message(const Subscription& s, natsMsg* msg) {
  ServiceMessage message{s.handle, natsMsg_GetSubject(msg), payload_of(msg)};
  if (log_.enabled(LogLevel::trace)) trace("=>> ", message.subject, message.payload);
  return message;
}

}  // namespace resflow
