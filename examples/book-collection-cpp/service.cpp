// The book collection as a RES service in C++, on the NATS library nats.c. It does the same as
// ../book-collection/service.mjs and uses the same page.
//
//   NATS_URL=nats://127.0.0.1:4222 book_collection_service
//
// Read it from main() upwards: it connects, subscribes and sends a reset; then answer() handles each request. All
// requests and events are handled on one thread, on which the NATS library delivers messages, so nothing here is
// locked.
#include <nats/nats.h>
#include <signal.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "examples/book-collection-cpp/library.hpp"

namespace {

namespace json = boost::json;
using books::Library;
using books::Refusal;

constexpr std::int64_t kReconnectMs = 500;
constexpr std::int64_t kStopMs = 1000;

// Throws if a function of nats.c has failed; the exception ends the program.
void check(natsStatus status, const char* what) {
  if (status != NATS_OK) throw std::runtime_error(std::string(what) + ": " + natsStatus_GetText(status));
}

// Publishes a message. While NATS is away the message may be lost; the reset after the reconnect makes up for it.
void publish(natsConnection* nats, const std::string& subject, const std::string& payload) {
  const natsStatus status =
      natsConnection_Publish(nats, subject.c_str(), payload.data(), static_cast<int>(payload.size()));
  if (status != NATS_OK) std::cerr << "Cannot publish on " << subject << ": " << natsStatus_GetText(status) << '\n';
}

// Asks gateways to get the resources again. They may have state from an earlier run of this service in their cache, or
// have missed events while NATS was away.
void reset(natsConnection* nats) {
  publish(nats, "system.reset",
          R"({"resources":["library.books","library.book.*"],"access":["library.books","library.book.*"]})");
}

// The parts of a request's subject. It is access.<rid>, get.<rid>, or call.<rid>.<method>.
struct Subject {
  std::string_view type;
  std::string_view rid;
  std::string_view method;
};

Subject take_apart(std::string_view subject) {
  const std::size_t type_end = subject.find('.');
  const std::string_view type = subject.substr(0, type_end);
  std::string_view rid = subject.substr(type_end + 1);
  if (type != "call") return {type, rid, {}};
  const std::size_t method_start = rid.rfind('.');
  return {type, rid.substr(0, method_start), rid.substr(method_start + 1)};
}

json::object result(json::value value) {
  return {{"result", std::move(value)}};
}

// The reply to an access request: everyone may read everything and call these methods.
json::object may(std::string_view methods) {
  return result({{"get", true}, {"call", methods}});
}

// Returns the reply to a request. Throws a Refusal if the request is wrong.
json::object answer(Library& library, const Subject& subject, const json::value& params) {
  const bool is_collection = subject.rid == "library.books";
  if (subject.type == "access") return may(is_collection ? "new,delete" : "set");
  if (subject.type == "get") {
    if (is_collection) return result({{"collection", library.collection()}});
    return result({{"model", library.model(subject.rid)}});
  }
  if (is_collection && subject.method == "new") return {{"resource", {{"rid", library.add(params)}}}};
  if (is_collection && subject.method == "delete") {
    library.remove(params);
    return result(nullptr);
  }
  if (!is_collection && subject.method == "set") {
    library.set(subject.rid, params);
    return result(nullptr);
  }
  throw Refusal("system.methodNotFound", "Method not found");
}

json::object error(const Refusal& refusal) {
  json::object fields{{"code", refusal.code}, {"message", refusal.what()}};
  if (!refusal.field.empty()) fields["data"] = {{"field", refusal.field}};
  return {{"error", std::move(fields)}};
}

// Returns the parameters in a request's payload; an empty object if it has none.
json::value read_params(std::string_view payload) {
  if (payload.empty()) return json::object();
  const json::value request = json::parse({payload.data(), payload.size()});
  const json::value* params = request.is_object() ? request.as_object().if_contains("params") : nullptr;
  return params == nullptr || params->is_null() ? json::object() : *params;
}

// The NATS library calls this with each message. It must not throw: an exception would end the program.
void on_request(natsConnection* nats, natsSubscription*, natsMsg* message, void* library) noexcept {
  const std::unique_ptr<natsMsg, decltype(&natsMsg_Destroy)> owned(message, natsMsg_Destroy);
  if (natsMsg_GetReply(message) == nullptr) return;  // the sender does not expect a reply
  json::object reply;
  try {
    const std::string_view payload(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    reply = answer(*static_cast<Library*>(library), take_apart(natsMsg_GetSubject(message)), read_params(payload));
  } catch (const Refusal& refusal) {
    reply = error(refusal);
  } catch (const std::exception& e) {
    std::cerr << "Request on " << natsMsg_GetSubject(message) << " failed: " << e.what() << '\n';
    reply = error(Refusal("system.internalError", "Internal error"));
  }
  publish(nats, natsMsg_GetReply(message), json::serialize(reply));
}

void on_reconnected(natsConnection* nats, void*) {
  reset(nats);
}

using Connection = std::unique_ptr<natsConnection, decltype(&natsConnection_Destroy)>;

// Connects, and waits for the NATS server as long as it takes.
Connection connect(const char* url) {
  natsOptions* options = nullptr;
  check(natsOptions_Create(&options), "options");
  const std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)> owned(options, natsOptions_Destroy);
  check(natsOptions_SetURL(options, url), url);
  check(natsOptions_SetName(options, "book-collection-cpp"), "name");
  check(natsOptions_SetMaxReconnect(options, -1), "reconnect");
  check(natsOptions_SetReconnectWait(options, kReconnectMs), "reconnect wait");
  check(natsOptions_SetRetryOnFailedConnect(options, true, nullptr, nullptr), "retry");
  check(natsOptions_SetReconnectedCB(options, on_reconnected, nullptr), "reconnected");
  check(natsOptions_UseGlobalMessageDelivery(options, true), "delivery");  // all messages on one thread, in order
  natsConnection* connection = nullptr;
  check(natsConnection_Connect(&connection, options), url);
  return {connection, natsConnection_Destroy};
}

std::string connected_url(natsConnection* nats) {
  char url[256];
  check(natsConnection_GetConnectedUrl(nats, url, sizeof url), "connected URL");
  return url;
}

// Blocks SIGINT and SIGTERM on this thread and on every thread that it starts later, so that sigwait() below receives
// them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void run() {
  const sigset_t signals = block_signals();
  check(nats_SetMessageDeliveryPoolSize(1), "delivery pool");
  const char* url = std::getenv("NATS_URL");
  const Connection nats = connect(url == nullptr ? "nats://127.0.0.1:4222" : url);

  Library library([&](std::string_view rid, std::string_view event, const json::value& data) {
    const std::string subject = "event." + std::string(rid) + '.' + std::string(event);
    publish(nats.get(), subject, data.is_null() ? "" : json::serialize(data));
  });

  for (const char* subject : {"access.library.>", "get.library.>", "call.library.>"}) {
    natsSubscription* subscription = nullptr;
    check(natsConnection_Subscribe(&subscription, nats.get(), subject, on_request, &library), subject);
  }
  reset(nats.get());
  check(natsConnection_Flush(nats.get()), "flush");
  std::cout << "The book service is ready on " << connected_url(nats.get()) << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  natsConnection_FlushTimeout(nats.get(), kStopMs);  // sends what is left, if connected
}

}  // namespace

int main() {
  try {
    run();
  } catch (const std::exception& e) {
    std::cerr << "The book service cannot run: " << e.what() << '\n';
    return 1;
  }
  nats_Close();
  return 0;
}
