// The messages that the nodes (the stages of the gateway's pipeline) send each other, in the order in which they
// travel. Each node has a variant of all messages that it can get, such as SessionIn for the session node. The node
// that gets a message owns it, and may move parts out of it. No I/O and no shared state; any thread may use it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "nodes/base/boxed.hpp"
#include "nodes/base/time.hpp"
#include "nodes/protocol/client_messages.hpp"
#include "nodes/protocol/error.hpp"
#include "nodes/protocol/ids.hpp"
#include "nodes/protocol/meta.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/protocol/request_id.hpp"
#include "nodes/protocol/resource_event.hpp"
#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/service_messages.hpp"
#include "nodes/protocol/service_protocol.hpp"
#include "nodes/protocol/snapshot.hpp"
#include "nodes/statistics.hpp"

namespace resflow {

// Tells a node the time. `precise` is the time in nanoseconds, from which the ask node computes how long requests to
// services take. It is 0 for the other nodes, and for ask if the lane does not measure durations.
struct Tick {
  Millis now;
  Nanos precise = 0;
};

// A message, and the number of the lane that must get it. A lane is one of the gateway's parallel pipelines.
template <typename T>
struct ToLane {
  template <typename M>
  ToLane(LaneId to, M&& m) : lane(to), message(std::forward<M>(m)) {}
  template <typename M, typename... Parts>
  ToLane(LaneId to, std::in_place_type_t<M> kind, Parts&&... parts)
      : lane(to), message(kind, std::forward<Parts>(parts)...) {}

  LaneId lane = 0;
  T message;
};

// ---- from clients to the parse node -------------------------------------------------------------------------------

using ParseIn = std::variant<Connected, ClientText, WebRequest, Disconnected>;

// ---- from the parse node to the admit node, and on to the session node --------------------------------------------

// A client's request (RES-Client protocol, "Requests"). If `kind` is `invalid`, the session node answers the request
// with `error`, and ignores all other members except `conn` and `id`.
struct Request {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::invalid;
  RidPtr rid;
  std::string method;       // the resource method of a call or auth request
  std::string params;       // JSON text as the client sent it; empty if it sent none
  std::uint32_t count = 1;  // how many direct subscriptions an unsubscribe request ends
  std::string protocol;     // the protocol version that a version request names
  ErrorPtr error;
};

// What a web request (a request to the HTTP API) asks the gateway to do.
struct WebTask {
  enum class Kind : std::uint8_t { respond, get, call };

  ConnId conn;
  ClientInfoPtr info;
  RequestId id;
  Kind kind = Kind::respond;
  RidPtr rid;
  std::string method;   // the resource method of a call
  std::string params;   // JSON text; empty if there is none
  bool mapped = false;  // true for a call whose HTTP method is PUT, DELETE or PATCH
  WebMethod asks = WebMethod::other;
  Headers headers;  // headers for the response, which gets them even if the request fails
  // For Kind::respond: the error to answer with. If it is null, the response has nothing but headers.
  ErrorPtr error;
};

// admit -> session: the lane's next turn (one pass over the messages that have come) begins. In each turn, session may
// do a limited amount of work for each client, so the limits now count from the start again.
struct NewTurn {};

// A node sends this to itself when it has more work than it may do in this turn of the lane. The message comes back in
// the next turn, and then the node continues the work.
struct Continue {};

// session -> admit: how many of a client's requests session has answered since its previous Standing for this client
// (`answered`), and whether admit must hold back the client's further requests (`held`). `held` is true if session has
// not finished earlier work for the client, or if the client does not read.
struct Standing {
  ConnId conn;
  std::uint32_t answered = 0;
  bool held = false;
};

using AdmitIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Standing, Continue, Tick>;

// write -> session: whether the client reads what the write node sends to it. `on` is true if the client has stopped
// reading, false if it reads again.
struct Unread {
  ConnId conn;
  bool on = false;
};

// ---- from services and the cache to the session node --------------------------------------------------------------

using Tickets = boost::container::small_vector<Ticket, 1>;  // one for each subscription that waits for the resource

// cache -> session: the state of a resource, or an error in its place. It answers all subscriptions of one lane that
// wait for the resource. Later events of the resource follow as LaneEvent messages, in order.
struct LoadResult {
  Tickets tickets;
  ResourceId resource = 0;
  SnapshotPtr snapshot;
  ErrorPtr error;
};

// cache -> session: an event of a resource, for all clients of one lane that subscribe to the resource.
struct LaneEvent {
  ResourceId resource = 0;
  EventPtr event;
};

// The service's answer to a client's request of the type "call", "auth" or "new".
struct CallReply {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::call;
  CallResult result;
  ErrorPtr error;
};

// authorize -> session: may the client read the resource? `denied` is null if the client may read it. A Verdict answers
// a Question, a Recheck, or one question of a TokenChanged; `number` is the number of that question. session uses only
// the verdict on its latest question about a resource, since an earlier verdict may be out of date.
struct Verdict {
  ConnId conn;
  RidPtr rid;
  std::uint32_t number = 0;
  ErrorPtr denied = nullptr;
  // For web requests: the metadata of the service's answer to the access request. Null if there is none.
  MetaPtr meta = nullptr;
};

// A service has set or removed the access token of the connection.
struct TokenSet {
  ConnId conn;
  TokenEvent event;
};

using SessionIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Verdict, Boxed<CallReply>,
                               LoadResult, LaneEvent, Boxed<TokenSet>, NewTurn, Continue, Unread>;

// ---- from the session node to the authorize node ------------------------------------------------------------------

// Asks whether the client may read a resource. The authorize node answers with a Verdict, and remembers the verdict
// until session sends a Release.
struct Question {
  ConnId conn;
  RidPtr rid;     // the resource id as the client spells it
  RidPtr target;  // `rid` with {cid} replaced by the client's connection id
  std::uint32_t number = 0;
};

// Makes the authorize node forget what it knows of the client's access to a resource. If `ask` is true, authorize asks
// the service again and sends a Verdict.
struct Recheck {
  ConnId conn;
  RidPtr rid;
  RidPtr target;
  bool ask = true;
  ThrottleId throttle = 0;
  std::uint32_t number = 0;
};

// Makes the authorize node forget its verdict on the resource, because the client has no subscription on the resource
// any more.
struct Release {
  ConnId conn;
  RidPtr rid;
};

// A request of the type "call" or "new". The authorize node passes it on to the service if the client may make it. If
// `subscribed` is true, authorize remembers its verdict until session sends a Release. Otherwise authorize uses the
// verdict for this call only.
struct Call {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::call;
  RidPtr rid;
  RidPtr target;
  std::string method;
  std::string params;
  bool subscribed = false;
};

// A request of the type "auth". The authorize node passes it on to the service without an access check.
struct Auth {
  ConnId conn;
  RequestId id;
  RidPtr target;
  std::string method;
  std::string params;
  // True for header authentication, in which the gateway itself sends the auth request because of an HTTP request. The
  // metadata of the service's answer can then set the status and headers of the HTTP response.
  bool is_http = false;
};

// The connection's token has changed. `questions` asks again whether the client may read certain resources: those that
// it subscribes to directly, and those that its unanswered requests ask for.
struct TokenChanged {
  ConnId conn;
  TokenEvent event;
  std::vector<Question> questions;
};

// A service's answer to an access request.
struct AccessReply {
  ConnId conn;
  RidPtr rid;
  std::uint64_t serial = 0;
  Access access;
  ErrorPtr error;
};

using AuthorizeIn = std::variant<Connected, Disconnected, Question, Recheck, Release, Boxed<Call>, Boxed<Auth>,
                                 Boxed<TokenChanged>, Boxed<AccessReply>, Boxed<TokenReset>, SubscriptionRefused>;

// ---- from the session node to the cache, about subscriptions ------------------------------------------------------

// Asks the cache for the state of a resource and for its later events. A LoadResult follows.
struct Subscribe {
  RidPtr target;  // the resource id with {cid} replaced by the client's connection id
  Ticket ticket = 0;
  ThrottleId throttle = 0;
};

// Tells the cache that a subscription does not wait for its LoadResult any more. The LoadResult may still come, if it
// was under way already.
struct Withdraw {
  RidPtr target;
  Ticket ticket = 0;
};

// Tells the cache that one subscription of the lane on the resource has ended.
struct Unsubscribe {
  LaneId lane = 0;
  ResourceId resource = 0;
};

// ---- from the authorize node and the cache to the ask node --------------------------------------------------------

// GetFor, QueryFor, AccessFor, CallFor and TokenResetFor say what a request to a service is for. The answer carries the
// same struct, by which the decode node knows how to read the answer and which node needs it.
struct GetFor {
  ResourceId resource = 0;
  bool reset = false;
};
struct QueryFor {
  // The number by which the cache knows the resource name. The cache needs it besides `resource`, because it may forget
  // the resource before the answer comes, but still has the name.
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
};
struct AccessFor {
  ConnId conn;
  RidPtr rid;
  std::uint64_t serial = 0;
};
struct CallFor {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::call;
  bool new_method = false;
  MetaPtr access_meta = nullptr;  // metadata of the service's answer that allowed the call
};
struct TokenResetFor {
  ConnId conn;
};
using AskedFor = std::variant<GetFor, QueryFor, AccessFor, CallFor, TokenResetFor>;

struct ServiceRequest {
  std::string name;  // the resource name; it decides which lane gets the answer
  std::string subject;
  std::string payload;
  AskedFor purpose;
  ThrottleId throttle = 0;
};

// Tells the ask node that nobody needs the resource's get request any more. If ask has not sent the request yet, it
// does not send it, and answers with errors::withdrawn.
struct ServiceWithdraw {
  ResourceId resource = 0;
};

struct ServiceSubscribe {
  SubscriptionHandle handle = 0;
  std::string subject;
};
struct ServiceUnsubscribe {
  SubscriptionHandle handle = 0;
};

// Messages by which lanes share a throttle, which limits how many requests to services are under way at once. Each such
// request needs a slot of the throttle, and one lane counts the slots for all lanes. A lane that wants to send a
// request asks the counting lane for a slot (SlotWanted). It sends the request when it gets the slot (SlotGiven), and
// returns the slot when the request has ended (SlotReturned).
struct SlotWanted {
  ThrottleId throttle = 0;
  LaneId lane = 0;
};
struct SlotGiven {
  ThrottleId throttle = 0;
};
struct SlotReturned {
  ThrottleId throttle = 0;
};

using AskIn = std::variant<ServiceRequest, ServiceWithdraw, ServiceSubscribe, ServiceUnsubscribe, ServiceReply,
                           SlotWanted, SlotGiven, SlotReturned, SubscriptionRefused, ServicesRestored, Tick>;

// ---- from the ask node and services to the decode node ------------------------------------------------------------

// The end of a request to a service: the payload of the reply, or the error in its place.
struct Answer {
  std::string name;
  AskedFor purpose;
  std::string payload;
  ErrorPtr error;
};

using DecodeIn = std::variant<Answer, ServiceMessage, SubscriptionRefused, ServicesRestored>;

// ---- from the decode and diff nodes to the cache ------------------------------------------------------------------

struct CustomEvent {
  std::string data;
};
struct DeleteEvent {
  std::string data;  // JSON text; empty when there is none
};
struct ReaccessEvent {};
struct QueryEventSubject {
  std::string subject;
};
using EventBody =
    std::variant<ChangeEvent, AddEvent, RemoveEvent, CustomEvent, DeleteEvent, ReaccessEvent, QueryEventSubject>;

struct ServiceEvent {
  SubscriptionHandle handle = 0;
  std::string name;  // name of the event, such as "change"
  EventBody body;
};

struct GetAnswer {
  ResourceId resource = 0;
  bool reset = false;
  Decoded<GetResult> result;
};

struct QueryAnswer {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::vector<ServiceEvent> events;
  std::optional<Resource> state;
  ErrorPtr error;
};

// An answer to a call or access request. It passes through the cache, in the lane of the resource name, so that it
// stays behind the events that the service sent before it.
struct OrderedReply {
  std::string name;
  std::variant<Boxed<CallReply>, Boxed<AccessReply>> message;
};

// One step that leads from one state of a resource to the next: changed properties, an added value, or the index of a
// removed value.
using Edit = std::variant<Properties, AddEvent, std::int64_t>;

struct DiffResult {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::vector<Edit> edits;
};

// The part of a system reset that concerns one resource name.
struct NameReset {
  SubscriptionHandle name_handle = 0;
  bool resources = false;
  bool access = false;
  ThrottleId throttle = 0;
};

using CacheIn =
    std::variant<Subscribe, Withdraw, Unsubscribe, Boxed<ServiceEvent>, Boxed<GetAnswer>, Boxed<QueryAnswer>,
                 OrderedReply, DiffResult, SystemReset, NameReset, SubscriptionRefused, Continue, Tick>;

// ---- from the cache to the diff node ------------------------------------------------------------------------------

// Asks the diff node for the differences between two states of one resource. The cache shares both states with diff,
// and does not change its own state of the resource until the DiffResult has come.
struct DiffIn {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::shared_ptr<const Resource> from;
  std::shared_ptr<const Resource> to;
};

// ---- from the session node to the encode node ---------------------------------------------------------------------

// One resource of a resource set (RES-Client protocol, "Resource set"): a snapshot, or an error in its place.
struct SetEntry {
  RidPtr rid;
  SnapshotPtr snapshot;  // null if there is an error
  ErrorPtr error;
};
using ResourceSet = std::vector<SetEntry>;

enum class ReplyForm : std::uint8_t {
  empty,     // no result, as in the answer to an unsubscribe request
  error,     // an error in the place of a result
  protocol,  // the gateway's version of the RES protocol
  set,       // the resources that the client asked for (a resource set)
  payload,   // the result of a call, as the member "payload" of the result
  result,    // the bare result of a call, for clients with a protocol version below 1.2.0
  resource,  // the id of the resource that a call returned, and a resource set, which may be empty
};

struct Reply {
  ConnId conn;
  RequestId id;
  ReplyForm form = ReplyForm::empty;
  bool legacy = false;
  ErrorPtr error;
  std::string result;
  RidPtr rid;
  ResourceSet set;
};

// The answer to a web request, or to a WebSocket handshake that the gateway refuses.
struct WebReply {
  Reply reply;
  std::optional<unsigned> status;  // the HTTP status, if `reply` does not determine it
  Headers headers;
  bool mapped = false;  // true if the HTTP method is PUT, DELETE or PATCH (WebTask::mapped)
};

// Opens a WebSocket connection whose handshake waits for header authentication (ClientKind::held).
struct Accept {
  ConnId conn;
  Headers headers;
};

// The clients that get a message; mostly only one client.
using Recipients = boost::container::small_vector<ConnId, 1>;

// An event, and the clients (`to`) that get it as the same bytes. All these clients spell the rid (resource id) alike.
// Either all of them have a protocol version below 1.2.1, and `legacy` is true, or none of them has.
struct Delivery {
  EventPtr event;
  RidPtr rid;
  bool legacy = false;
  ResourceSet set;
  Recipients to;
};

// Closes a client's connection. The write node first sends the frames that wait for the client, but does not wait for a
// busy socket.
struct CloseClient {
  ConnId conn;
  std::uint16_t code = 1008;
  std::string reason;
};

using EncodeIn = std::variant<Reply, Delivery, Boxed<WebReply>, Accept, Connected, Disconnected, CloseClient>;

// ---- from the encode node to the write node -----------------------------------------------------------------------

struct Outgoing {
  Frame frame;
  Recipients to;
  // True if the frame answers a request of the client; false for an event. The write node counts the bytes of answers
  // and of events separately.
  bool answer = false;
};

struct WebAnswer {
  ConnId conn;
  WebResponse response;
};

// The end of a batch of messages: the write node sends all frames that it has gathered.
struct Flush {};

using WriteIn = std::variant<Outgoing, WebAnswer, Accept, Connected, Disconnected, CloseClient, Writable, Flush>;

}  // namespace resflow
