// The messages that the nodes of the gateway's flow graph send each other, in the order in which they travel. For each
// node there is a variant of all messages that the node takes (its *In type), and the structs in that variant. The node
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

// Tells a node the time. `precise` is the time in nanoseconds, for the node ask if the lane measures durations. In all
// other cases it is 0.
struct Tick {
  Millis now;
  Nanos precise = 0;
};

// A message, and the lane that it must go to.
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

// ---- client -> parse ----------------------------------------------------------------------------------------------

using ParseIn = std::variant<Connected, ClientText, WebRequest, Disconnected>;

// ---- parse -> admit -> session ------------------------------------------------------------------------------------

// A client's request (RES-Client protocol, "Requests"). If `kind` is `invalid`, session answers with `error` and
// ignores all other members except `conn` and `id`.
struct Request {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::invalid;
  RidPtr rid;
  std::string method;       // the resource method of a call or auth request
  std::string params;       // JSON text as it came; empty if there is none
  std::uint32_t count = 1;  // how many direct subscriptions an unsubscribe request ends
  std::string protocol;     // the version that a version request names
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
  bool mapped = false;  // the call stands for the HTTP method PUT, DELETE or PATCH
  WebMethod asks = WebMethod::other;
  Headers headers;  // headers of the response, whether the request succeeds or fails
  // For Kind::respond: the error to answer with. If it is null, the response has nothing but headers.
  ErrorPtr error;
};

// admit -> session: a new turn of the lane begins, in which each client may cause a new share of work.
struct NewTurn {};

// A node sends this to itself when work is left that did not fit into this turn of the lane. It comes back in the next
// turn, and the node goes on with the work.
struct Continue {};

// session -> admit: how many of a client's requests session has answered, and whether admit must hold back others.
// `answered` is the number of requests that session has answered since its previous Standing for this client. If `held`
// is true, admit holds back further requests, because session has not finished earlier work for the client, or because
// the client does not read.
struct Standing {
  ConnId conn;
  std::uint32_t answered = 0;
  bool held = false;
};

using AdmitIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Standing, Continue, Tick>;

// write -> session: whether the client reads what write sends it. `on` is true if the client has stopped reading, false
// if it reads again.
struct Unread {
  ConnId conn;
  bool on = false;
};

// ---- services and cache -> session --------------------------------------------------------------------------------

using Tickets = boost::container::small_vector<Ticket, 1>;  // numbers of waiting subscriptions; mostly one

// cache -> session: the state of a resource, or an error in its place. It answers all subscriptions of one lane that
// wait for the resource. All events that happen after this state follow on the same edge.
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

// The answer to a client's call, auth or new request.
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
  // For web requests: the metadata of the service's answer. Null if there is none.
  MetaPtr meta = nullptr;
};

// A service has set the connection's access token.
struct TokenSet {
  ConnId conn;
  TokenEvent event;
};

using SessionIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Verdict, Boxed<CallReply>,
                               LoadResult, LaneEvent, Boxed<TokenSet>, NewTurn, Continue, Unread>;

// ---- session -> authorize -----------------------------------------------------------------------------------------

// Asks whether the client may read a resource. authorize answers with a Verdict, and remembers the verdict until
// session sends a Release.
struct Question {
  ConnId conn;
  RidPtr rid;     // the resource id as the client spells it
  RidPtr target;  // the rid with the client's connection id in the place of {cid}
  std::uint32_t number = 0;
};

// Makes authorize forget what it knows of the client's access to a resource. If `ask` is true, authorize asks the
// service again and sends a Verdict.
struct Recheck {
  ConnId conn;
  RidPtr rid;
  RidPtr target;
  bool ask = true;
  ThrottleId throttle = 0;
  std::uint32_t number = 0;
};

// Makes authorize forget the verdict, because the client has no subscription on the resource any more.
struct Release {
  ConnId conn;
  RidPtr rid;
};

// A call or new request. authorize passes it on to the service if the client may make it. If `subscribed` is true,
// authorize remembers the verdict until session sends a Release; otherwise the verdict serves this call only.
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

// An auth request. authorize passes it on to the service without an access check.
struct Auth {
  ConnId conn;
  RequestId id;
  RidPtr target;
  std::string method;
  std::string params;
  // True for header authentication: the metadata of the service's answer decides about an HTTP response.
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

// ---- session and cache: subscriptions -----------------------------------------------------------------------------

// Asks the cache for the state of a resource and for its later events. A LoadResult follows.
struct Subscribe {
  RidPtr target;  // the rid with the client's connection id in the place of {cid}
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

// ---- authorize and cache -> ask -----------------------------------------------------------------------------------

// GetFor, QueryFor, AccessFor, CallFor and TokenResetFor say what a request to a service is for. The answer carries the
// same struct, by which decode knows how to read the answer and which node needs it.
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

// Tells the node ask that nobody needs the resource's get request any more. If ask has not sent the request yet, it
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

// How lanes share a throttle, which limits how many requests are under way at once. A request needs a slot of the
// throttle, and one lane counts the slots for all lanes. A lane that wants to send such a request asks the counting
// lane for a slot (SlotWanted), sends the request when it gets the slot (SlotGiven), and returns the slot when the
// request has ended (SlotReturned).
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

// ---- ask and services -> decode -----------------------------------------------------------------------------------

// The end of a request to a service: the payload of the reply, or the error in its place.
struct Answer {
  std::string name;
  AskedFor purpose;
  std::string payload;
  ErrorPtr error;
};

using DecodeIn = std::variant<Answer, ServiceMessage, SubscriptionRefused, ServicesRestored>;

// ---- decode and diff -> cache -------------------------------------------------------------------------------------

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
  std::string name;  // name of the event
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

// One step from one state of a resource to the next: changed properties, an added value, or the index of a removed
// value.
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

// ---- cache -> diff ------------------------------------------------------------------------------------------------

// Two states of one resource, to compare. The cache shares both with diff, and does not change its state of the
// resource until the DiffResult is back.
struct DiffIn {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::shared_ptr<const Resource> from;
  std::shared_ptr<const Resource> to;
};

// ---- session -> encode --------------------------------------------------------------------------------------------

// One resource of a set (RES-Client protocol, "Resource set"): a snapshot, or an error in its place.
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
  payload,   // the result of a call, in a member "payload"
  result,    // the result of a call as it is, for clients of a protocol before 1.2.0
  resource,  // the id of the resource that a call returned, and a resource set
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
  bool mapped = false;  // the call stands for PUT, DELETE or PATCH (WebTask::mapped)
};

// Opens a WebSocket connection whose handshake waits for header authentication (ClientKind::held).
struct Accept {
  ConnId conn;
  Headers headers;
};

// The clients that get a message; mostly one.
using Recipients = boost::container::small_vector<ConnId, 1>;

// An event for clients that get the same bytes. All of them spell the rid alike, and `legacy` is the same for all: true
// if their protocol version is below 1.2.1.
struct Delivery {
  EventPtr event;
  RidPtr rid;
  bool legacy = false;
  ResourceSet set;
  Recipients to;
};

// Closes a client's connection. The node write first sends the frames that wait for the client, but does not wait for a
// busy socket.
struct CloseClient {
  ConnId conn;
  std::uint16_t code = 1008;
  std::string reason;
};

using EncodeIn = std::variant<Reply, Delivery, Boxed<WebReply>, Accept, Connected, Disconnected, CloseClient>;

// ---- encode -> write ----------------------------------------------------------------------------------------------

struct Outgoing {
  Frame frame;
  Recipients to;
  // True if the frame answers a request of the client; false for an event. write counts the bytes of answers and of
  // events separately.
  bool answer = false;
};

struct WebAnswer {
  ConnId conn;
  WebResponse response;
};

// The end of a batch of messages: the node write sends all frames that it has gathered.
struct Flush {};

using WriteIn = std::variant<Outgoing, WebAnswer, Accept, Connected, Disconnected, CloseClient, Writable, Flush>;

}  // namespace resflow
