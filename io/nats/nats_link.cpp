#include "io/nats/nats_link.hpp"

#include <memory>

#include "io/nats/nats_options.hpp"

namespace resflow {

NatsClient::Link::~Link() {
  natsConnection_Destroy(connection_);
}

std::string NatsClient::Link::connect(const std::vector<NatsUrl>& urls) {
  const bool tls = wants_tls(client_.options_, urls);
  std::string failures;
  for (const NatsUrl& url : urls) {
    const std::string failure = try_server(url, tls);
    if (connection_ != nullptr) return {};
    failures.append(failures.empty() ? "" : "; ").append(url.server + ": " + failure);
  }
  return failures;
}

std::string NatsClient::Link::try_server(const NatsUrl& url, bool tls) {
  const NatsLibraryOptions options = library_options(client_.options_, url, tls);
  natsOptions_SetClosedCB(options.get(), on_closed, this);
  natsOptions_SetErrorHandler(options.get(), on_error, this);
  poll_.use(options.get());
  const natsStatus status = natsConnection_Connect(&connection_, options.get());
  return status == NATS_OK ? std::string() : nats_reason(status);
}

natsStatus NatsClient::Link::subscribe(const std::string& subject, const Subscription& subscription,
                                       natsSubscription** made) {
  auto closure = std::make_unique<Closure>(Closure{subscription, this});
  const natsStatus status = natsConnection_Subscribe(made, connection_, subject.c_str(), on_message, closure.get());
  if (status != NATS_OK) return status;
  natsSubscription_SetPendingLimits(*made, client_.options_.pending_messages, client_.options_.pending_bytes);
  ++callbacks_;
  const auto complete = [](void* c) {
    const std::unique_ptr<Closure> done(static_cast<Closure*>(c));
    --done->link->callbacks_;
  };
  Closure* given = closure.release();
  if (natsSubscription_SetOnCompleteCB(*made, complete, given) == NATS_OK) return NATS_OK;
  // The connection was closed meanwhile, so the library will not call `complete` for this subscription. But it may
  // still call on_message() with this Closure. So the link keeps the Closure until the link is destroyed.
  const std::lock_guard lock(incomplete_mutex_);
  incomplete_.emplace_back(given);
  --callbacks_;
  return NATS_OK;
}

// Closes the connection. natsConnection_Close() blocks for up to half a second if there are buffered bytes. So this
// function first writes as many of them as the socket takes.
void NatsClient::Link::close() {
  cut_ = true;
  if (connection_ == nullptr) return;
  poll_.write_now(connection_);
  natsConnection_Close(connection_);
}

std::pair<natsStatus, std::string> NatsClient::Link::last_error() const {
  const char* text = nullptr;
  const natsStatus status = natsConnection_GetLastError(connection_, &text);
  return {status, text == nullptr ? "" : text};
}

bool NatsClient::Link::all_told() const {
  const std::string text = last_error().second;
  return text.empty() || told_ == text;
}

// Delivers a message on the library's delivery thread. Never called if the filter of nats_direct.hpp is installed: the
// filter takes all messages and delivers them on the loop's thread.
void NatsClient::Link::on_message(natsConnection*, natsSubscription*, natsMsg* msg, void* closure) {
  const auto& c = *static_cast<Closure*>(closure);
  if (!c.link->cut_) c.subscription.deliver(c.subscription, msg);
  natsMsg_Destroy(msg);
}

void NatsClient::Link::on_closed(natsConnection*, void* closure) {
  auto& self = *static_cast<Link*>(closure);
  self.client_.notify(Notice{Notice::Kind::closed, &self, NATS_OK, {}});
  self.closed_ = true;
}

// Passes an error of the library on to the NatsClient. The library keeps one error text for each thread, and one for
// the connection. This function uses the text of the current thread, since the text of the connection may already
// describe a later error.
void NatsClient::Link::on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
  auto& self = *static_cast<Link*>(closure);
  natsStatus noted = NATS_OK;
  const char* detail = nats_GetLastError(&noted);
  const bool own = noted == status && detail != nullptr && *detail != 0;
  self.client_.notify(Notice{Notice::Kind::error, &self, status, own ? detail : natsStatus_GetText(status)});
}

}  // namespace resflow
