// Decodes replies of services (RES-Service protocol, "Response"): the results of get, access, call, auth and query
// requests. Implements the reply functions of service_protocol.hpp.
#include "nodes/protocol/header_fields.hpp"
#include "nodes/protocol/service_decoder.hpp"

namespace resflow {

namespace {

// The error that a reply has in place of a result. Converts to true if the reply has an error.
struct ReplyError {
  ReplyError(ErrorPtr e, bool m = true) : error(std::move(e)), malformed(m) {}
  explicit operator bool() const { return error != nullptr; }

  ErrorPtr error;
  bool malformed;  // true: the reply breaks the protocol; false: the service reports the error
};

// Makes the result for a reply with an error. Also copies from the Decoder whether members were spelled in another
// letter case than in the protocol.
template <typename T>
Decoded<T> failed(const Decoder& in, const ReplyError& why) {
  return {T{}, why.error, why.malformed, in.other_case()};
}

template <typename T>
Decoded<T> failed(const Decoder& in, const ReplyError& why, MetaPtr meta) {
  Decoded<T> out = failed<T>(in, why);
  out.value.meta = std::move(meta);
  return out;
}

// Reads the values of one header. Leaves out invalid values and reports them in Meta::complaint. Also leaves out
// protected headers, which services may not set, but does not report them.
void read_meta_header(Decoder& in, std::string_view key, Meta& meta) {
  const std::string name = canonical_header_name(key);
  for (std::string& value : in.texts("Meta.meta.header")) {
    if (is_protected_header(name)) continue;
    if (valid_header(name, value)) {
      meta.headers.emplace_back(name, std::move(value));
    } else {
      meta.complaint = "Invalid meta header: " + name;
    }
  }
}

void read_meta_status(Decoder& in, Meta& meta) {
  if (in.kind() == json::Kind::null) return in.skip();
  const std::int64_t status = in.integer("Meta.meta.status");
  if (valid_meta_status(status)) {
    meta.status = static_cast<unsigned>(status);
  } else {
    meta.complaint = "Invalid meta status: " + std::to_string(status);
  }
}

// Reads the meta object (RES-Service protocol, "Meta object"). Leaves out invalid parts; Meta::complaint then tells
// what is wrong with the last of them. Returns null if there is no meta object.
MetaPtr read_meta(Decoder& in) {
  auto meta = std::make_shared<Meta>();
  const auto read_headers = [&] {
    in.map("Meta.meta.header", "http.Header",
           [&](std::string_view name) { read_meta_header(in, std::string(name), *meta); });
  };
  const bool present =
      in.object("Response.meta", "codec.Meta", json::Member{"status", [&] { read_meta_status(in, *meta); }},
                json::Member{"header", read_headers});
  return present ? meta : nullptr;
}

// Reads the whole reply: the given members, and the member "error". Returns what is wrong if the reply is malformed;
// otherwise the error that the service reports, if any.
template <typename... Read>
ReplyError decode_reply(Decoder& in, std::string_view type, std::string_view go_type, json::Member<Read>&&... members) {
  ErrorPtr error;
  in.object("", go_type, json::Member{"error", [&] { error = in.error_object(std::string(type) + ".error"); }},
            std::move(members)...);
  if (ErrorPtr bad = in.finish()) return bad;
  return {std::move(error), false};
}

// Reads the members "model" and "collection" of a get or query result.
struct ResourceMembers {
  std::optional<Properties> model;
  std::optional<Values> collection;

  void read_model(Decoder& in, std::string_view field) { model = in.properties(field); }
  void read_collection(Decoder& in, std::string_view field) { collection = in.values(field); }

  // Returns the resource. Returns nullopt if the result does not have exactly one of the two members. Also returns
  // nullopt if a value is the delete action ({"action":"delete"}), which is only valid in change events.
  std::optional<Resource> resource() {
    if (model.has_value() == collection.has_value()) return std::nullopt;
    Resource r;
    r.is_model = model.has_value();
    if (model) {
      for (const auto& [name, v] : *model) {
        if (v.kind == ValueKind::delete_action) return std::nullopt;
      }
      r.properties = std::move(*model);
    } else {
      for (const Value& v : *collection) {
        if (v.kind == ValueKind::delete_action) return std::nullopt;
      }
      r.values = std::move(*collection);
    }
    return r;
  }
};

QueryEvent read_query_event(Decoder& in) {
  QueryEvent event;
  in.object("EventQueryResult.result.events", "codec.EventQueryEvent",
            json::Member{"event", [&] { event.name = in.text("EventQueryEvent.result.events.event"); }},
            json::Member{"data", [&] { event.data = in.raw(); }});
  return event;
}

}  // namespace

bool Access::can_call(std::string_view method) const {
  if (call == "*") return true;
  std::string_view rest = call;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (rest.substr(0, comma) == method) return true;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return false;
}

Decoded<GetResult> decode_get_reply(std::string_view payload) {
  Decoder in(payload);
  bool has_result = false;
  std::string query;
  ResourceMembers members;
  const auto read_result = [&] {
    has_result =
        in.object("GetResponse.result", "codec.GetResult",
                  json::Member{"model", [&] { members.read_model(in, "GetResult.result.model"); }},
                  json::Member{"collection", [&] { members.read_collection(in, "GetResult.result.collection"); }},
                  json::Member{"query", [&] { query = in.text("GetResult.result.query"); }});
  };
  const ReplyError error = decode_reply(in, "GetResponse", "codec.GetResponse", json::Member{"result", read_result});
  if (error) return failed<GetResult>(in, error);
  if (!has_result) return failed<GetResult>(in, errors::missing_result);
  auto resource = members.resource();
  if (!resource || query.size() > kMaxQuerySize) return failed<GetResult>(in, errors::invalid_response);
  return {GetResult{std::move(*resource), std::move(query)}, nullptr, false, in.other_case()};
}

Resource decode_resource(std::string_view text, bool is_model) {
  Decoder in(text);
  Resource r;
  r.is_model = is_model;
  if (is_model) {
    r.properties = in.properties({}).value_or(Properties());
  } else {
    r.values = in.values({}).value_or(Values());
  }
  return r;
}

Decoded<Access> decode_access_reply(std::string_view payload) {
  Decoder in(payload);
  bool has_result = false;
  Access access;
  const auto read_result = [&] {
    has_result = in.object("AccessResponse.result", "codec.AccessResult",
                           json::Member{"get", [&] { access.get = in.boolean("AccessResult.result.get"); }},
                           json::Member{"call", [&] { access.call = in.text("AccessResult.result.call"); }});
  };
  const ReplyError error =
      decode_reply(in, "AccessResponse", "codec.AccessResponse", json::Member{"result", read_result},
                   json::Member{"meta", [&] { access.meta = read_meta(in); }});
  if (error) return failed<Access>(in, error, access.meta);
  if (!has_result) return failed<Access>(in, errors::missing_result, access.meta);
  return {std::move(access), nullptr, false, in.other_case()};
}

Decoded<CallResult> decode_call_reply(std::string_view payload) {
  Decoder in(payload);
  CallResult call;
  std::optional<std::string> resource;
  const auto read_resource = [&] {
    std::string rid;
    const bool present = in.object("Response.resource", "codec.Resource",
                                   json::Member{"rid", [&] { rid = in.text("Resource.resource.rid"); }});
    if (present) resource = std::move(rid);
  };
  const ReplyError error =
      decode_reply(in, "Response", "codec.Response", json::Member{"result", [&] { call.result = in.raw(); }},
                   json::Member{"resource", read_resource}, json::Member{"meta", [&] { call.meta = read_meta(in); }});
  if (error) return failed<CallResult>(in, error, call.meta);
  if (resource) {
    call.result.clear();
    call.resource = read_rid(*resource);
    if (!call.resource) return failed<CallResult>(in, errors::invalid_response, call.meta);
  } else if (call.result.empty()) {
    return failed<CallResult>(in, errors::missing_result, call.meta);
  }
  return {std::move(call), nullptr, false, in.other_case()};
}

Decoded<RidPtr> decode_legacy_new_result(std::string_view result) {
  json::Cursor in(result);
  if (in.kind() != json::Kind::object) return {};
  json::OtherMembers others;
  std::optional<std::string> rid;
  const auto read = [&] {
    std::string scratch;
    rid.reset();
    if (in.kind() == json::Kind::string) {
      rid = std::string(in.string(scratch));
    } else {
      in.value();
    }
  };
  json::read_members(in, others, json::Member{"rid", read});
  if (in.failed() || others.count > 0 || !rid) return {};
  RidPtr named = read_rid(*rid);
  if (!named) return {nullptr, errors::invalid_response, true, others.other_case};
  return {std::move(named), nullptr, false, others.other_case};
}

Decoded<QueryResult> decode_query_reply(std::string_view payload) {
  Decoder in(payload);
  bool has_result = false;
  bool has_events = false;
  QueryResult result;
  ResourceMembers members;
  const auto read_events = [&] {
    has_events = in.array("EventQueryResult.result.events", "[]*codec.EventQueryEvent",
                          [&] { result.events.push_back(read_query_event(in)); });
  };
  const auto read_result = [&] {
    has_result = in.object(
        "EventQueryResponse.result", "codec.EventQueryResult", json::Member{"events", read_events},
        json::Member{"model", [&] { members.read_model(in, "EventQueryResult.result.model"); }},
        json::Member{"collection", [&] { members.read_collection(in, "EventQueryResult.result.collection"); }});
  };
  const ReplyError error =
      decode_reply(in, "EventQueryResponse", "codec.EventQueryResponse", json::Member{"result", read_result});
  if (error) return failed<QueryResult>(in, error);
  if (!has_result) return failed<QueryResult>(in, errors::missing_result);
  if (members.model || members.collection) {
    result.resource = members.resource();
    if (has_events || !result.resource) return failed<QueryResult>(in, errors::invalid_response);
  }
  return {std::move(result), nullptr, false, in.other_case()};
}

}  // namespace resflow
