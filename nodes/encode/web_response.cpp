#include "nodes/encode/web_response.hpp"

#include "nodes/protocol/web_target.hpp"

namespace resflow {

namespace {

constexpr const char* kJson = "application/json; charset=utf-8";

// Returns the HTTP status for an error, by its code. An unknown code gives 400.
unsigned status_of(const ResError& error) {
  struct Entry {
    std::string_view code;
    unsigned status;
  };
  static constexpr Entry entries[] = {
      {"system.notFound", 404},       {"system.methodNotFound", 404},     {"system.timeout", 404},
      {"system.accessDenied", 401},   {"system.methodNotAllowed", 405},   {"system.internalError", 500},
      {"system.forbidden", 403},      {"system.serviceUnavailable", 503}, {"system.subjectTooLong", 414},
      {"system.notImplemented", 501}, {"system.tooManyRequests", 429},
  };
  for (const Entry& e : entries) {
    if (e.code == error.code) return e.status;
  }
  return 400;
}

// Called when a service has chosen an HTTP error status but sent no error. Returns the error that fits the status, for
// the body of the response.
const ErrorPtr& error_of(unsigned status) {
  switch (status) {
    case 401:
    case 402:
    case 407:
      return errors::access_denied;
    case 403:
    case 451:
      return errors::forbidden;
    case 404:
    case 410:
      return errors::not_found;
    case 405:
      return errors::method_not_allowed;
    case 408:
    case 504:
      return errors::timeout;
    case 501:
      return errors::not_implemented;
    case 503:
      return errors::service_unavailable;
    default:
      return status < 500 ? errors::bad_request : errors::internal;
  }
}

bool has(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return true;
  }
  return false;
}

void put_json(WebResponse& response, std::string body) {
  response.headers.emplace_back("Content-Type", kJson);
  response.body = std::move(body);
}

void put_error(WebResponse& response, const ErrorPtr& error) {
  std::string body;
  append_error(body, *error);
  put_json(response, std::move(body));
}

// Fills in a response with a given HTTP status, which a service has chosen (or 200 for an OPTIONS request). A status
// below 300 gets no body. A status 3xx gets no body, but a Location header: the URL of the resource that the service
// has returned, if the service has not set this header itself. Any other status gets an error object as the body.
void decided(WebResponse& response, unsigned status, const Reply& reply, const WebOptions& options) {
  response.status = status;
  if (status < 300) return;
  if (status < 400) {
    if (reply.rid && !has(response.headers, "Location")) {
      response.headers.emplace_back("Location", resource_href(reply.rid->text(), options.api_path));
    }
    return;
  }
  put_error(response, reply.error ? reply.error : error_of(status));
}

// Fills in the response to a failed request, with the HTTP status that fits the error. Special case: for PUT, DELETE or
// PATCH (`mapped`), the gateway calls a method that the operator has named (such as WebOptions::put_method). If the
// service has no such method, the status is 405 (method not allowed).
void failed(WebResponse& response, const ErrorPtr& error, bool mapped) {
  const bool no_such_method = mapped && error->code == "system.methodNotFound";
  const ErrorPtr& said = no_such_method ? errors::method_not_allowed : error;
  response.status = status_of(*said);
  put_error(response, said);
}

void put_resource(WebResponse& response, const Reply& reply, const WebOptions& options) {
  std::string body;
  if (append_web_resource(body, reply.set, *reply.rid, options)) return put_json(response, std::move(body));
  failed(response, internal_error("the resource with its references is too large"), false);
}

}  // namespace

WebResponse web_response(const WebReply& web, const WebOptions& options) {
  WebResponse response;
  response.headers = web.headers;
  const Reply& reply = web.reply;
  if (web.status) {
    decided(response, *web.status, reply, options);
  } else if (reply.error) {
    failed(response, reply.error, web.mapped);
  } else if (reply.form == ReplyForm::set) {
    put_resource(response, reply, options);
  } else if (reply.form == ReplyForm::resource) {
    response.headers.emplace_back("Location", resource_href(reply.rid->text(), options.api_path));
  } else if (reply.result.empty() || reply.result == "null") {
    response.status = 204;
  } else {
    put_json(response, reply.result);
  }
  return response;
}

}  // namespace resflow
