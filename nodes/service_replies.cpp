// Replies of services: "Response", and the results of get, access, call, auth and query requests.
#include "nodes/header_fields.hpp"
#include "nodes/service_decoder.hpp"

namespace resflow {

namespace {

// Why a reply has no result.
struct ReplyError {
  ReplyError(ErrorPtr e, bool m = true) : error(std::move(e)), malformed(m) {}
  explicit operator bool() const { return error != nullptr; }

  ErrorPtr error;
  bool malformed;  // else the service says so
};

template <typename T>
Decoded<T> failed(const ReplyError& why) {
  return {T{}, why.error, why.malformed};
}

template <typename T>
Decoded<T> failed(const ReplyError& why, MetaPtr meta) {
  Decoded<T> out = failed<T>(why);
  out.value.meta = std::move(meta);
  return out;
}

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

// "Meta object". What cannot be used is left out and complained of.
MetaPtr read_meta(Decoder& in) {
  auto meta = std::make_shared<Meta>();
  const bool present = in.object("Response.meta", "codec.Meta", [&](std::string_view key) {
    if (key == "status" && in.kind() != json::Kind::null) {
      const std::int64_t status = in.integer("Meta.meta.status");
      if (valid_meta_status(status)) {
        meta->status = static_cast<unsigned>(status);
      } else {
        meta->complaint = "Invalid meta status: " + std::to_string(status);
      }
    } else if (key == "header") {
      in.object("Meta.meta.header", "http.Header",
                [&](std::string_view name) { read_meta_header(in, std::string(name), *meta); });
    } else {
      in.skip();
    }
  });
  return present ? meta : nullptr;
}

// A reply's members but for its error, which is returned.
template <typename Read>
ReplyError decode_reply(Decoder& in, std::string_view type, std::string_view go_type, Read&& read_other) {
  ErrorPtr error;
  in.object("", go_type, [&](std::string_view key) {
    if (key == "error") {
      error = in.error_object(std::string(type) + ".error");
    } else {
      read_other(key);
    }
  });
  if (ErrorPtr bad = in.finish()) return bad;
  return {std::move(error), false};
}

// The members model and collection, of get and query results.
struct ResourceMembers {
  std::optional<Properties> model;
  std::optional<Values> collection;

  bool read(Decoder& in, std::string_view key, std::string_view prefix) {
    if (key == "model") {
      model = in.properties(std::string(prefix) + ".model");
    } else if (key == "collection") {
      collection = in.values(std::string(prefix) + ".collection");
    } else {
      return false;
    }
    return true;
  }

  // Exactly one of the two, with proper values only (a delete action is none).
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
  const ReplyError error = decode_reply(in, "GetResponse", "codec.GetResponse", [&](std::string_view key) {
    if (key != "result") return in.skip();
    has_result = in.object("GetResponse.result", "codec.GetResult", [&](std::string_view name) {
      if (name == "query") {
        query = in.text("GetResult.result.query");
      } else if (!members.read(in, name, "GetResult.result")) {
        in.skip();
      }
    });
  });
  if (error) return failed<GetResult>(error);
  if (!has_result) return failed<GetResult>(errors::missing_result);
  auto resource = members.resource();
  if (!resource) return failed<GetResult>(errors::invalid_response);
  return {GetResult{std::move(*resource), std::move(query)}, nullptr};
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
  const ReplyError error = decode_reply(in, "AccessResponse", "codec.AccessResponse", [&](std::string_view key) {
    if (key == "meta") {
      access.meta = read_meta(in);
      return;
    }
    if (key != "result") return in.skip();
    has_result = in.object("AccessResponse.result", "codec.AccessResult", [&](std::string_view name) {
      if (name == "get") {
        access.get = in.boolean("AccessResult.result.get");
      } else if (name == "call") {
        access.call = in.text("AccessResult.result.call");
      } else {
        in.skip();
      }
    });
  });
  if (error) return failed<Access>(error, access.meta);
  if (!has_result) return failed<Access>(errors::missing_result, access.meta);
  return {std::move(access), nullptr};
}

Decoded<CallResult> decode_call_reply(std::string_view payload) {
  Decoder in(payload);
  CallResult call;
  std::optional<std::string> resource;
  const ReplyError error = decode_reply(in, "Response", "codec.Response", [&](std::string_view key) {
    if (key == "result") {
      call.result = in.raw();
    } else if (key == "resource") {
      std::string rid;
      const bool present = in.object("Response.resource", "codec.Resource", [&](std::string_view name) {
        if (name != "rid") return in.skip();
        rid = in.text("Resource.resource.rid");
      });
      if (present) resource = std::move(rid);
    } else if (key == "meta") {
      call.meta = read_meta(in);
    } else {
      in.skip();
    }
  });
  if (error) return failed<CallResult>(error, call.meta);
  if (resource) {
    if (!valid_rid(*resource, true)) return failed<CallResult>(errors::invalid_response, call.meta);
    call.result.clear();
    call.resource = make_rid(*resource);
  } else if (call.result.empty()) {
    return failed<CallResult>(errors::missing_result, call.meta);
  }
  return {std::move(call), nullptr};
}

Decoded<RidPtr> decode_legacy_new_result(std::string_view result) {
  json::Cursor in(result);
  if (in.kind() != json::Kind::object) return {};
  std::size_t count = 0;
  std::optional<std::string> rid;
  in.members([&](std::string_view key) {
    ++count;
    std::string scratch;
    if (key == "rid" && in.kind() == json::Kind::string) {
      rid = std::string(in.string(scratch));
    } else {
      in.value();
    }
  });
  if (in.failed() || count != 1 || !rid) return {};
  if (!valid_rid(*rid, true)) return failed<RidPtr>(errors::invalid_response);
  return {make_rid(*rid), nullptr};
}

Decoded<QueryResult> decode_query_reply(std::string_view payload) {
  Decoder in(payload);
  bool has_result = false;
  bool has_events = false;
  QueryResult result;
  ResourceMembers members;
  const ReplyError error =
      decode_reply(in, "EventQueryResponse", "codec.EventQueryResponse", [&](std::string_view key) {
        if (key != "result") return in.skip();
        has_result = in.object("EventQueryResponse.result", "codec.EventQueryResult", [&](std::string_view name) {
          if (name == "events") {
            has_events = in.array("EventQueryResult.result.events", "[]*codec.EventQueryEvent", [&] {
              QueryEvent event;
              in.object("EventQueryResult.result.events", "codec.EventQueryEvent", [&](std::string_view member) {
                if (member == "event") {
                  event.name = in.text("EventQueryEvent.result.events.event");
                } else if (member == "data") {
                  event.data = in.raw();
                } else {
                  in.skip();
                }
              });
              result.events.push_back(std::move(event));
            });
          } else if (!members.read(in, name, "EventQueryResult.result")) {
            in.skip();
          }
        });
      });
  if (error) return failed<QueryResult>(error);
  if (!has_result) return failed<QueryResult>(errors::missing_result);
  if (members.model || members.collection) {
    result.resource = members.resource();
    if (has_events || !result.resource) return failed<QueryResult>(errors::invalid_response);
  }
  return {std::move(result), nullptr};
}

}  // namespace resflow
