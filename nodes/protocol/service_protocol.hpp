// The payloads of the RES-Service protocol, both ways: requests as JSON text, and replies and events as typed values.
// Everything that comes from a service is checked here; what is wrong is said in Resgate's words. Pure; any thread.
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

// "Get request", result: a model or a collection.
struct Resource {
  bool is_model = true;
  Properties properties;  // of a model
  Values values;          // of a collection

  std::size_t size() const { return is_model ? properties.size() : values.size(); }
};

struct GetResult {
  Resource resource;
  std::string query;  // normalized; empty when it is no query resource
};

// "Access request", result.
struct Access {
  bool get = false;
  std::string call;        // comma separated methods, or *
  MetaPtr meta = nullptr;  // also beside an error

  bool can_call(std::string_view method) const;
};

// "Call request" and "Auth request": a result or a resource.
struct CallResult {
  std::string result;  // JSON text
  RidPtr resource;
  MetaPtr meta = nullptr;  // also beside an error
};

// "Resource events", as far as they change state.
struct AddEvent {
  std::int64_t idx = 0;
  Value value;
};
struct RemoveEvent {
  std::int64_t idx = 0;
  std::string others;  // JSON text of the event's other members, each with a comma before it
};

// "Query request", result: events, or the whole resource, or nothing.
struct QueryEvent {
  std::string name;
  std::string data;  // JSON text; empty when there is none
};
struct QueryResult {
  std::vector<QueryEvent> events;
  std::optional<Resource> resource;
};

// "Connection token event".
struct TokenEvent {
  std::string token;  // JSON text; empty when the event had none
  std::string tid;
};

// "System reset event" and "System token reset event".
struct SystemReset {
  std::vector<std::string> resources;
  std::vector<std::string> access;
};
struct TokenReset {
  std::vector<std::string> tids;
  std::string subject;
};

// A value, or the error that stands in its place.
template <typename T>
struct Decoded {
  T value{};
  ErrorPtr error;
  bool malformed = false;   // a reply that is not what the protocol says; else the error is the service's own
  bool other_case = false;  // a member was spelled in another letter case than the protocol has
};

// Replies.
Decoded<GetResult> decode_get_reply(std::string_view payload);
Decoded<Access> decode_access_reply(std::string_view payload);
Decoded<CallResult> decode_call_reply(std::string_view payload);
Decoded<QueryResult> decode_query_reply(std::string_view payload);

// A resource as the gateway itself has written it.
Resource decode_resource(std::string_view text, bool is_model);

// RES protocol 1.1 answered a new call with its resource as the result. nullptr when the result is no such answer.
Decoded<RidPtr> decode_legacy_new_result(std::string_view result);

// Events. The errors' messages are for the log.
struct ChangeEvent {
  Properties values;    // with delete actions
  bool legacy = false;  // RES protocol 1.0: the values were the payload itself
};
Decoded<ChangeEvent> decode_change_event(std::string_view payload);
Decoded<AddEvent> decode_add_event(std::string_view payload);
Decoded<RemoveEvent> decode_remove_event(std::string_view payload);
Decoded<std::string> decode_query_event(std::string_view payload);  // the subject to ask on
Decoded<TokenEvent> decode_token_event(std::string_view payload);
Decoded<SystemReset> decode_system_reset(std::string_view payload);
Decoded<TokenReset> decode_token_reset(std::string_view payload);

// Custom events pass unread; nullptr when the payload is JSON in UTF-8.
ErrorPtr check_json(std::string_view payload);

// Requests.
struct RequestFields {
  std::string_view cid;
  std::string_view query;
  std::string_view token;   // JSON text; empty stands for null
  std::string_view params;  // JSON text; left out when empty
  bool is_http = false;     // the answer's meta is heeded
};
std::string encode_get_request(std::string_view query);
std::string encode_query_request(std::string_view query);
std::string encode_request(const RequestFields& fields);                               // access and call
std::string encode_auth_request(const RequestFields& fields, const ClientInfo& info);  // auth

}  // namespace resflow
