#include "tools/bench/service.hpp"

#include "tools/bench/message.hpp"

namespace resflow::bench {

namespace {

constexpr std::int64_t kServerPatience = 10 * kSecond;

}  // namespace

Service::Service(Loop& loop, const Options& options, std::string name)
    : link_(loop, options.nats_url),
      name_(std::move(name)),
      items_(options.items),
      text_(options.text_bytes, 'x'),
      event_bytes_(options.event_bytes),
      tree_(tree()) {
  const std::size_t largest = std::max({tree_.size(), list().size(), text_.size(), event_bytes_});
  if (largest + 1'000 > link_.max_payload()) {
    throw RunError("the NATS server takes messages of " + std::to_string(link_.max_payload()) +
                   " bytes, too few for these --items, --size and --event-size");
  }
  for (const char* kind : {"access.", "get.", "call."}) link_.subscribe(kind + name_ + ".>");
  await_server(loop);
}

// Waits until the NATS server knows the subscriptions of this service. To find that out, the service sends a message to
// itself. The server processes the data of a connection in order. So when the message comes back, the server has
// processed the subscriptions, too.
void Service::await_server(Loop& loop) {
  const std::string subject = name_ + ".ready";
  link_.subscribe(subject);
  link_.publish(subject.c_str(), "");
  link_.flush();
  const std::int64_t limit = now_ns() + kServerPatience;
  for (bool back = false; !back;) {
    if (now_ns() > limit) throw RunError("the NATS server does not answer");
    loop.turn(now_ns() + kSecond / 10);
    link_.take([&](std::string_view, const char*) { back = true; });
    link_.flush();
  }
}

std::string Service::tree() const {
  std::string body = R"({"result":{"collection":[)";
  for (std::size_t i = 0; i < items_; ++i) {
    if (i > 0) body += ',';
    body.append(R"({"rid":")").append(name_).append(".leaf.").append(std::to_string(i)).append(R"("})");
  }
  return body + "]}}";
}

std::string Service::list() const {
  std::string body = R"({"result":{"collection":[)";
  for (std::size_t i = 0; i < items_; ++i) {
    if (i > 0) body += ',';
    const bool changed = list_changed_ && i % 100 == 0;
    body.append(changed ? "\"new" : "\"old").append(std::to_string(i)).append("\"");
  }
  return body + "]}}";
}

std::string Service::answer_to(std::string_view subject) const {
  if (subject.starts_with("access.")) return R"({"result":{"get":true,"call":"*"}})";
  if (subject.starts_with("call.")) return R"({"result":{"ok":true}})";
  const std::string_view resource = subject.substr(subject.find('.') + 1 + name_.size());
  if (resource.starts_with(".tree.")) return tree_;
  if (resource == ".list") return list();
  return R"({"result":{"model":{"n":0,"t":0,"text":")" + text_ + R"("}}})";
}

void Service::answer_all() {
  link_.take([this](std::string_view subject, const char* reply) {
    if (reply != nullptr) link_.publish(reply, answer_to(subject));
  });
}

void Service::change(std::string_view rid, std::int64_t stamp) {
  subject_ = "event.";
  subject_.append(rid).append(".change");
  payload_ = "{\"values\":{\"n\":";
  const std::string number = std::to_string(++changes_);
  payload_.append(number).append(",").append(kStampKey).append(std::to_string(stamp));
  if (event_bytes_ > 0) {
    payload_.append(",\"text\":\"").append(number);
    payload_.append(event_bytes_ - std::min(event_bytes_, number.size()), 'x').append("\"");
  }
  payload_.append("}}");
  link_.publish(subject_.c_str(), payload_);
}

void Service::reset_list() {
  list_changed_ = true;
  link_.publish("system.reset", R"({"resources":[")" + name_ + R"(.list"]})");
}

void Service::flush() {
  link_.flush();
}

}  // namespace resflow::bench
