#include "io/nats_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <random>
#include <stdexcept>

#include "io/nats_direct.hpp"
#include "io/nats_options.hpp"
#include "io/nats_poll.hpp"
#include "io/nats_url.hpp"
#include "nodes/handles.hpp"

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

// Empty once the connection is lost: the library has closed the subscription then.
std::string subject_of(natsSubscription* s) {
  const char* subject = natsSubscription_GetSubject(s);
  return subject == nullptr ? std::string() : std::string(subject);
}

std::string payload_of(natsMsg* msg) {
  return {natsMsg_GetData(msg), static_cast<std::size_t>(natsMsg_GetDataLength(msg))};
}

}  // namespace

class NatsClient::Port final : public ServicePort {
 public:
  Port(NatsClient& client, ServiceSink& sink) : client_(client), sink(sink) {}

  void unsubscribe_all() {
    for (const auto& [handle, s] : subscriptions_) natsSubscription_Destroy(s);
    subscriptions_.clear();
  }

  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16).ptr;
    subject_ = subject;
    reply_.assign(client_.inbox_).append(1, '.').append(digits.data(), end);
    if (client_.log_.enabled(LogLevel::trace)) {
      client_.trace("<== (" + std::string(digits.data(), end) + ") ", subject, payload);
    }
    const natsStatus status = natsConnection_PublishRequest(client_.connection_, subject_.c_str(), reply_.c_str(),
                                                            payload.data(), static_cast<int>(payload.size()));
    if (status != NATS_OK) failed_.push_back({id, {}, false, natsStatus_GetText(status)});
    gathered(subject.size() + reply_.size() + payload.size());
  }

  void subscribe(std::uint64_t handle, std::string_view subject) override {
    if (client_.log_.enabled(LogLevel::trace)) client_.trace("S=> ", subject, "");
    try {
      subscriptions_[handle] =
          client_.subscribe(std::string(subject), Subscription{deliver_message, &client_, &sink, handle});
      gathered(subject.size());
    } catch (const std::exception& e) {
      // Without its events the cache would go out of date unseen.
      client_.lost(e.what());
    }
  }

  void unsubscribe(std::uint64_t handle) override {
    const auto it = subscriptions_.find(handle);
    if (it == subscriptions_.end()) return;
    if (client_.log_.enabled(LogLevel::trace)) client_.trace("U=> ", subject_of(it->second), "");
    client_.unsubscribe(it->second);
    subscriptions_.erase(it);
  }

  void flush() override {
    gathered_ = 0;
    for (ServiceReply& r : failed_) sink.reply(std::move(r));
    failed_.clear();
    client_.flush(client_.poll_->on_loop_thread());
  }

 private:
  static constexpr std::size_t kMuch = 64 * 1024;  // bytes

  // A batch with many requests is sent in pieces: services begin while the rest is made, and the library's buffer,
  // which never shrinks, stays small.
  void gathered(std::size_t bytes) {
    gathered_ += bytes;
    if (gathered_ < kMuch) return;
    gathered_ = 0;
    client_.flush(client_.poll_->on_loop_thread());
  }

  NatsClient& client_;
  std::size_t gathered_ = 0;  // since the last flush
  std::string subject_;       // scratch
  std::string reply_;
  std::vector<ServiceReply> failed_;
  std::unordered_map<std::uint64_t, natsSubscription*> subscriptions_;

 public:
  ServiceSink& sink;
};

NatsClient::NatsClient(uv_loop_t* loop, NatsOptions options, LogPort& log, std::function<void(std::string)> on_lost)
    : options_(std::move(options)),
      log_(log),
      on_lost_(std::move(on_lost)),
      poll_(std::make_unique<Poll>(loop)),
      direct_(std::make_unique<Direct>()) {}

NatsClient::~NatsClient() {
  close();
}

void NatsClient::connect() {
  std::vector<NatsUrl> urls = parse_nats_urls(options_.url);
  check_files(options_);
  log_.log(LogLevel::info, "Connecting to NATS at " + servers(urls));
  std::shuffle(urls.begin(), urls.end(), std::random_device());
  const bool tls = wants_tls(options_, urls);
  std::string failures;
  for (const NatsUrl& url : urls) {
    const std::string failure = try_server(url, tls);
    if (connection_ != nullptr) return;
    failures.append(failures.empty() ? "" : "; ").append(url.server + ": " + failure);
  }
  throw std::runtime_error("cannot connect to NATS at " + failures);
}

// Why it failed, if it did.
std::string NatsClient::try_server(const NatsUrl& url, bool tls) {
  const NatsLibraryOptions options = library_options(options_, url, tls);
  natsOptions_SetClosedCB(options.get(), on_closed, this);
  natsOptions_SetErrorHandler(options.get(), on_error, this);
  poll_->use(options.get());
  const natsStatus status = natsConnection_Connect(&connection_, options.get());
  return status == NATS_OK ? std::string() : nats_reason(status);
}

ServicePort& NatsClient::add_lane(ServiceSink& sink) {
  return *ports_.emplace_back(std::make_unique<Port>(*this, sink));
}

void NatsClient::start() {
  is_direct_ = options_.direct && direct_->install(connection_);
  natsInbox* inbox = nullptr;
  check(natsInbox_Create(&inbox), "cannot make a reply inbox");
  inbox_ = reinterpret_cast<const char*>(inbox);
  natsInbox_Destroy(inbox);
  replies_ = subscribe(inbox_ + ".*", Subscription{deliver_reply, this, nullptr, 0});
  system_ = subscribe("system.*", Subscription{deliver_to_all, this, nullptr, kSystemHandle});
  flush(poll_->on_loop_thread());
}

natsSubscription* NatsClient::subscribe(const std::string& subject, const Subscription& subscription) {
  if (is_direct_) direct_->add(subject, subscription);
  auto closure = std::make_unique<Subscription>(subscription);
  natsSubscription* s = nullptr;
  check(natsConnection_Subscribe(&s, connection_, subject.c_str(), on_message, closure.get()),
        "cannot subscribe to " + subject);
  natsSubscription_SetPendingLimits(s, options_.pending_messages, options_.pending_bytes);
  ++callbacks_;
  const auto complete = [](void* c) {
    const std::unique_ptr<Subscription> done(static_cast<Subscription*>(c));
    --done->client->callbacks_;
  };
  natsSubscription_SetOnCompleteCB(s, complete, closure.release());
  return s;
}

void NatsClient::unsubscribe(natsSubscription* s) {
  if (is_direct_) direct_->remove(subject_of(s));
  natsSubscription_Unsubscribe(s);
  natsSubscription_Destroy(s);
}

void NatsClient::flush(bool own_thread) {
  if (connection_ == nullptr) return;
  if (own_thread) {
    poll_->write_now(connection_);
    if (natsConnection_Buffered(connection_) > options_.unsent_bytes) lost("the NATS server does not take messages");
  } else {
    poll_->write_soon();
  }
}

std::size_t NatsClient::max_payload() const {
  return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_));
}

NatsTraffic NatsClient::traffic() const {
  NatsTraffic t;
  natsStatistics* raw = nullptr;
  if (connection_ == nullptr || natsStatistics_Create(&raw) != NATS_OK) return t;
  const std::unique_ptr<natsStatistics, decltype(&natsStatistics_Destroy)> statistics(raw, natsStatistics_Destroy);
  std::uint64_t reconnects = 0;  // there are none
  if (natsConnection_GetStats(connection_, raw) == NATS_OK) {
    natsStatistics_GetCounts(raw, &t.messages_in, &t.bytes_in, &t.messages_out, &t.bytes_out, &reconnects);
  }
  return t;
}

void NatsClient::close() {
  if (closing_.exchange(true) || connection_ == nullptr) return;
  natsConnection_Close(connection_);
  natsSubscription_Destroy(replies_);
  natsSubscription_Destroy(system_);
  for (const auto& port : ports_) port->unsubscribe_all();
  await_callbacks();
  ports_.clear();
  natsConnection_Destroy(connection_);
  connection_ = nullptr;
}

// A callback may be under way when its subscription is destroyed, and that of the end comes on a thread of the library.
void NatsClient::await_callbacks() {
  for (int i = 0; i < 2'000 && (callbacks_ > 0 || !closed_); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (callbacks_ > 0 || !closed_) log_.log(LogLevel::error, "NATS: callbacks did not end");
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

// The library's way: on its delivery thread.
void NatsClient::on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure) {
  const auto& s = *static_cast<Subscription*>(closure);
  s.deliver(s, msg);
  natsMsg_Destroy(msg);
}

void NatsClient::deliver_reply(const Subscription& s, natsMsg* msg) {
  NatsClient& self = *s.client;
  const std::string_view subject = natsMsg_GetSubject(msg);
  const std::string_view digits = subject.substr(subject.rfind('.') + 1);
  ServiceReply reply;
  std::from_chars(digits.data(), digits.data() + digits.size(), reply.id, 16);
  reply.no_responders = natsMsg_IsNoResponders(msg);
  reply.payload = payload_of(msg);
  if (self.log_.enabled(LogLevel::trace)) {
    const std::string id(digits);
    self.trace(reply.no_responders ? "x=> (" + id + ") No responders" : "==> (" + id + ")", "", reply.payload);
  }
  const auto lane = static_cast<std::size_t>(reply.id >> 56);
  if (lane < self.ports_.size()) self.ports_[lane]->sink.reply(std::move(reply));
}

void NatsClient::deliver_message(const Subscription& s, natsMsg* msg) {
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

void NatsClient::on_closed(natsConnection* connection, void* closure) {
  const char* detail = nullptr;
  natsConnection_GetLastError(connection, &detail);
  auto& self = *static_cast<NatsClient*>(closure);
  self.lost(detail != nullptr && *detail != 0 ? detail : "the server closed it");
  self.closed_ = true;
}

void NatsClient::on_error(natsConnection*, natsSubscription* s, natsStatus status, void* closure) {
  auto& self = *static_cast<NatsClient*>(closure);
  const std::string text = natsStatus_GetText(status);
  self.log_.log(LogLevel::error,
                "NATS: " + text + (s != nullptr ? std::string(" on ") + natsSubscription_GetSubject(s) : ""));
  // A message was dropped, so the cache may be wrong from here on.
  if (status == NATS_SLOW_CONSUMER) self.lost("messages came faster than they were taken");
}

}  // namespace resflow
