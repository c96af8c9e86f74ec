#include "nodes/protocol/error.hpp"

#include "nodes/protocol/json.hpp"

namespace resflow {

ErrorPtr make_error(std::string code, std::string message) {
  return std::make_shared<const ResError>(ResError{std::move(code), std::move(message), {}});
}

ErrorPtr internal_error(std::string_view what) {
  return make_error("system.internalError", "Internal error: " + std::string(what));
}

void append_error(std::string& out, const ResError& error) {
  out += R"({"code":)";
  json::append_string(out, error.code);
  out += R"(,"message":)";
  json::append_string(out, error.message);
  if (!error.data.empty()) {
    out += R"(,"data":)";
    out += error.data;
  }
  out += '}';
}

namespace errors {
const ErrorPtr access_denied = make_error("system.accessDenied", "Access denied");
const ErrorPtr internal = make_error("system.internalError", "Internal error");
const ErrorPtr invalid_params = make_error("system.invalidParams", "Invalid parameters");
const ErrorPtr invalid_request = make_error("system.invalidRequest", "Invalid request");
const ErrorPtr no_subscription = make_error("system.noSubscription", "No subscription");
const ErrorPtr not_found = make_error("system.notFound", "Not found");
const ErrorPtr timeout = make_error("system.timeout", "Request timeout");
const ErrorPtr unsupported_protocol = make_error("system.unsupportedProtocol", "Unsupported protocol");
const ErrorPtr subject_too_long = make_error("system.subjectTooLong", "Subject too long");
const ErrorPtr deleted = make_error("system.deleted", "Deleted");
const ErrorPtr subscription_limit_exceeded =
    make_error("system.subscriptionLimitExceeded", "Subscription limit exceeded");
const ErrorPtr too_many_requests = make_error("system.tooManyRequests", "Too many requests");
const ErrorPtr cache_full = make_error("system.serviceUnavailable", "Service unavailable: the cache is full");
const ErrorPtr missing_result = internal_error("response missing result");
const ErrorPtr invalid_response = internal_error("invalid service response");
const ErrorPtr withdrawn = internal_error("request withdrawn");
const ErrorPtr lost = internal_error("answer lost");
const ErrorPtr too_many_subscriptions =
    make_error("system.serviceUnavailable", "Service unavailable: the messaging system takes no more subscriptions");
const ErrorPtr subscription_not_permitted =
    make_error("system.serviceUnavailable", "Service unavailable: the messaging system does not permit a subscription");
const ErrorPtr bad_request = make_error("system.badRequest", "Bad request");
const ErrorPtr forbidden = make_error("system.forbidden", "Forbidden");
const ErrorPtr forbidden_origin = make_error("system.forbidden", "Forbidden origin");
const ErrorPtr method_not_allowed = make_error("system.methodNotAllowed", "Method not allowed");
const ErrorPtr not_implemented = make_error("system.notImplemented", "Not implemented");
const ErrorPtr service_unavailable = make_error("system.serviceUnavailable", "Service unavailable");
}  // namespace errors

}  // namespace resflow
