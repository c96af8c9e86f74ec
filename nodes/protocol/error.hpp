// RES errors: the error type, and the errors that the gateway itself reports (RES-Client protocol, "Error object" and
// "Pre-defined errors"). Errors are immutable and shared. No I/O and no shared state; any thread may use it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace resflow {

struct ResError {
  std::string code;
  std::string message;
  std::string data;  // JSON text; empty when there is none
};

using ErrorPtr = std::shared_ptr<const ResError>;

ErrorPtr make_error(std::string code, std::string message);
ErrorPtr internal_error(std::string_view what);  // its message is "Internal error: <what>"

// Appends the error object as JSON.
void append_error(std::string& out, const ResError& error);

namespace errors {
extern const ErrorPtr access_denied;
extern const ErrorPtr internal;
extern const ErrorPtr invalid_params;
extern const ErrorPtr invalid_request;
extern const ErrorPtr no_subscription;
extern const ErrorPtr not_found;
extern const ErrorPtr timeout;
extern const ErrorPtr unsupported_protocol;
extern const ErrorPtr subject_too_long;
extern const ErrorPtr deleted;
extern const ErrorPtr subscription_limit_exceeded;
extern const ErrorPtr too_many_requests;
extern const ErrorPtr cache_full;
extern const ErrorPtr missing_result;
extern const ErrorPtr invalid_response;
// The cache node has cancelled a request for a resource's state before the gateway sent it. No client gets this error.
extern const ErrorPtr withdrawn;
// The connection to the services was lost before the reply to a get, access or query request came. The node that made
// the request asks the service again, so no client gets this error.
extern const ErrorPtr lost;
// The next two errors mean that NATS has refused a subscription of the gateway. If it was for the events of a resource,
// a client that requests the resource gets the error. If it was for the events by which services log a client in, the
// client's next auth request fails with the error; after that, the gateway tries to subscribe again.
extern const ErrorPtr too_many_subscriptions;
extern const ErrorPtr subscription_not_permitted;
// The errors below are only for web requests (HTTP requests without WebSocket).
extern const ErrorPtr bad_request;
extern const ErrorPtr forbidden;
extern const ErrorPtr forbidden_origin;
extern const ErrorPtr method_not_allowed;
extern const ErrorPtr not_implemented;
extern const ErrorPtr service_unavailable;
}  // namespace errors

}  // namespace resflow
