#include "nodes/parse/web_request.hpp"

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/origins.hpp"
#include "nodes/protocol/utf8.hpp"
#include "nodes/protocol/web_target.hpp"

namespace resflow {

namespace {

// Marks the request as one that the gateway answers itself, without asking a service: with `error`, or with an empty
// response if `error` is null.
void respond(WebTask& task, const ErrorPtr& error) {
  task.kind = WebTask::Kind::respond;
  task.error = error;
}

// Sets the CORS headers of the response (they tell browsers which web sites may use the API). Returns false if the web
// site in the Origin header is not allowed.
bool check_origin(WebTask& task, const WebRequest& request, const WebOptions& options) {
  const auto origins = task.info->header_values("Origin");
  const auto origin = origins.empty() ? std::nullopt : std::optional(origins.front());
  const bool cacheable = request.method == "GET" || request.method == "HEAD";
  task.headers = cors_headers(options.allow_origins, options.header_auth.has_value(), origin, cacheable);
  return !origin || origin_allowed(options.allow_origins, *origin);
}

// Prepares the answer to an OPTIONS request. A browser sends it before certain requests to another web site, to learn
// which methods and headers are allowed (CORS preflight).
void allow(WebTask& task, const WebOptions& options) {
  std::string methods = "GET, HEAD, OPTIONS, POST";
  if (options.put_method) methods += ", PUT";
  if (options.delete_method) methods += ", DELETE";
  if (options.patch_method) methods += ", PATCH";
  task.headers.emplace_back("Access-Control-Allow-Methods", methods);
  std::string wanted;
  for (const std::string_view value : task.info->header_values("Access-Control-Request-Headers")) {
    wanted.append(wanted.empty() ? "" : ", ").append(value);
  }
  if (!wanted.empty()) task.headers.emplace_back("Access-Control-Allow-Headers", wanted);
  respond(task, nullptr);
}

// Returns the resource method that a PUT, DELETE or PATCH request calls. The operator sets these names; services
// implement the methods. Returns nullopt if none is set for this HTTP method.
const std::optional<std::string>& mapped_method(std::string_view method, const WebOptions& options) {
  static const std::optional<std::string> none;
  if (method == "PUT") return options.put_method;
  if (method == "DELETE") return options.delete_method;
  if (method == "PATCH") return options.patch_method;
  return none;
}

WebMethod method_of(std::string_view name) {
  if (name == "PUT") return WebMethod::put;
  if (name == "DELETE") return WebMethod::remove;
  if (name == "PATCH") return WebMethod::patch;
  return WebMethod::post;
}

// Reads the parameters of a call from the HTTP body, which is JSON. An empty body or `null` means no parameters. If the
// body is malformed, makes the gateway answer with an error, and returns false.
bool read_params(WebTask& task, std::string&& body) {
  const auto fail = [&](std::string_view what) {
    respond(task, make_error("system.badRequest", "Error decoding request body: " + std::string(what)));
    return false;
  };
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return true;
  if (!valid_utf8(body)) return fail("invalid UTF-8");
  if (!json::valid(body)) return fail(json::syntax_error(body));
  if (json::Cursor(body).kind() != json::Kind::null) task.params = std::move(body);
  return true;
}

// Reads a resource id from the text of a URL. If the id is not valid, makes the gateway answer with an error, and
// returns null.
RidPtr read_url_rid(WebTask& task, std::string_view text) {
  RidPtr rid = read_rid(text);
  if (!rid) respond(task, rid_fault(text) == RidFault::too_long ? errors::subject_too_long : errors::not_found);
  return rid;
}

void read_get(WebTask& task, const WebTarget& target, const WebOptions& options) {
  task.asks = WebMethod::get;
  const auto resource = read_resource(target, options.api_path, false);
  if (!resource) return respond(task, errors::not_found);
  task.rid = read_url_rid(task, resource->rid);
  if (task.rid) task.kind = WebTask::Kind::get;
}

void read_call(WebTask& task, const WebTarget& target, WebRequest& request, const WebOptions& options) {
  const bool post = request.method == "POST";
  const std::optional<std::string>& mapped = mapped_method(request.method, options);
  if (!post && !mapped) return respond(task, errors::method_not_allowed);
  task.asks = method_of(request.method);
  const auto resource = read_resource(target, options.api_path, post);
  if (!resource || (post && !valid_rid_part(resource->method))) return respond(task, errors::not_found);
  task.rid = read_url_rid(task, resource->rid);
  if (!task.rid || !read_params(task, std::move(request.body))) return;
  task.kind = WebTask::Kind::call;
  task.method = post ? resource->method : *mapped;
  task.mapped = !post;
}

}  // namespace

WebTask read_web_request(WebRequest&& request, const WebOptions& options) {
  WebTask task;
  task.conn = request.conn;
  task.info = std::move(request.info);
  const WebTarget target = split_target(task.info->uri());
  if (!target.path.starts_with(options.api_path)) {
    respond(task, target.path == "*" ? errors::bad_request : errors::not_found);
    return task;
  }
  const bool allowed = check_origin(task, request, options);
  if (request.method == "OPTIONS") {
    allow(task, options);
  } else if (!allowed) {
    respond(task, errors::forbidden_origin);
  } else if (request.method == "GET" || request.method == "HEAD") {
    read_get(task, target, options);
  } else {
    read_call(task, target, request, options);
  }
  return task;
}

}  // namespace resflow
