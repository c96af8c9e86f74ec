#include "io/capture/capture_header.hpp"

#include <boost/json.hpp>
#include <limits>
#include <stdexcept>

#include "io/capture/capture_lines.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

constexpr std::string_view kVersion = "resflow-capture";

// The header of a capture contains options of the pipeline. Calls `f(group, name, value)` for each of these options;
// `f` writes the option to the header, or reads it from there. In the header's JSON, each group, such as "admit" or
// "web", is an object that holds the options of one part of the gateway.
template <typename Options, typename F>
void each_option(Options& o, F&& f) {
  f("admit", "served", o.admit.served);
  f("admit", "pendingRequests", o.admit.pending_requests);
  f("admit", "turn", o.admit.turn);
  f("admit", "share", o.admit.share);
  f("admit", "waitingBytes", o.admit.waiting_bytes);
  f("admit", "rate", o.admit.rate.rate);
  f("admit", "burst", o.admit.rate.burst);
  f("admit", "tracked", o.admit.tracked);
  f("admit", "dryRun", o.admit.dry_run);
  f("session", "pendingRequests", o.session.pending_requests);
  f("session", "directSubscriptions", o.session.direct_subscriptions);
  f("session", "subscriptions", o.session.subscriptions);
  f("session", "waitingEvents", o.session.waiting_events);
  f("session", "waitingMessages", o.session.waiting_messages);
  f("session", "dryRun", o.session.dry_run);
  f("session", "workTurn", o.session.work.turn);
  f("session", "workShare", o.session.work.share);
  f("ask", "timeout", o.ask.timeout);
  f("ask", "controlLine", o.ask.control_line);
  f("ask", "replySize", o.ask.reply_size);
  f("ask", "payloadSize", o.ask.payload_size);
  f("ask", "resetThrottle", o.ask.reset_throttle);
  f("ask", "referenceThrottle", o.ask.reference_throttle);
  f("cache", "keepUnused", o.cache.keep_unused);
  f("cache", "resetRetry", o.cache.reset_retry);
  f("cache", "roomWait", o.cache.room_wait);
  f("cache", "bytes", o.cache.bytes);
  f("cache", "piece", o.cache.piece);
  f("cache", "deferred", o.cache.deferred);
  f("write", "outboxBytes", o.write.event_bytes);
  f("write", "answerBytes", o.write.answer_bytes);
  f("write", "allAnswerBytes", o.write.all_answer_bytes);
  f("web", "apiPath", o.web.api_path);
  f("web", "encoding", o.web.encoding);
  f("web", "headerAuth", o.web.header_auth);
  f("web", "wsHeaderAuth", o.web.ws_header_auth);
  f("web", "putMethod", o.web.put_method);
  f("web", "deleteMethod", o.web.delete_method);
  f("web", "patchMethod", o.web.patch_method);
  f("web", "allowOrigins", o.web.allow_origins);
}

js::value to_json(std::size_t n) {
  return n;
}
js::value to_json(Millis n) {
  return n;
}
js::value to_json(double n) {
  return n;
}
js::value to_json(bool b) {
  return b;
}
js::value to_json(const std::string& text) {
  return js::string(text);
}
js::value to_json(ApiEncoding e) {
  return e == ApiEncoding::json ? "json" : "jsonflat";
}
js::value to_json(const std::optional<std::string>& text) {
  return text ? js::value(js::string(*text)) : js::value();
}
js::value to_json(const std::optional<HeaderAuth>& auth) {
  if (!auth) return {};
  return js::array{js::string(auth->rid->text()), js::string(auth->method)};
}
js::value to_json(const std::vector<std::string>& list) {
  return js::value_from(list);
}

std::string text_in(const js::value& v) {
  const auto& text = v.as_string();
  return {text.data(), text.size()};
}
void from_json(const js::value& v, std::size_t& to) {
  to = v.to_number<std::size_t>();
}
void from_json(const js::value& v, Millis& to) {
  to = v.to_number<Millis>();
}
void from_json(const js::value& v, double& to) {
  to = v.to_number<double>();
}
void from_json(const js::value& v, bool& to) {
  to = v.as_bool();
}
void from_json(const js::value& v, std::string& to) {
  to = text_in(v);
}
void from_json(const js::value& v, ApiEncoding& to) {
  const std::string name = text_in(v);
  if (name != "json" && name != "jsonflat") throw std::runtime_error("unknown encoding \"" + name + '"');
  to = name == "json" ? ApiEncoding::json : ApiEncoding::jsonflat;
}
void from_json(const js::value& v, std::optional<std::string>& to) {
  if (!v.is_null()) to = text_in(v);
}
void from_json(const js::value& v, std::optional<HeaderAuth>& to) {
  if (v.is_null()) return;
  const std::string rid = text_in(v.as_array().at(0));
  if (!valid_rid(rid, false)) throw std::runtime_error('"' + rid + "\" names no resource");
  to = HeaderAuth{make_rid(rid), text_in(v.as_array().at(1))};
}
void from_json(const js::value& v, std::vector<std::string>& to) {
  to = js::value_to<std::vector<std::string>>(v);
}

// Removes a member from an object and returns its value. Throws if the member is missing. After all known members have
// been removed, refuse_rest() throws if any member is left.
js::value take(js::object& object, std::string_view name) {
  const auto it = object.find(js::string_view(name.data(), name.size()));
  if (it == object.end()) throw std::runtime_error("the header has no \"" + std::string(name) + '"');
  js::value value = std::move(it->value());
  object.erase(it);
  return value;
}

// Removes from `members` the options that the gateway no longer has. Captures of earlier versions still contain them.
void drop_retired(std::string_view group, js::object& members) {
  if (group == "ask") members.erase("subjectSize");
  if (group == "cache") members.erase("nameSize");
}

void refuse_rest(const js::object& object) {
  if (!object.empty()) throw std::runtime_error("unknown field \"" + std::string(object.begin()->key()) + '"');
}

void check_version(js::object& object) {
  const auto it = object.find(js::string_view(kVersion.data(), kVersion.size()));
  if (it == object.end()) throw std::runtime_error("this is no capture: it does not begin with the header of one");
  const auto version = it->value().to_number<std::uint64_t>();
  if (version == 0) throw std::runtime_error("there is no version 0 of captures");
  if (version > kCaptureVersion) {
    throw std::runtime_error("this capture has version " + std::to_string(version) + ", and versions up to " +
                             std::to_string(kCaptureVersion) + " are understood here: use a newer resflow-replay");
  }
}

// Renames the group "merge" to "cache". Captures of version 1 and 2 have the options of the cache under the old name.
void rename_cache(js::object& groups) {
  const auto it = groups.find("merge");
  if (it == groups.end()) return;
  js::value members = std::move(it->value());
  groups.erase(it);
  groups.emplace("cache", std::move(members));
}

PipelineOptions parse_options(js::object object) {
  PipelineOptions options;
  rename_cache(object);
  options.lanes = take(object, "lanes").to_number<std::size_t>();
  if (options.lanes == 0 || options.lanes > kMaxLanes) throw std::runtime_error("a wrong number of lanes");
  // If the capture does not have an option, that option keeps its default value.
  each_option(options, [&](std::string_view group, std::string_view name, auto& value) {
    const auto it = object.find(js::string_view(group.data(), group.size()));
    if (it == object.end()) return;
    auto& members = it->value().as_object();
    if (members.contains(js::string_view(name.data(), name.size()))) from_json(take(members, name), value);
  });
  for (auto& [group, value] : object) {
    if (!value.is_object()) throw std::runtime_error("unknown field \"" + std::string(group) + '"');
    drop_retired(group, value.as_object());
    refuse_rest(value.as_object());
  }
  return options;
}

CaptureHeader parse(std::string_view line) {
  js::value value = js::parse(js::string_view(line.data(), line.size()));
  auto& object = value.as_object();
  check_version(object);
  CaptureHeader header;
  header.version = take(object, kVersion).to_number<unsigned>();
  header.by = text_in(take(object, "by"));
  header.started = text_in(take(object, "started"));
  header.redacted = take(object, "redacted").as_bool();
  header.partial = take(object, "partial").as_bool();
  header.options = parse_options(take(object, "options").as_object());
  header.part = take(object, "part").to_number<unsigned>();
  refuse_rest(object);
  return header;
}

}  // namespace

std::string header_members(const CaptureHeader& header) {
  js::object options{{"lanes", header.options.lanes}};
  each_option(header.options, [&](std::string_view group, std::string_view name, const auto& value) {
    auto& members = options[js::string_view(group.data(), group.size())];
    if (!members.is_object()) members.emplace_object();
    members.as_object()[js::string_view(name.data(), name.size())] = to_json(value);
  });
  js::object object{{js::string_view(kVersion.data(), kVersion.size()), kCaptureVersion},
                    {"by", header.by},
                    {"started", header.started},
                    {"redacted", header.redacted},
                    {"partial", header.partial},
                    {"options", options}};
  const std::string text = js::serialize(object);
  return text.substr(1, text.size() - 2);
}

CaptureHeader parse_header(std::string_view line) {
  try {
    return parse(line);
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("the header of the capture cannot be read: " + e.code().message());
  } catch (const std::logic_error& e) {
    throw std::runtime_error(std::string("the header of the capture cannot be read: ") + e.what());
  }
}

}  // namespace resflow
