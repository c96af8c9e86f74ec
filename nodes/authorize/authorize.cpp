#include "nodes/authorize/authorize.hpp"

#include <algorithm>

#include "nodes/protocol/ids.hpp"

namespace resflow {

namespace {

std::string subject_of(std::string_view type, const Rid& target, std::string_view method = {}) {
  std::string subject;
  subject.reserve(type.size() + target.name().size() + method.size() + 2);
  subject.append(type).append(1, '.').append(target.name());
  if (!method.empty()) subject.append(1, '.').append(method);
  return subject;
}

// Returns the parameters to send to the service: those of the client, or the JSON text "null" if the client gave none.
// Services that were written for Resgate (the gateway that resflow replaces) expect "null".
std::string_view given_params(std::string_view params) {
  return params.empty() ? std::string_view("null") : params;
}

// Returns true if the answer to an access request may be remembered: it tells the client's rights (`error` is null), or
// is the error system.accessDenied. Any other error, such as a timeout, may be gone at the next request.
bool lasting(const ErrorPtr& error) {
  return !error || error->code == errors::access_denied->code;
}

}  // namespace

void Authorize::process(AuthorizeIn&& message, AuthorizeOut& out) {
  out_ = &out;
  std::visit([this](auto&& m) { on(std::move(m)); }, std::move(message));
  out_ = nullptr;
}

Authorize::Client* Authorize::find(ConnId conn) {
  return find_object(clients_, conn);
}

void Authorize::on(Connected&& m) {
  auto client = std::make_unique<Client>();
  client->conn = m.conn;
  client->info = std::move(m.info);
  client->web = m.kind == ClientKind::web;
  subscribe(*client);
  clients_.open(m.conn, std::move(client));
}

void Authorize::subscribe(const Client& client) {
  const std::string subject = "conn." + std::string(client.info->cid()) + ".*";
  out_->ask.emplace_back(ServiceSubscribe{connection_handle(client.conn), subject});
}

void Authorize::on(SubscriptionRefused&& m) {
  if (Client* client = find(connection_of(m.handle))) client->unreachable = refusal_error(m.why);
}

void Authorize::on(Disconnected&& m) {
  if (find(m.conn) == nullptr) return;
  out_->ask.emplace_back(ServiceUnsubscribe{connection_handle(m.conn)});
  clients_.close(m.conn);
}

void Authorize::on(Question&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  Entry& entry = obtain(*client, m.rid, m.target);
  entry.state.question();
  entry.number = m.number;
  if (entry.state.is_known()) give_verdict(*client, m.rid, entry);
}

void Authorize::on(Recheck&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  void_entry(*client, m.rid);
  if (!m.ask) return;
  Entry& entry = obtain(*client, m.rid, m.target, m.throttle);
  entry.state.recheck();
  entry.number = m.number;
  if (entry.state.is_overtaken()) entry.throttle = m.throttle;
}

void Authorize::on(Release&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  Entry* entry = client->entries.find(m.rid);
  if (entry != nullptr && entry->state.release()) client->entries.remove(m.rid);
}

void Authorize::on(Call&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  if (!m.subscribed) {
    // The client is not subscribed to the resource, so the verdict is used for this call only. It is not remembered,
    // because without a subscription the gateway might not learn that access rights have changed.
    const std::uint64_t serial = ask_access(*client, m.rid, *m.target, 0);
    single_calls_.emplace(serial, std::move(m));
    return;
  }
  Entry& entry = obtain(*client, m.rid, m.target);
  entry.state.call();
  if (entry.state.is_known()) {
    decide(*client, std::move(m), entry.access, entry.error);
  } else {
    entry.calls.push_back(std::move(m));
  }
}

void Authorize::on(Auth&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  if (client->unreachable) {
    out_->session.emplace_back(
        CallReply{m.conn, m.id, RequestKind::auth, {}, std::exchange(client->unreachable, nullptr)});
    // This request has failed. Tries again to subscribe to the client's connection events (such as a new token): NATS
    // may accept the subscription this time. If it does, later auth requests of the client are sent to the service.
    return subscribe(*client);
  }
  // An auth request that the gateway itself makes for a web request (header authentication) has no parameters. An auth
  // request of a client always has some: if the client gave none, they are the JSON value null.
  const std::string_view params = m.is_http ? std::string_view() : given_params(m.params);
  const RequestFields fields{client->info->cid(), m.target->query(), client->token, params, m.is_http};
  request(std::string(m.target->name()), subject_of("auth", *m.target, m.method),
          encode_auth_request(fields, *client->info), CallFor{m.conn, m.id, RequestKind::auth, false, nullptr});
}

// Stores a new token of a client. Forgets all verdicts (answers to access requests) of the client, because they may
// depend on the token. For each resource in m.questions, the session node needs a verdict. So the service is asked
// anew, with one exception: if the client had no token before, an old verdict that allows reading is sent to the
// session node, because a first token takes no rights away.
void Authorize::on(TokenChanged&& m) {
  Client* client = find(m.conn);
  if (client == nullptr) return;
  const bool had_token = !client->token.empty();
  client->token = std::move(m.event.token);
  client->tid = std::move(m.event.tid);
  std::vector<Question> ask;
  for (Question& question : m.questions) {
    Entry* entry = client->entries.find(question.rid);
    const bool stays = !had_token && entry != nullptr && entry->state.is_known() && !entry->error && entry->access.get;
    if (stays) {
      entry->number = question.number;
      give_verdict(*client, question.rid, *entry);
    } else {
      ask.push_back(std::move(question));
    }
  }
  std::vector<RidPtr> rids;
  client->entries.for_each([&](const Entry& entry) { rids.push_back(entry.rid); });
  for (const RidPtr& rid : rids) void_entry(*client, rid);
  for (Question& question : ask) on(std::move(question));
}

void Authorize::on(AccessReply&& m) {
  Client* client = find(m.conn);
  if (const auto single = single_calls_.find(m.serial); single != single_calls_.end()) {
    Call call = std::move(single->second);
    single_calls_.erase(single);
    if (client == nullptr) return;
    if (m.error == errors::lost) return on(std::move(call));
    return decide(*client, std::move(call), m.access, m.error);
  }
  if (client == nullptr) return;
  Entry* known = client->entries.find(m.rid);
  if (known == nullptr || known->state.is_known() || known->serial != m.serial) return;
  Entry& entry = *known;
  switch (entry.state.answered(m.error == errors::lost, !entry.calls.empty())) {
    case VerdictState::Next::remove:
      client->entries.remove(m.rid);
      return;
    case VerdictState::Next::ask_again:
      entry.serial = ask_access(*client, m.rid, *entry.target, std::exchange(entry.throttle, {}));
      return;
    case VerdictState::Next::use_answer:
      entry.access = std::move(m.access);
      entry.error = std::move(m.error);
      answered(*client, m.rid, entry);
      return;
  }
}

// Handles a token reset: a service wants to renew the tokens with the given ids. Sends an auth request for each client
// with such a token. RES-Service protocol: "A service MUST immediately send an auth request to the provided subject for
// each connection with a token matching".
void Authorize::on(TokenReset&& m) {
  clients_.for_each([&](const std::unique_ptr<Client>& client) {
    if (client->tid.empty() || std::find(m.tids.begin(), m.tids.end(), client->tid) == m.tids.end()) return;
    const RequestFields fields{client->info->cid(), {}, client->token, {}, false};
    request(std::string(m.subject), std::string(m.subject), encode_auth_request(fields, *client->info),
            TokenResetFor{client->conn});
  });
}

// Returns the client's entry for a resource. The entry stores the verdict (the answer to an access request). If there
// is no entry, adds one and sends the service an access request.
Authorize::Entry& Authorize::obtain(Client& client, const RidPtr& rid, const RidPtr& target, ThrottleId throttle) {
  if (Entry* known = client.entries.find(rid)) return *known;
  auto entry = std::make_unique<Entry>();
  entry->rid = rid;
  entry->target = target;
  entry->serial = ask_access(client, rid, *target, throttle);
  return client.entries.add(std::move(entry));
}

std::uint64_t Authorize::ask_access(const Client& client, const RidPtr& rid, const Rid& target, ThrottleId throttle) {
  const std::uint64_t serial = ++last_serial_;
  const RequestFields fields{client.info->cid(), target.query(), client.token, {}, client.web};
  request(std::string(target.name()), subject_of("access", target), encode_request(fields),
          AccessFor{client.conn, rid, serial}, throttle);
  return serial;
}

// Forgets the verdict (the service's answer to an access request) about this client and this resource. If an access
// request is under way, its answer will not be used: when it comes, the service is asked again.
void Authorize::void_entry(Client& client, const RidPtr& rid) {
  Entry* entry = client.entries.find(rid);
  if (entry != nullptr && entry->state.overtake()) client.entries.remove(rid);
}

void Authorize::answered(Client& client, const RidPtr& rid, Entry& entry) {
  if (entry.state.must_tell()) give_verdict(client, rid, entry);
  for (Call& call : std::exchange(entry.calls, {})) decide(client, std::move(call), entry.access, entry.error);
  if (entry.state.must_forget() || !lasting(entry.error)) client.entries.remove(rid);
}

void Authorize::give_verdict(const Client& client, const RidPtr& rid, Entry& entry) {
  entry.state.tell();
  ErrorPtr denied = entry.error;
  if (!denied && !entry.access.get) denied = errors::access_denied;
  // If the service's answer contains an HTTP status (300 to 599), the web request is answered with this status. Then
  // the gateway adds no error "access denied" of its own, even if the client has no right to read.
  const MetaPtr meta = client.web ? entry.access.meta : nullptr;
  if (has_status(meta)) denied = entry.error;
  out_->session.emplace_back(Verdict{client.conn, rid, entry.number, std::move(denied), meta});
}

void Authorize::decide(const Client& client, Call&& call, const Access& access, const ErrorPtr& error) {
  const MetaPtr meta = client.web ? access.meta : nullptr;
  ErrorPtr denied = error;
  if (!denied && !has_status(meta) && !access.can_call(call.method)) denied = errors::access_denied;
  if (denied || has_status(meta)) {
    out_->session.emplace_back(CallReply{call.conn, call.id, call.kind, {{}, {}, meta}, std::move(denied)});
    return;
  }
  const RequestFields fields{client.info->cid(), call.target->query(), client.token, given_params(call.params),
                             client.web};
  request(std::string(call.target->name()), subject_of("call", *call.target, call.method), encode_request(fields),
          CallFor{call.conn, call.id, call.kind, call.method == "new", meta});
}

void Authorize::request(std::string&& name, std::string&& subject, std::string&& payload, AskedFor&& purpose,
                        ThrottleId throttle) {
  out_->ask.emplace_back(std::in_place_type<ServiceRequest>, std::move(name), std::move(subject), std::move(payload),
                         std::move(purpose), throttle);
}

}  // namespace resflow
