#include "nodes/parse/parse.hpp"

#include <charconv>
#include <optional>

#include "nodes/base/ascii.hpp"
#include "nodes/parse/web_request.hpp"
#include "nodes/protocol/json.hpp"
#include "nodes/protocol/request_members.hpp"

namespace resflow {

namespace {

// The members of a JSON request object that were read so far.
struct Envelope {
  std::optional<std::uint64_t> id;
  bool sound = true;  // true: the text is a JSON object, with a valid "method" or none
  std::string_view method;
  std::string_view params;
  std::string unescaped;  // holds the decoded text of `method` if its JSON string has escapes
};

// Reads a request id, which is a whole number without a sign. Returns nullopt if the text is anything else.
std::optional<std::uint64_t> read_id(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Reads the JSON members of a request into `envelope`. If the text is malformed, still reads the id, so that the
// gateway can answer the client. If there are several ids, takes the last one, even if it is invalid.
void read_envelope(std::string_view text, Envelope& envelope) {
  const bool is_object = request_members(text, [&](RequestMember member, json::Cursor& in) {
    if (member == RequestMember::id) {
      envelope.id = read_id(in.value());
    } else if (member == RequestMember::method) {
      if (in.kind() == json::Kind::string) {
        envelope.method = in.string(envelope.unescaped);
      } else if (in.value() != "null") {
        envelope.sound = false;
      }
    } else {
      const std::string_view value = in.value();
      if (member == RequestMember::params) envelope.params = value;
    }
  });
  if (!is_object) envelope.sound = false;
}

// Marks the request as invalid. The session node then answers it with `error`.
void refuse(Request& r, const ErrorPtr& error) {
  r.kind = RequestKind::invalid;
  r.error = error;
}

// Reads the parameters of a version request: the member "protocol", which is optional (RES-Client protocol, "Version
// request").
void read_version(Request& r, std::string_view params) {
  r.kind = RequestKind::version;
  if (params.empty() || params == "null") return;
  json::Cursor in(params);
  bool sound = in.kind() == json::Kind::object;
  if (sound) {
    in.members([&](std::string_view key) {
      const bool protocol = equal_ignoring_case(key, "protocol");
      if (protocol && in.kind() == json::Kind::string) {
        std::string scratch;
        r.protocol = std::string(in.string(scratch));
      } else if (in.value() != "null" && protocol) {
        sound = false;
      }
    });
  }
  if (!sound || in.failed()) refuse(r, errors::invalid_params);
}

// Reads the parameters of an unsubscribe request: the member "count", the number of subscriptions to end, which is
// optional. RES-Client protocol, "Unsubscribe request": "MUST be a number greater than 0".
void read_count(Request& r, std::string_view params) {
  if (params.empty() || params == "null") return;
  json::Cursor in(params);
  bool sound = in.kind() == json::Kind::object;
  if (sound) {
    in.members([&](std::string_view key) {
      const bool count = equal_ignoring_case(key, "count");
      const std::string_view value = in.value();
      if (!count || value == "null") return;
      const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), r.count);
      sound = sound && ec == std::errc() && end == value.data() + value.size() && r.count > 0;
    });
  }
  if (!sound || in.failed()) refuse(r, errors::invalid_params);
}

RequestKind kind_of(std::string_view type) {
  if (type == "subscribe") return RequestKind::subscribe;
  if (type == "unsubscribe") return RequestKind::unsubscribe;
  if (type == "get") return RequestKind::get;
  if (type == "call") return RequestKind::call;
  if (type == "auth") return RequestKind::auth;
  if (type == "new") return RequestKind::create;
  return RequestKind::invalid;
}

// Returns the error with which the gateway answers a request with an invalid rid (resource id). An unsubscribe request
// with too long a rid gets "No subscription", because no client can be subscribed to such a rid.
const ErrorPtr& rid_error(RidFault fault, RequestKind kind) {
  if (fault != RidFault::too_long) return errors::invalid_request;
  return kind == RequestKind::unsubscribe ? errors::no_subscription : errors::subject_too_long;
}

// Splits the member "method" of the request, "<type>.<resourceID>.<resourceMethod>", into kind, rid and method of `r`.
// Only call and auth requests have a resource method.
void read_method(Request& r, const Envelope& envelope) {
  const std::string_view method = envelope.method;
  const std::size_t dot = method.find('.');
  if (dot == std::string_view::npos) {
    if (method == "version") return read_version(r, envelope.params);
    return refuse(r, errors::invalid_request);
  }
  r.kind = kind_of(method.substr(0, dot));
  std::string_view rid = method.substr(dot + 1);
  if (r.kind == RequestKind::call || r.kind == RequestKind::auth) {
    const std::size_t last = rid.rfind('.');
    if (last == std::string_view::npos || !valid_rid_part(rid.substr(last + 1))) {
      return refuse(r, errors::invalid_request);
    }
    r.method = rid.substr(last + 1);
    rid = rid.substr(0, last);
  }
  if (r.kind == RequestKind::invalid) return refuse(r, errors::invalid_request);
  r.rid = read_rid(rid);
  if (!r.rid) return refuse(r, rid_error(rid_fault(rid), r.kind));
  if (r.kind == RequestKind::create) r.method = "new";
  if (r.kind == RequestKind::unsubscribe) return read_count(r, envelope.params);
  if (envelope.params != "null") r.params = envelope.params;
}

}  // namespace

void Parse::process(ParseIn&& message, ParseOut& out) {
  if (const auto* f = std::get_if<ClientText>(&message)) return text(*f, out);
  if (auto* w = std::get_if<WebRequest>(&message)) {
    web_request(std::move(*w), out);
  } else if (auto* c = std::get_if<Connected>(&message)) {
    out.admit.emplace_back(std::move(*c));
  } else {
    out.admit.emplace_back(std::get<Disconnected>(message));
  }
}

void Parse::text(const ClientText& message, ParseOut& out) {
  Envelope envelope;
  read_envelope(message.text, envelope);
  if (!envelope.id) {
    ++counters_.dropped;
    if (log_.enabled(LogLevel::debug))
      log_.log(LogLevel::debug, "Dropped a client message that is no request with an id");
    return;
  }
  Request r;
  r.conn = message.conn;
  r.id = *envelope.id;
  if (envelope.sound) {
    read_method(r, envelope);
  } else {
    refuse(r, errors::invalid_request);
    log_.log(LogLevel::debug, "A client message is no request, but it has an id, and is answered");
  }
  r.id.kind = r.kind;
  r.id.arrived = message.arrived;
  ++counters_.requests[r.kind];
  out.admit.emplace_back(std::move(r));
}

void Parse::web_request(WebRequest&& request, ParseOut& out) {
  RequestId id;
  id.kind = RequestKind::web;
  id.arrived = request.arrived;
  WebTask task = read_web_request(std::move(request), web_);
  task.id = id;
  ++counters_.web_requests[task.asks];
  out.admit.emplace_back(std::move(task));
}

}  // namespace resflow
