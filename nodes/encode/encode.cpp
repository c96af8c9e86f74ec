#include "nodes/encode/encode.hpp"

#include "nodes/encode/web_response.hpp"
#include "nodes/protocol/json.hpp"
#include "nodes/protocol/websocket.hpp"

namespace resflow {

namespace {

constexpr std::size_t kUsualText = 64 * 1024;  // bytes; the memory of a larger text is freed after use

// Appends one group of a resource set (the resources in a message to a client), such as `"models":{"<id>":<state>}`.
// The group consists of the entries for which chosen(entry) returns true; append(entry) appends the state or error of
// one entry. A group without entries is left out.
template <typename Chosen, typename Append>
void append_group(std::string& out, std::string_view name, const ResourceSet& set, Chosen&& chosen, Append&& append) {
  bool open = false;
  for (const SetEntry& entry : set) {
    if (!chosen(entry)) continue;
    if (open) {
      out += ',';
    } else {
      if (out.back() != '{') out += ',';
      out.append(1, '"').append(name).append("\":{");
      open = true;
    }
    json::append_string(out, entry.rid->text());
    out += ':';
    append(entry);
  }
  if (open) out += '}';
}

// Called before a large resource set is appended to `out`. Reserves the memory at once, so that the text is not copied
// again and again as it grows.
void make_room(std::string& out, const ResourceSet& set, bool legacy) {
  constexpr std::size_t worth_counting = 64;
  constexpr std::size_t around = 8;  // bytes per entry: quotes, colon, comma, and some for escaped characters
  // Bytes of the message without its entries (estimated). Also used as the estimated size of an entry that has an error
  // instead of a state.
  constexpr std::size_t outside = 128;
  if (set.size() < worth_counting) return;
  std::size_t size = out.size() + outside;
  for (const SetEntry& e : set) {
    size += e.rid->text().size() + around;
    size += e.snapshot ? e.snapshot->text_for(legacy).size() : outside;
  }
  out.reserve(size);
}

// Appends all entries of the resource set, in groups: "models", "collections" and "errors". `out` must end inside a
// JSON object; the groups become members of this object.
void append_groups(std::string& out, const ResourceSet& set, bool legacy) {
  make_room(out, set, legacy);
  const auto text = [&](const SetEntry& e) { out += e.snapshot->text_for(legacy); };
  append_group(
      out, "models", set, [](const SetEntry& e) { return e.snapshot && e.snapshot->is_model; }, text);
  append_group(
      out, "collections", set, [](const SetEntry& e) { return e.snapshot && !e.snapshot->is_model; }, text);
  append_group(
      out, "errors", set, [](const SetEntry& e) { return !e.snapshot; },
      [&](const SetEntry& e) { append_error(out, *e.error); });
}

bool same(const ResourceSet& a, const ResourceSet& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].snapshot != b[i].snapshot || a[i].error != b[i].error || !RidEqual()(a[i].rid, b[i].rid)) return false;
  }
  return true;
}

}  // namespace

void Encode::append_result(Reply& r) {
  std::string& out = text_;
  switch (r.form) {
    case ReplyForm::empty:
    case ReplyForm::error:
      return;
    case ReplyForm::protocol:
      out.append(R"("result":{"protocol":")").append(kProtocolVersion).append(R"("},)");
      return;
    case ReplyForm::set:
      out += R"("result":{)";
      append_set(std::move(r.set), r.legacy);
      out += "},";
      return;
    case ReplyForm::payload:
      out.append(R"("result":{"payload":)").append(r.result).append("},");
      return;
    case ReplyForm::result:
      out.append(R"("result":)").append(r.result).append(",");
      return;
    case ReplyForm::resource:
      out += R"("result":{"rid":)";
      json::append_string(out, r.rid->text());
      append_set(std::move(r.set), r.legacy);
      out += "},";
      return;
  }
}

// Appends the resource set to text_. If the set has eight or more entries and its text has at most 64 KiB, keeps the
// text for the next reply, which often has the same set.
void Encode::append_set(ResourceSet&& set, bool legacy) {
  constexpr std::size_t worth_keeping = 8;
  if (set.size() < worth_keeping) return append_groups(text_, set, legacy);
  const bool same_as_latest = legacy == latest_set_.legacy && same(set, latest_set_.set);
  if (same_as_latest) {
    if (text_.back() != '{') text_ += ',';
    text_ += latest_set_.text;
    return;
  }
  const std::size_t start = text_.size() + (text_.back() == '{' ? 0 : 1);
  append_groups(text_, set, legacy);
  latest_set_ = LatestSet();
  if (text_.size() - start <= kUsualText) latest_set_ = LatestSet{std::move(set), legacy, text_.substr(start)};
}

void Encode::process(EncodeIn&& message, EncodeOut& out) {
  if (auto* d = std::get_if<Delivery>(&message)) {
    delivery(std::move(*d), out);
  } else if (auto* r = std::get_if<Reply>(&message)) {
    reply(std::move(*r), out);
  } else if (const auto* w = std::get_if<Boxed<WebReply>>(&message)) {
    web_reply(**w, out);
  } else if (auto* a = std::get_if<Accept>(&message)) {
    out.write.emplace_back(std::move(*a));
  } else if (auto* c = std::get_if<Connected>(&message)) {
    out.write.emplace_back(std::move(*c));
  } else if (const auto* gone = std::get_if<Disconnected>(&message)) {
    out.write.emplace_back(*gone);
  } else {
    out.write.emplace_back(std::move(std::get<CloseClient>(message)));
  }
}

// Called for each answer: counts it if it is an error, and keeps the request id for the statistics of durations. If
// `arrived` is 0, the time of arrival is unknown, and the id is not kept.
void Encode::note_answer(const RequestId& id, bool failed) {
  if (failed) ++counters_.errors[id.kind];
  if (id.arrived != 0) answered_.push_back(id);
}

void Encode::web_reply(const WebReply& r, EncodeOut& out) {
  WebAnswer answer{r.reply.conn, web_response(r, web_)};
  note_answer(r.reply.id, answer.response.status >= 400);
  out.write.emplace_back(std::move(answer));
}

void Encode::reply(Reply&& r, EncodeOut& out) {
  note_answer(r.id, r.form == ReplyForm::error);
  text_ = "{";
  append_result(r);
  if (r.form == ReplyForm::error) {
    text_ += R"("error":)";
    append_error(text_, *r.error);
    text_ += ',';
  }
  text_.append(R"("id":)").append(std::to_string(r.id.number)).append("}");
  out.write.emplace_back(std::in_place_type<Outgoing>, finish(), Recipients{r.conn}, true);
}

// Makes the WebSocket frame of an event and sends it to the write node. If the previous event had the same content,
// sends its frame once more. Resources that the event refers to and that the client does not have yet are added to the
// data of the event (RES-Client protocol, "Event object").
void Encode::delivery(Delivery&& d, EncodeOut& out) {
  counters_.events_delivered += d.to.size();
  const bool same_as_latest = d.event == latest_.event && d.legacy == latest_.legacy &&
                              RidEqual()(d.rid, latest_.rid) && same(d.set, latest_.set);
  if (!same_as_latest) {
    text_ = R"({"event":)";
    json::append_string(text_, d.rid->text());
    text_.back() = '.';  // replaces the closing quote, since the event name follows in the same string
    const std::size_t name = text_.size() - 1;
    json::append_string(text_, d.event->name);
    text_.erase(name + 1, 1);  // removes the opening quote of the event name
    const std::string& data = d.event->data_for(d.legacy);
    text_.append(R"(,"data":)").append(data.empty() ? "null" : data);
    if (!d.set.empty()) {
      text_.pop_back();
      append_groups(text_, d.set, d.legacy);
      text_ += '}';
    }
    text_ += '}';
    latest_ = Latest{d.event, d.rid, d.legacy, std::move(d.set), finish()};
  }
  out.write.emplace_back(std::in_place_type<Outgoing>, latest_.frame, std::move(d.to));
}

// Makes a WebSocket frame of the message in text_, and leaves text_ with undefined content. Copies the message into the
// frame, if it has at most 64 KiB. For a larger message, the frame takes over the memory of text_ without a copy, but
// only if the message fills four fifths of it: a frame may wait long until it is sent, and unused memory in it would be
// wasted.
Frame Encode::finish() {
  std::string frame;
  const bool as_it_is = text_.size() > kUsualText && text_.capacity() < text_.size() + text_.size() / 4;
  if (!as_it_is) frame.reserve(text_.size() + 10);
  append_frame_header(frame, Opcode::text, text_.size());
  if (as_it_is) {
    text_.insert(0, frame);
    frame.swap(text_);
  } else {
    frame += text_;
  }
  if (text_.capacity() > kUsualText) text_ = std::string();
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace resflow
