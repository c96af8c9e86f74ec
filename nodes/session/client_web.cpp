// Sessions of web requests, and of connections that wait to be opened: a session like any other, which does one thing,
// under what services say about the response (RES-Service protocol, "Meta object"; the priority of metadata is that of
// the order in which it comes: auth, access, call).
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
  ++calls_;
  context_.out().authorize.emplace_back(Auth{conn_, 0, expand_cid(auth.rid, cid()), auth.method, {}, true});
}

// Only what the service says about the response counts: without a token, access will tell.
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

// A verdict may be given again, when the token changes: what the latest says is what counts.
bool ClientSession::web_verdict(const Verdict& v) {
  if (!web_) return false;
  web_->meta = v.meta;
  return meta_decides(v.meta, v.denied, nullptr);
}

// "3XX: SHOULD result in an immediate response to the client, without subsequent service requests", likewise 4XX and
// 5XX. True when that has been done.
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
