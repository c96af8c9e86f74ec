#include "nodes/session/client_output.hpp"

#include <utility>

#include "nodes/session/subscription.hpp"

namespace resflow {

void ClientOutput::reply(const RequestId& id, ReplyForm form, ErrorPtr error, std::string result, RidPtr rid,
                         ResourceSet set) {
  if (web_) {
    return respond({identity_.conn, id, form, identity_.legacy(), std::move(error), std::move(result), std::move(rid),
                    std::move(set)});
  }
  ++answered_;
  session_.out().encode.emplace_back(std::in_place_type<Reply>, identity_.conn, id, form, identity_.legacy(),
                                     std::move(error), std::move(result), std::move(rid), std::move(set));
}

void ClientOutput::deliver(const Subscription& s, const EventPtr& event, ResourceSet set) {
  session_.out().encode.emplace_back(std::in_place_type<Delivery>, event, s.rid, identity_.legacy(), std::move(set),
                                     Recipients{identity_.conn});
}

void ClientOutput::close(std::string reason, std::uint16_t code) {
  session_.out().encode.emplace_back(CloseClient{identity_.conn, code, std::move(reason)});
}

void ClientOutput::respond(Reply&& reply, std::optional<unsigned> status) {
  if (web_->done) return;
  web_->done = true;
  reply.id = web_->task.id;
  WebReply web{std::move(reply), status, std::move(web_->task.headers), web_->task.mapped};
  for (const MetaPtr& meta : {web_->auth_meta, web_->meta}) {
    if (meta) merge_headers(web.headers, meta->headers);
  }
  if (web_->task.kind == WebTask::Kind::get && web.reply.form == ReplyForm::set) web.reply.rid = web_->task.rid;
  session_.out().encode.emplace_back(std::move(web));
}

OperationKeys ClientOutput::take_parked() {
  OperationKeys keys;
  while (!parked_.empty()) keys.push_back(parked_.pop());
  return keys;
}

void ClientOutput::tell_standing(bool work_is_left) {
  const bool held = unread_ || work_is_left;
  if ((held == held_ && answered_ < session_.answers_per_report()) || web_) return;
  held_ = held;
  session_.out().admit.emplace_back(Standing{identity_.conn, std::exchange(answered_, 0), held});
}

}  // namespace resflow
