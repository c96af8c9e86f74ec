// Encodes and decodes the JSON payloads of the RES-Service protocol: writes requests, and reads replies and events into
// typed values. Everything that comes from a service is checked here. The error messages are those of Resgate, the
// gateway that resflow replaces. Used mainly by the decode, authorize and cache nodes. No I/O and no shared state; any
// thread may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/client_messages.hpp"
#include "nodes/protocol/error.hpp"
#include "nodes/protocol/meta.hpp"
#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/value.hpp"

namespace resflow {

// The state of a resource: a model or a collection (RES-Service protocol, "Get request").
struct Resource {
  bool is_model = true;
  Properties properties;  // only if it is a model
  Values values;          // only if it is a collection

  std::size_t size() const { return is_model ? properties.size() : values.size(); }
};

// The result of a get request, which asks a service for the state of a resource.
struct GetResult {
  Resource resource;
  std::string query;  // the query as the service has normalized it; empty if the resource takes no query
};

// The result of an access request: what a client may do with a resource (RES-Service protocol, "Access request").
struct Access {
  bool get = false;        // the client may read the resource
  std::string call;        // the methods that the client may call, separated by commas; "*" means all
  MetaPtr meta = nullptr;  // HTTP status and headers; may also come together with an error

  bool can_call(std::string_view method) const;
};

// The reply to a call or auth request: either a result or the id of a resource (RES-Service protocol, "Call request"
// and "Auth request").
struct CallResult {
  std::string result;      // JSON text; empty if the service answered with a resource
  RidPtr resource;         // null if the service answered with a result
  MetaPtr meta = nullptr;  // HTTP status and headers; may also come together with an error
};

// Events that change a collection (RES-Service protocol, "Resource events"). An add event inserts `value` at the index
// `idx`. A remove event removes the value at the index `idx`.
struct AddEvent {
  std::int64_t idx = 0;
  Value value;
};
struct RemoveEvent {
  std::int64_t idx = 0;
  std::string others;  // JSON text of the event's members besides "idx", each with a comma before it
};

// One event in the result of a query request. The gateway sends that request to learn how a resource with a query has
// changed (RES-Service protocol, "Query request").
struct QueryEvent {
  std::string name;
  std::string data;  // JSON text; empty if there is no data
};
// The result of a query request: events that change the resource, or the whole new resource, or neither.
struct QueryResult {
  std::vector<QueryEvent> events;
  std::optional<Resource> resource;
};

// A token event: a service sets the token (login data) of a client's connection (RES-Service protocol, "Connection
// token event").
struct TokenEvent {
  std::string token;  // JSON text; empty if the event has no token
  std::string tid;    // the token id, by which token reset events name the token; empty if there is none
};

// A system reset event (RES-Service protocol, "System reset event"): the gateway must ask services again, because what
// it has cached may be out of date. Both members are lists of resource name patterns: `resources` for the states of
// resources, `access` for access rights.
struct SystemReset {
  std::vector<std::string> resources;
  std::vector<std::string> access;
};
// A token reset event (RES-Service protocol, "System token reset event"): the ids of the tokens that must be renewed,
// and the subject on which the gateway must send auth requests to renew them.
struct TokenReset {
  std::vector<std::string> tids;
  std::string subject;
};

// The result of decoding: a value, or an error. If there is an error, the value must not be used, except Access::meta
// and CallResult::meta: the HTTP status and headers that a service may send together with an error.
template <typename T>
struct Decoded {
  T value{};
  ErrorPtr error;
  // Only for a reply, if `error` is set. True: the reply breaks the protocol. False: the service has sent the error.
  bool malformed = false;
  bool other_case = false;  // a member was spelled in another letter case than in the protocol
};

// These functions decode the replies of services. decode_call_reply() is for both call requests and auth requests.
Decoded<GetResult> decode_get_reply(std::string_view payload);
Decoded<Access> decode_access_reply(std::string_view payload);
Decoded<CallResult> decode_call_reply(std::string_view payload);
Decoded<QueryResult> decode_query_reply(std::string_view payload);

// Decodes the text of a resource that the gateway itself has written (Snapshot::text).
Resource decode_resource(std::string_view text, bool is_model);

// Decodes the result of a call of the method "new" in the form of RES protocol 1.1: a reference to the new resource.
// Returns the id of that resource, or null (without an error) if the result has another form.
Decoded<RidPtr> decode_legacy_new_result(std::string_view result);

// A change event: properties of a model were changed or removed.
struct ChangeEvent {
  Properties values;    // the changed properties; a removed property has the value delete_value()
  bool legacy = false;  // the event has the form of RES protocol 1.0: {"name":"value"} without "values" around it
};

// These functions decode events. The errors that they return are only counted and written to the log; no client gets
// them.
Decoded<ChangeEvent> decode_change_event(std::string_view payload);
Decoded<AddEvent> decode_add_event(std::string_view payload);
Decoded<RemoveEvent> decode_remove_event(std::string_view payload);
Decoded<std::string> decode_query_event(std::string_view payload);  // returns the subject for query requests
Decoded<TokenEvent> decode_token_event(std::string_view payload);
Decoded<SystemReset> decode_system_reset(std::string_view payload);
Decoded<TokenReset> decode_token_reset(std::string_view payload);

// Checks the payload of a custom event, which the gateway passes on without decoding it. Returns null if the payload is
// JSON in UTF-8, otherwise the error.
ErrorPtr check_json(std::string_view payload);

// The fields of access, call and auth requests, from which encode_request() and encode_auth_request() make JSON text.
struct RequestFields {
  std::string_view cid;
  std::string_view query;
  std::string_view token;   // JSON text; if empty, null is sent
  std::string_view params;  // JSON text; if empty, the request has no parameters
  bool is_http = false;     // true: made for an HTTP request, so the reply may set the HTTP status and headers
};
std::string encode_get_request(std::string_view query);
std::string encode_query_request(std::string_view query);
std::string encode_request(const RequestFields& fields);  // for access and call requests
std::string encode_auth_request(const RequestFields& fields, const ClientInfo& info);

}  // namespace resflow
