#include "nodes/session/client_web.hpp"

#include "nodes/protocol/rid.hpp"
#include "nodes/session/client_requests.hpp"

namespace resflow {

void ClientWeb::serve(WebTask&& task, const std::optional<HeaderAuth>& auth) {
  client_.identity.protocol = kProtocolLatest;
  web_ = std::make_unique<WebExchange>();
  web_->task = std::move(task);
  if (auth) {
    authenticate(*auth);
  } else {
    perform();
  }
}

void ClientWeb::decide_opening(const HeaderAuth& auth) {
  web_ = std::make_unique<WebExchange>();
  web_->opening = true;
  authenticate(auth);
}

void ClientWeb::authenticate(const HeaderAuth& auth) {
  web_->authenticating = true;
  client_.out().authorize.emplace_back(
      Auth{client_.conn(), 0, expand_cid(auth.rid, client_.identity.cid()), auth.method, {}, true});
}

// Handles a service's answer to the auth request. If the answer has an HTTP status in its metadata, sends a response
// with that status. Otherwise serves the web request, or opens the WebSocket connection. It does so even if the answer
// is an error: the client is then not logged in, and services decide what such a client may do.
void ClientWeb::authenticated(CallReply&& r) {
  web_->authenticating = false;
  web_->auth_meta = r.result.meta;
  if (meta_decides(r.result.meta, r.error, r.result.resource)) return;
  if (!web_->opening) return perform();
  client_.out().encode.emplace_back(Accept{client_.conn(), web_->auth_meta ? web_->auth_meta->headers : Headers()});
  web_ = nullptr;
}

void ClientWeb::perform() {
  const WebTask& task = web_->task;
  if (task.kind == WebTask::Kind::get)
    return ClientRequests(client_).subscribe(task.id, task.rid, Operation::Kind::get);
  Request r;
  r.id = task.id;
  r.kind = RequestKind::call;
  r.rid = task.rid;
  r.method = task.method;
  r.params = task.params;
  ClientRequests(client_).call(std::move(r));
}

void ClientWeb::handle_call_reply(CallReply&& r) {
  if (web_->authenticating) return authenticated(std::move(r));
  web_->meta = r.result.meta;
  if (meta_decides(r.result.meta, r.error, r.result.resource)) return;
  if (r.error) return client_.output.reply(r.id, ReplyForm::error, r.error);
  if (r.result.resource) return client_.output.reply(r.id, ReplyForm::resource, nullptr, {}, r.result.resource);
  client_.output.reply(r.id, ReplyForm::payload, nullptr, std::move(r.result.result));
}

bool ClientWeb::handle_verdict(const Verdict& v) {
  if (!web_) return false;
  web_->meta = v.meta;
  return meta_decides(v.meta, v.denied, nullptr);
}

// If the metadata from a service has an HTTP status, answers the web request with that status at once, and returns
// true. The RES-Service protocol demands this ("Meta object"): "3XX: SHOULD result in an immediate response to the
// client, without subsequent service requests", and the same for 4XX and 5XX.
bool ClientWeb::meta_decides(const MetaPtr& meta, const ErrorPtr& error, const RidPtr& resource) {
  if (!has_status(meta)) return false;
  Reply r;
  r.conn = client_.conn();
  r.form = error ? ReplyForm::error : resource ? ReplyForm::resource : ReplyForm::empty;
  r.error = error;
  r.rid = resource;
  client_.output.respond(std::move(r), meta->status);
  return true;
}

}  // namespace resflow
