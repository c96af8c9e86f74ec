// Events of services: "Resource events", "Connection events", "System events".
#include "nodes/service_decoder.hpp"

namespace resflow {

namespace {

// RES protocol 1.0 sent the changed values as the payload itself: so is taken whatever is not exactly {"values":{...}}.
bool is_legacy_change(std::string_view payload) {
  json::Cursor in(payload);
  if (in.kind() != json::Kind::object) return false;
  std::size_t count = 0;
  bool values = false;
  in.members([&](std::string_view key) {
    ++count;
    values = key == "values" && in.kind() == json::Kind::object;
    in.value();
  });
  return !in.failed() && !(count == 1 && values);
}

Decoded<ChangeEvent> decode_legacy_change(std::string_view payload) {
  Decoder in(payload);
  ChangeEvent change;
  change.legacy = true;
  if (auto found = in.properties("")) change.values = std::move(*found);
  ErrorPtr error = in.finish();
  return {std::move(change), std::move(error)};
}

}  // namespace

// It mostly is what newer protocols have, and reading it shows that; only when something is odd it is looked at twice.
Decoded<ChangeEvent> decode_change_event(std::string_view payload) {
  Decoder in(payload);
  ChangeEvent change;
  std::size_t members = 0;
  in.object("", "codec.ChangeEvent", [&](std::string_view key) {
    ++members;
    if (key != "values") return in.skip();
    if (auto found = in.properties("ChangeEvent.values")) change.values = std::move(*found);
  });
  ErrorPtr error = in.finish();
  const bool usual = !error && members == 1 && !change.values.empty();
  if (!usual && is_legacy_change(payload)) return decode_legacy_change(payload);
  return {std::move(change), std::move(error)};
}

Decoded<AddEvent> decode_add_event(std::string_view payload) {
  Decoder in(payload);
  AddEvent add;
  bool has_value = false;
  in.object("", "codec.AddEvent", [&](std::string_view key) {
    if (key == "idx") {
      add.idx = in.integer("AddEvent.idx");
    } else if (key == "value") {
      add.value = in.value("AddEvent.value");
      has_value = add.value.kind != ValueKind::delete_action;
    } else {
      in.skip();
    }
  });
  ErrorPtr error = in.finish();
  if (!error && !has_value) error = internal_error("invalid value");
  return {std::move(add), std::move(error)};
}

Decoded<std::int64_t> decode_remove_event(std::string_view payload) {
  Decoder in(payload);
  std::int64_t idx = 0;
  in.object("", "codec.RemoveEvent", [&](std::string_view key) {
    if (key != "idx") return in.skip();
    idx = in.integer("RemoveEvent.idx");
  });
  return {idx, in.finish()};
}

Decoded<std::string> decode_query_event(std::string_view payload) {
  Decoder in(payload);
  std::string subject;
  in.object("", "codec.QueryEvent", [&](std::string_view key) {
    if (key != "subject") return in.skip();
    subject = in.text("QueryEvent.subject");
  });
  ErrorPtr error = in.finish();
  if (!error && subject.empty()) error = internal_error("missing subject");
  if (!error && !valid_subject(subject)) error = internal_error("subject \"" + subject + "\" is invalid");
  return {std::move(subject), std::move(error)};
}

Decoded<TokenEvent> decode_token_event(std::string_view payload) {
  Decoder in(payload);
  TokenEvent token;
  in.object("", "codec.ConnTokenEvent", [&](std::string_view key) {
    if (key == "token") {
      token.token = in.raw();
    } else if (key == "tid") {
      token.tid = in.text("ConnTokenEvent.tid");
    } else {
      in.skip();
    }
  });
  ErrorPtr error = in.finish();
  return {std::move(token), std::move(error)};
}

Decoded<SystemReset> decode_system_reset(std::string_view payload) {
  if (payload.empty()) return {};
  Decoder in(payload);
  SystemReset reset;
  in.object("", "codec.SystemReset", [&](std::string_view key) {
    if (key == "resources") {
      reset.resources = in.texts("SystemReset.resources");
    } else if (key == "access") {
      reset.access = in.texts("SystemReset.access");
    } else {
      in.skip();
    }
  });
  ErrorPtr error = in.finish();
  return {std::move(reset), std::move(error)};
}

Decoded<TokenReset> decode_token_reset(std::string_view payload) {
  if (payload.empty()) return {TokenReset{}, internal_error("missing subject")};
  Decoder in(payload);
  TokenReset reset;
  in.object("", "codec.SystemTokenReset", [&](std::string_view key) {
    if (key == "tids") {
      reset.tids = in.texts("SystemTokenReset.tids");
    } else if (key == "subject") {
      reset.subject = in.text("SystemTokenReset.subject");
    } else {
      in.skip();
    }
  });
  ErrorPtr error = in.finish();
  if (!error && reset.subject.empty()) error = internal_error("missing subject");
  if (!error && !valid_subject(reset.subject)) error = internal_error("subject \"" + reset.subject + "\" is invalid");
  return {std::move(reset), std::move(error)};
}

ErrorPtr check_json(std::string_view payload) {
  Decoder in(payload);
  in.skip();
  return in.finish();
}

}  // namespace resflow
