#include "tools/bench/nats_link.hpp"

#include <nats/nats.h>
#include <sys/epoll.h>

#include <atomic>

namespace resflow::bench {

namespace {

void check(natsStatus status, const std::string& what) {
  if (status == NATS_OK) return;
  const char* detail = nats_GetLastError(nullptr);
  throw RunError(what + ": " + (detail != nullptr && *detail != 0 ? detail : natsStatus_GetText(status)));
}

}  // namespace

// Connects the NATS library to the load tool's event loop: the loop watches the socket and calls ready(), which lets
// the library read and write. The static functions are callbacks, which the library calls: attach() while it connects;
// write() on the loop's thread, and also on the library's own thread for pings; detach() and on_closed() on any thread.
class NatsLink::Impl final : private Pollable {
 public:
  Impl(Loop& loop, const std::string& urls) : loop_(loop) {
    natsOptions* options = nullptr;
    check(natsOptions_Create(&options), "cannot make NATS options");
    const std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)> owned(options, natsOptions_Destroy);
    const std::string what = "cannot connect to NATS at " + urls;
    check(natsOptions_SetURL(options, urls.c_str()), what);
    natsOptions_SetName(options, "resflow-bench");
    natsOptions_SetAllowReconnect(options, false);
    natsOptions_SetSendAsap(options, true);
    natsOptions_SetTimeout(options, 5'000);
    natsOptions_SetClosedCB(options, on_closed, this);
    natsOptions_SetEventLoop(options, this, attach, read, write, detach);
    check(natsConnection_Connect(&connection_, options), what);
  }

  ~Impl() {
    if (!detached_) loop_.remove(socket_);
    detached_ = true;
    // Close the connection before the subscriptions are destroyed. Otherwise the library would wait until the server
    // has accepted all data that is not sent yet, which may take long.
    natsConnection_Close(connection_);
    for (natsSubscription* s : subscriptions_) natsSubscription_Destroy(s);
    natsConnection_Destroy(connection_);
    nats_CloseAndWait(5'000);
  }

  void subscribe(const std::string& subject) {
    natsSubscription* s = nullptr;
    check(natsConnection_SubscribeSync(&s, connection_, subject.c_str()), "cannot subscribe to " + subject);
    subscriptions_.push_back(s);
    natsSubscription_SetPendingLimits(s, -1, -1);
  }

  void take(const std::function<void(std::string_view, const char*)>& f) {
    if (lost_) throw RunError("lost the connection to NATS");
    for (natsSubscription* s : subscriptions_) {
      int messages = 0;
      natsSubscription_GetPending(s, &messages, nullptr);
      for (; messages > 0; --messages) {
        natsMsg* message = nullptr;
        check(natsSubscription_NextMsg(&message, s, 0), "cannot take a message");
        f(natsMsg_GetSubject(message), natsMsg_GetReply(message));
        natsMsg_Destroy(message);
      }
    }
  }

  void publish(const char* subject, std::string_view payload) {
    check(natsConnection_Publish(connection_, subject, payload.data(), static_cast<int>(payload.size())),
          std::string("cannot publish on ") + subject);
  }

  void flush() {
    if (write_wanted_ && !blocked_ && !detached_) write_out();
  }

  std::size_t max_payload() const { return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_)); }

 private:
  void ready(std::uint32_t events) override {
    if ((events & EPOLLOUT) != 0) write_out();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) natsConnection_ProcessReadEvent(connection_);
  }

  // Writes the queued data to the socket. If the socket does not accept all bytes, registers for EPOLLOUT, so that
  // ready() writes the rest when the socket accepts more.
  void write_out() {
    natsConnection_ProcessWriteEvent(connection_);
    if (detached_ || write_wanted_ == blocked_) return;
    blocked_ = write_wanted_;
    loop_.change(socket_, blocked_ ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
  }

  static natsStatus attach(void** user, void* closure, natsConnection* connection, natsSock socket) {
    auto* self = static_cast<Impl*>(closure);
    *user = self;
    self->connection_ = connection;
    self->socket_ = socket;
    self->loop_.add(socket, EPOLLIN, *self);
    return NATS_OK;
  }
  static natsStatus read(void*, bool) { return NATS_OK; }
  static natsStatus write(void* user, bool add) {
    static_cast<Impl*>(user)->write_wanted_ = add;
    return NATS_OK;
  }
  static natsStatus detach(void* user) {
    auto* self = static_cast<Impl*>(user);
    if (!self->detached_.exchange(true)) self->loop_.remove(self->socket_);
    return NATS_OK;
  }
  static void on_closed(natsConnection*, void* closure) { static_cast<Impl*>(closure)->lost_ = true; }

  Loop& loop_;
  natsConnection* connection_ = nullptr;
  natsSock socket_ = -1;
  std::vector<natsSubscription*> subscriptions_;
  bool blocked_ = false;  // true: the socket accepts no more data now; ready() writes the rest later
  std::atomic<bool> write_wanted_ = false;
  std::atomic<bool> detached_ = false;
  std::atomic<bool> lost_ = false;
};

NatsLink::NatsLink(Loop& loop, const std::string& urls) : impl_(std::make_unique<Impl>(loop, urls)) {}

NatsLink::~NatsLink() = default;

void NatsLink::subscribe(const std::string& subject) {
  impl_->subscribe(subject);
}

void NatsLink::take(const std::function<void(std::string_view, const char*)>& f) {
  impl_->take(f);
}

void NatsLink::publish(const char* subject, std::string_view payload) {
  impl_->publish(subject, payload);
}

void NatsLink::flush() {
  impl_->flush();
}

std::size_t NatsLink::max_payload() const {
  return impl_->max_payload();
}

}  // namespace resflow::bench
