// Connects the nodes of a lane (one of the gateway's parallel threads): every edge of the flow graph is one line in the
// constructor below. Runs once for each lane, at start.
#include "graph/wiring.hpp"

#include "nodes/base/text_hash.hpp"

namespace resflow {

namespace {

// Returns the lane that owns a resource name. Uses a hash that is the same in every process: when a capture (recorded
// traffic) is replayed, each name belongs to the same lane as in the recording.
LaneId lane_of_name(std::string_view name, std::size_t lanes) {
  return lanes == 1 ? LaneId{0} : static_cast<LaneId>(stable_hash(name) % lanes);
}

// Returns the lane for a message from the session node to the cache node: the lane that owns the resource in the
// message.
LaneId lane_of(const CacheIn& message, std::size_t lanes) {
  if (const auto* s = std::get_if<Subscribe>(&message)) return lane_of_name(s->target->name(), lanes);
  if (const auto* w = std::get_if<Withdraw>(&message)) return lane_of_name(w->target->name(), lanes);
  return resflow::lane_of(std::get<Unsubscribe>(message).resource);
}

// Returns the lane for a message from the authorize node to the ask node. A request goes to the lane that owns its
// resource name. All other messages are about a connection, and stay in the lane that sends them, `own`.
LaneId lane_of(const AskIn& message, LaneId own, std::size_t lanes) {
  const auto* r = std::get_if<ServiceRequest>(&message);
  return r == nullptr ? own : lane_of_name(r->name, lanes);
}

// Sorts messages by lane: adds each message to the batch of the lane that `lane_of` returns for it.
template <typename T, typename LaneOf>
void distribute(Router& router, std::vector<T>& messages, LaneOf&& lane_of) {
  for (T& m : messages) append(router.batch_for(lane_of(m)), std::move(m));
}

// Sorts messages by lane: adds each message to the batch of the lane that its sender has chosen (ToLane::lane).
template <typename T>
void forward(Router& router, std::vector<ToLane<T>>& messages) {
  for (ToLane<T>& m : messages) append(router.batch_for(m.lane), std::move(m.message));
}

// Returns a function that adds messages to the batch of one lane. A QueuedEdge (an edge that stores its messages for
// later) uses it as its `post` function.
template <typename T>
auto to_lane(Router& router, LaneId lane) {
  return [&router, lane](std::vector<T>& messages) { distribute(router, messages, [=](const T&) { return lane; }); };
}

// Returns a function that stores messages until this lane's next turn (run). A QueuedEdge (an edge that stores its
// messages for later) uses it as its `post` function.
template <typename T>
auto to_next_turn(Router& router) {
  return [&router](std::vector<T>& messages) {
    for (T& m : messages) append(router.later(), std::move(m));
  };
}

// Returns the limits for the cache of one lane. The option gives the bytes for all lanes together, so each lane gets an
// equal part.
CacheLimits share_of(const LaneOptions& options) {
  CacheLimits limits = options.cache;
  limits.bytes /= options.lanes;
  return limits;
}

// Describes two examples for the legend of the picture: what happens when a client subscribes and when a service sends
// an event.
void add_tours(Registry& r) {
  r.add_tour({"A client subscribes",
              {{"1", "clients", "parse", "its message comes in"},
               {"2", "parse", "admit", "is a request"},
               {"2", "admit", "session", ""},
               {"3", "session", "authorize", "may the client read it, and what is it?"},
               {"3", "session", "cache", ""},
               {"4", "authorize", "ask", "what the cache does not know is asked for"},
               {"4", "cache", "ask", ""},
               {"5", "ask", "services", "over NATS, with a subscription to its events"},
               {"6", "services", "ask", "the service answers"},
               {"7", "ask", "decode", "in time"},
               {"8", "decode", "cache", "the state is cached"},
               {"9", "cache", "session", "and given to who waits for it, as is the access answer"},
               {"9", "cache", "authorize", ""},
               {"10", "authorize", "session", "the client may read it"},
               {"11", "session", "encode", "the answer, with all that it refers to"},
               {"12", "encode", "write", "as bytes"},
               {"13", "write", "clients", "in one send with all else that is due"}}});
  r.add_tour({"A service's event",
              {{"a", "services", "decode", "comes over NATS"},
               {"b", "decode", "cache", "changes the cached state"},
               {"c", "cache", "session", "once for each lane with subscribers"},
               {"d", "session", "encode", "to whom, and with which resources?"},
               {"e", "encode", "write", "one frame, shared by all who get it"},
               {"f", "write", "clients", "to every subscriber"}}});
}

}  // namespace

Wiring::Wiring(oneapi::tbb::flow::graph& graph, const LaneOptions& options, ClientPort& clients, ServicePort& services,
               LogPort& log, Router& router)
    // First all nodes, then one stage for each node, which runs the node in the TBB graph.
    : parse_(options.web, log),
      admit_(options.admit, clients),
      session_(options.id, options.session, options.web),
      encode_(options.web),
      write_(options.write, clients, log),
      ask_(options.id, options.ask, services, log),
      decode_(log),
      cache_(options.id, share_of(options), log),
      parse(graph, registry, {"parse", "client side", "text or web request to request", ""}, parse_, log),
      admit(graph, registry, {"admit", "client side", "when is a request served?", "requests that wait, rates"}, admit_,
            log),
      session(graph, registry, {"session", "client side", "what does each client hold?", "subscriptions of clients"},
              session_, log),
      authorize(graph, registry, {"authorize", "client side", "may it read, may it call?", "tokens, verdicts"},
                authorize_, log),
      encode(graph, registry, {"encode", "client side", "message to shared frame or response", ""}, encode_, log),
      write(graph, registry, {"write", "client side", "one send a client and batch", "outboxes"}, write_, log),
      ask(graph, registry, {"ask", "service side", "requests and their time limits", "pending requests, throttles"},
          ask_, log),
      decode(graph, registry, {"decode", "service side", "payload to reply or event", ""}, decode_, log),
      cache(graph, registry, {"cache", "cache", "events into state, in order", "cached resources"}, cache_, log),
      diff(graph, registry, {"diff", "cache", "two states to events", ""}, diff_, log),
      // The queued edges. Their messages wait in this lane or in the mailbox of another lane. Messages about a client
      // go to the lane of its connection. Messages about a resource go to the lane that owns the resource name.
      admit_to_itself_(graph, to_next_turn<AdmitIn>(router), EdgeKind::later),
      session_to_cache_(graph,
                        [&router, lanes = options.lanes](std::vector<CacheIn>& messages) {
                          distribute(router, messages, [=](const CacheIn& m) { return lane_of(m, lanes); });
                        }),
      session_to_admit_(graph, to_lane<AdmitIn>(router, options.id), EdgeKind::back),
      session_to_itself_(graph, to_next_turn<SessionIn>(router), EdgeKind::later),
      write_to_session_(graph, to_lane<SessionIn>(router, options.id), EdgeKind::back),
      authorize_to_session_(graph, to_lane<SessionIn>(router, options.id), EdgeKind::back),
      authorize_to_ask_(graph,
                        [&router, own = options.id, lanes = options.lanes](std::vector<AskIn>& messages) {
                          distribute(router, messages, [=](const AskIn& m) { return lane_of(m, own, lanes); });
                        }),
      cache_to_session_(graph, [&router](std::vector<ToLane<SessionIn>>& messages) { forward(router, messages); }),
      cache_to_authorize_(graph, [&router](std::vector<ToLane<AuthorizeIn>>& messages) { forward(router, messages); }),
      cache_to_ask_(graph, to_lane<AskIn>(router, options.id), EdgeKind::back),
      cache_to_itself_(graph, to_next_turn<CacheIn>(router), EdgeKind::later),
      diff_to_cache_(graph, to_lane<CacheIn>(router, options.id), EdgeKind::back),
      ask_to_ask_(graph, [&router](std::vector<ToLane<AskIn>>& messages) { forward(router, messages); }) {
  Registry& r = registry;
  r.add_node({"clients", "outside", "WebSocket and HTTP", ""}, {});
  r.add_node({"services", "outside", "NATS", ""}, {});
  r.add_node({"time", "outside", "", ""}, {});

  // The edges that a client's message takes to the services.
  r.add_edge({"clients", "frames", "parse", "frame, web request, connect, disconnect", EdgeKind::outside});
  connect<&ParseOut::admit>(r, parse, admit, "request, web task");
  connect<&AdmitOut::session>(r, admit, session, "request, web task");
  connect<&AdmitOut::later>(r, admit, admit_to_itself_, "admit", "what waits");
  connect<&SessionOut::authorize>(r, session, authorize, "question, call, auth, token");
  connect<&SessionOut::cache>(r, session, session_to_cache_, "cache", "subscribe, unsubscribe");
  connect<&SessionOut::admit>(r, session, session_to_admit_, "admit", "answered, held");
  connect<&SessionOut::later>(r, session, session_to_itself_, "session", "what is left over");
  connect<&AuthorizeOut::ask>(r, authorize, authorize_to_ask_, "ask", "access, call, auth request");
  r.add_edge({"ask", "services", "services", "request, subscription", EdgeKind::outside});

  // The edges along which messages from services reach the cache node, and the edges that tell nodes the time.
  r.add_edge({"services", "replies", "ask", "reply", EdgeKind::outside});
  r.add_edge({"services", "events", "decode", "event", EdgeKind::outside});
  r.add_edge({"time", "ticks", "admit", "tick", EdgeKind::outside});
  r.add_edge({"time", "ticks", "ask", "tick", EdgeKind::outside});
  r.add_edge({"time", "ticks", "cache", "tick", EdgeKind::outside});
  connect<&AskOut::decode>(r, ask, decode, "answer");
  connect<&AskOut::slots>(r, ask, ask_to_ask_, "ask", "slot of a throttle");
  connect<&DecodeOut::cache>(r, decode, cache, "event, state, reply to pass on, reset");
  connect<&DecodeOut::session>(r, decode, session, "token");
  connect<&DecodeOut::authorize>(r, decode, authorize, "token reset");
  connect<&CacheOut::ask>(r, cache, cache_to_ask_, "ask", "get, query request");
  connect<&CacheOut::diff>(r, cache, diff, "two states");
  connect<&CacheOut::later>(r, cache, cache_to_itself_, "cache", "what is left of long work");
  connect<&DiffOut::cache>(r, diff, diff_to_cache_, "cache", "edits");

  // The edges on the way from the services and the cache to the clients.
  connect<&CacheOut::session>(r, cache, cache_to_session_, "session", "loaded, event, call reply");
  connect<&CacheOut::authorize>(r, cache, cache_to_authorize_, "authorize", "access reply");
  connect<&AuthorizeOut::session>(r, authorize, authorize_to_session_, "session", "verdict, refused call");
  connect<&SessionOut::encode>(r, session, encode, "reply, event, web reply, accept");
  connect<&EncodeOut::write>(r, encode, write, "frame, web answer, accept");
  connect<&WriteOut::session>(r, write, write_to_session_, "session", "unread");
  r.add_edge({"clients", "writable", "write", "writable", EdgeKind::outside});
  r.add_edge({"admit", "clients", "clients", "pause, resume", EdgeKind::outside});
  r.add_edge({"write", "clients", "clients", "frames, responses", EdgeKind::outside});
  r.check();
  add_tours(r);

  if (!options.measure) return;
  const auto measure = [](auto&... stages) { (stages.measure(), ...); };
  measure(parse, admit, session, authorize, encode, write, ask, decode, cache, diff);
}

}  // namespace resflow
