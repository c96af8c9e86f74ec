// Decodes events of services (RES-Service protocol, "Resource events", "Connection events", "System events").
// Implements the event functions of service_protocol.hpp.
#include "nodes/protocol/service_decoder.hpp"

namespace resflow {

namespace {

// Returns true if the payload of a change event has the form of RES protocol 1.0: {"name":"value"} instead of
// {"values":{"name":"value"}}. A JSON object has the new form if "values" is its only member and is an object, too;
// any other JSON object counts as the old form.
bool is_legacy_change(std::string_view payload) {
  json::Cursor in(payload);
  if (in.kind() != json::Kind::object) return false;
  json::OtherMembers others;
  bool values = false;
  json::read_members(in, others, json::Member{"values", [&] {
                                                values = in.kind() == json::Kind::object;
                                                in.value();
                                              }});
  return !in.failed() && !(others.count == 0 && values);
}

Decoded<ChangeEvent> decode_legacy_change(std::string_view payload) {
  Decoder in(payload);
  ChangeEvent change;
  change.legacy = true;
  if (auto found = in.properties("")) change.values = std::move(*found);
  return in.finish(std::move(change));
}

// Checks a NATS subject that an event contains: the service wants the gateway to send requests to this subject. Returns
// null if the subject is valid, otherwise the error. The maximum length is that of a resource name.
ErrorPtr check_subject(std::string_view subject) {
  if (subject.empty()) return internal_error("missing subject");
  if (subject.size() > kMaxNameSize) {
    return internal_error("subject of " + std::to_string(subject.size()) + " bytes is too long");
  }
  if (!valid_subject(subject)) return internal_error("subject \"" + std::string(subject) + "\" is invalid");
  return nullptr;
}

}  // namespace

// Decodes a change event: which properties of a model have changed. Tries the current form, {"values":{...}}, first,
// because most events have it. If the event is not valid in this form, or "values" is missing or empty, or there are
// other members, too, tries the form of RES protocol 1.0, {"name":"value"} (is_legacy_change). If "values" occurs
// twice, its members are combined; for each name, the last value counts.
Decoded<ChangeEvent> decode_change_event(std::string_view payload) {
  Decoder in(payload);
  Properties::sequence_type members;
  in.object("", "codec.ChangeEvent", json::Member{"values", [&] { in.add_properties("ChangeEvent.values", members); }});
  const bool usual = in.other_members() == 0 && !members.empty();
  Decoded<ChangeEvent> change = in.finish(ChangeEvent{make_properties(std::move(members)), false});
  if ((change.error || !usual) && is_legacy_change(payload)) return decode_legacy_change(payload);
  return change;
}

Decoded<AddEvent> decode_add_event(std::string_view payload) {
  Decoder in(payload);
  AddEvent add;
  bool has_value = false;
  const auto read_value = [&] {
    add.value = in.value("AddEvent.value");
    has_value = add.value.kind != ValueKind::delete_action;
  };
  in.object("", "codec.AddEvent", json::Member{"idx", [&] { add.idx = in.integer("AddEvent.idx"); }},
            json::Member{"value", read_value});
  Decoded<AddEvent> event = in.finish(std::move(add));
  if (!event.error && !has_value) event.error = internal_error("invalid value");
  return event;
}

Decoded<RemoveEvent> decode_remove_event(std::string_view payload) {
  Decoder in(payload);
  RemoveEvent remove;
  in.object("", "codec.RemoveEvent", json::Member{"idx", [&] { remove.idx = in.integer("RemoveEvent.idx"); }});
  if (in.other_members() > 0) remove.others = in.others_than("idx");
  return in.finish(std::move(remove));
}

Decoded<std::string> decode_query_event(std::string_view payload) {
  Decoder in(payload);
  std::string subject;
  in.object("", "codec.QueryEvent", json::Member{"subject", [&] { subject = in.text("QueryEvent.subject"); }});
  Decoded<std::string> event = in.finish(std::move(subject));
  if (!event.error) event.error = check_subject(event.value);
  return event;
}

Decoded<TokenEvent> decode_token_event(std::string_view payload) {
  Decoder in(payload);
  TokenEvent token;
  in.object("", "codec.ConnTokenEvent", json::Member{"token", [&] { token.token = in.raw(); }},
            json::Member{"tid", [&] { token.tid = in.text("ConnTokenEvent.tid"); }});
  return in.finish(std::move(token));
}

Decoded<SystemReset> decode_system_reset(std::string_view payload) {
  if (payload.empty()) return {};
  Decoder in(payload);
  SystemReset reset;
  in.object("", "codec.SystemReset",
            json::Member{"resources", [&] { reset.resources = in.texts("SystemReset.resources"); }},
            json::Member{"access", [&] { reset.access = in.texts("SystemReset.access"); }});
  return in.finish(std::move(reset));
}

Decoded<TokenReset> decode_token_reset(std::string_view payload) {
  if (payload.empty()) return {TokenReset{}, internal_error("missing subject")};
  Decoder in(payload);
  TokenReset reset;
  in.object("", "codec.SystemTokenReset", json::Member{"tids", [&] { reset.tids = in.texts("SystemTokenReset.tids"); }},
            json::Member{"subject", [&] { reset.subject = in.text("SystemTokenReset.subject"); }});
  Decoded<TokenReset> event = in.finish(std::move(reset));
  if (!event.error) event.error = check_subject(event.value.subject);
  return event;
}

ErrorPtr check_json(std::string_view payload) {
  Decoder in(payload);
  in.skip();
  return in.finish();
}

}  // namespace resflow
