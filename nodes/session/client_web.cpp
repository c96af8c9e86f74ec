// Sessions of web requests, and of WebSocket connections that wait to be opened. Such a session does one thing only,
// and services can decide about its HTTP response (RES-Service protocol, "Meta object"). Later metadata has priority
// over earlier metadata; the order is auth, access, call. Part of ClientSession.
#include "nodes/session/session.hpp"
#include "nodes/session/web_exchange.hpp"

namespace resflow {

namespace {

constexpr std::uint32_t kLatestProtocol = 1'002'003;

}  // namespace

void ClientSession::serve(WebTask&& task, const std::optional<HeaderAuth>& auth) {
  protocol_ = kLatestProtocol;
  web_ = std::make_unique<WebExchange>();
  web_->task = std::move(task);
  if (auth) {
    authenticate(*auth);
  } else {
    perform();
  }
  run();
}

void ClientSession::decide_opening(const HeaderAuth& auth) {
  web_ = std::make_unique<WebExchange>();
  web_->opening = true;
  authenticate(auth);
}

bool ClientSession::done() const {
  return web_ && web_->done;
}

void ClientSession::authenticate(const HeaderAuth& auth) {
  web_->authenticating = true;
  context_.out().authorize.emplace_back(Auth{conn_, 0, expand_cid(auth.rid, cid()), auth.method, {}, true});
}

// Handles the answer to the auth request. Only its metadata matters here: if the service has set no token, the access
// request will show it.
void ClientSession::authenticated(CallReply&& r) {
  web_->authenticating = false;
  web_->auth_meta = r.result.meta;
  if (meta_decides(r.result.meta, r.error, r.result.resource)) return;
  if (!web_->opening) return perform();
  context_.out().encode.emplace_back(Accept{conn_, web_->auth_meta ? web_->auth_meta->headers : Headers()});
  web_ = nullptr;
}

void ClientSession::perform() {
  const WebTask& task = web_->task;
  if (task.kind == WebTask::Kind::get) return subscribe(task.id, task.rid, Operation::Kind::get);
  Request r;
  r.id = task.id;
  r.kind = RequestKind::call;
  r.rid = task.rid;
  r.method = task.method;
  r.params = task.params;
  call(std::move(r));
}

void ClientSession::web_call_reply(CallReply&& r) {
  if (web_->authenticating) return authenticated(std::move(r));
  web_->meta = r.result.meta;
  if (meta_decides(r.result.meta, r.error, r.result.resource)) return;
  if (r.error) return reply(r.id, ReplyForm::error, r.error);
  if (r.result.resource) return reply(r.id, ReplyForm::resource, nullptr, {}, r.result.resource);
  reply(r.id, ReplyForm::payload, nullptr, std::move(r.result.result));
}

// Handles a verdict. Returns true if its metadata has decided the response. After a change of token another verdict may
// come; the latest one counts.
bool ClientSession::web_verdict(const Verdict& v) {
  if (!web_) return false;
  web_->meta = v.meta;
  return meta_decides(v.meta, v.denied, nullptr);
}

// Answers the web request if the metadata has a status, and returns true then. "3XX: SHOULD result in an immediate
// response to the client, without subsequent service requests"; the same holds for 4XX and 5XX.
bool ClientSession::meta_decides(const MetaPtr& meta, const ErrorPtr& error, const RidPtr& resource) {
  if (!decides(meta)) return false;
  Reply r;
  r.conn = conn_;
  r.form = error ? ReplyForm::error : resource ? ReplyForm::resource : ReplyForm::empty;
  r.error = error;
  r.rid = resource;
  web_reply(std::move(r), meta->status);
  return true;
}

void ClientSession::web_reply(Reply&& reply, std::optional<unsigned> status) {
  if (web_->done) return;
  web_->done = true;
  reply.id = web_->task.id;
  WebReply web{std::move(reply), status, std::move(web_->task.headers), web_->task.mapped};
  for (const MetaPtr& meta : {web_->auth_meta, web_->meta}) {
    if (meta) merge_headers(web.headers, meta->headers);
  }
  if (web_->task.kind == WebTask::Kind::get && web.reply.form == ReplyForm::set) web.reply.rid = web_->task.rid;
  context_.out().encode.emplace_back(std::move(web));
}

}  // namespace resflow
