// RES errors: the error type, and the errors that the gateway itself reports (RES-Client protocol, "Error object" and
// "Pre-defined errors"). Errors are immutable and shared. Pure; any thread.
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
ErrorPtr internal_error(std::string_view what);  // "Internal error: <what>"

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
extern const ErrorPtr withdrawn;  // the cache has withdrawn a get request before ask sent it; no client gets this error
// The connection to the services was lost before the reply came. The node that made the request asks again.
extern const ErrorPtr lost;
// The messaging system has refused the subscription to the events of a resource, or to the token events of a
// connection. In the second case, the next auth request of the connection gets this error, because no service could set
// the token. Authorize then subscribes again.
extern const ErrorPtr too_many_subscriptions;
extern const ErrorPtr subscription_not_permitted;
// The following errors are only for web requests.
extern const ErrorPtr bad_request;
extern const ErrorPtr forbidden;
extern const ErrorPtr forbidden_origin;
extern const ErrorPtr method_not_allowed;
extern const ErrorPtr not_implemented;
extern const ErrorPtr service_unavailable;
}  // namespace errors

}  // namespace resflow
