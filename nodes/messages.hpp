// The messages that the nodes (the stages of the gateway's pipeline) send each other. The structs are in the order of
// the pipeline. For each node, there is a variant of all messages that it can get, such as SessionIn for the session
// node. A node owns the messages that it gets, and may move parts out of them. Plain data.
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

// Tells a node the time (`now`), in milliseconds. `precise` is the time in nanoseconds, with which the ask node
// measures how long requests to services take. It is 0 for the other nodes, and if the lane does not measure durations.
struct Tick {
  Millis now;
  Nanos precise = 0;
};

// A message for a lane (one of the gateway's parallel pipelines), with the number of that lane.
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

// A request of a client over WebSocket (RES-Client protocol, "Requests"). If `kind` is `invalid`, the session node
// answers with `error`, and uses no other member except `conn` and `id`.
struct Request {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::invalid;
  RidPtr rid;
  std::string method;       // for a call or auth request: the method to call on the resource
  std::string params;       // JSON text as the client sent it; empty: no parameters
  std::uint32_t count = 1;  // for an unsubscribe request: how many subscriptions it ends
  std::string protocol;     // for a version request: the protocol version of the client
  ErrorPtr error;
};

// What a web request (a request to the HTTP API) needs: a resource, a call of a method, or only a response by the
// gateway itself.
struct WebTask {
  enum class Kind : std::uint8_t { respond, get, call };

  ConnId conn;
  ClientInfoPtr info;
  RequestId id;
  Kind kind = Kind::respond;
  RidPtr rid;
  std::string method;   // for a call: the method to call on the resource
  std::string params;   // JSON text; empty: no parameters
  bool mapped = false;  // true for a call by PUT, DELETE or PATCH
  WebMethod asks = WebMethod::other;
  Headers headers;  // headers for the response, whether the request succeeds or fails
  // For Kind::respond: the error to answer with; null: the response has only headers.
  ErrorPtr error;
};

// From the admit node to the session node: a new turn of the lane begins (one pass over the messages that have
// arrived). The session node does a limited amount of work for each client per turn, and may now work for each client
// again.
struct NewTurn {};

// A node sends this message to itself when it has more work than it may do in one turn of the lane. It arrives in the
// next turn; the node then continues the work.
struct Continue {};

// From the session node to the admit node, about one client: how many requests have been answered since the previous
// Standing (`answered`), and whether the admit node must hold back further requests (`held`). They are held back while
// earlier work for the client is unfinished, or while the client does not read.
struct Standing {
  ConnId conn;
  std::uint32_t answered = 0;
  bool held = false;
};

using AdmitIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Standing, Continue, Tick>;

// From the write node to the session node: a client has stopped reading what is sent to it (`on` is true), or reads
// again (`on` is false).
struct Unread {
  ConnId conn;
  bool on = false;
};

// ---- from services and the cache to the session node --------------------------------------------------------------

using Tickets = boost::container::small_vector<Ticket, 1>;  // ids of subscriptions that wait for a state

// From the cache to the session node: the state of a resource (`snapshot`), or an error. The message is for all
// subscriptions of one lane that wait for this state (`tickets`). Later events of the resource follow as LaneEvent
// messages, in order.
struct LoadResult {
  Tickets tickets;
  ResourceId resource = 0;
  SnapshotPtr snapshot;
  ErrorPtr error;
};

// From the cache to the session node: an event of a resource, for all clients of one lane that subscribe to the
// resource.
struct LaneEvent {
  ResourceId resource = 0;
  EventPtr event;
};

// The answer of a service to a client's request to call a method (a call, auth or new request).
struct CallReply {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::call;
  CallResult result;
  ErrorPtr error;
};

// From the authorize node to the session node: whether the client may read the resource. If it may, `denied` is null. A
// Verdict has the number of the question that it answers (in a Question, Recheck or TokenChanged message). The session
// node ignores a Verdict that does not answer its latest question about the resource.
struct Verdict {
  ConnId conn;
  RidPtr rid;
  std::uint32_t number = 0;
  ErrorPtr denied = nullptr;
  // For HTTP API requests: the HTTP status and headers that the service has sent with its answer about access; null:
  // none.
  MetaPtr meta = nullptr;
};

// A service has set or removed the access token of a client's connection.
struct TokenSet {
  ConnId conn;
  TokenEvent event;
};

using SessionIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Verdict, Boxed<CallReply>,
                               LoadResult, LaneEvent, Boxed<TokenSet>, NewTurn, Continue, Unread>;

// ---- from the session node to the authorize node ------------------------------------------------------------------

// Asks whether the client may read a resource. The authorize node answers with a Verdict. It remembers the answer until
// it gets a Release message.
struct Question {
  ConnId conn;
  RidPtr rid;     // the resource id as the client has sent it, perhaps with the placeholder {cid}
  RidPtr target;  // `rid` with {cid} replaced by the client's connection id
  std::uint32_t number = 0;
};

// Tells the authorize node to forget what it knows about the client's access to a resource, since this may be out of
// date. If `ask` is true, the node also asks the service again and sends a Verdict.
struct Recheck {
  ConnId conn;
  RidPtr rid;
  RidPtr target;
  bool ask = true;
  ThrottleId throttle = 0;
  std::uint32_t number = 0;
};

// Tells the authorize node that the client has no subscription to the resource any more. The node forgets whether the
// client may read it.
struct Release {
  ConnId conn;
  RidPtr rid;
};

// A client's request to call a method of a resource (RES-Client protocol, "call" and "new" requests). The authorize
// node asks the service whether the client may call the method, and passes the request on if so. If the client
// subscribes to the resource (`subscribed`), the node remembers the service's answer until a Release message comes;
// otherwise it uses the answer for this call only.
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

// An auth request of a client (log in, for example). The authorize node passes it on to the service without an access
// check.
struct Auth {
  ConnId conn;
  RequestId id;
  RidPtr target;
  std::string method;
  std::string params;
  // True if the gateway itself sends the auth request, to let a service check the headers of an HTTP request (header
  // authentication). The service can then set the status and headers of the HTTP response.
  bool is_http = false;
};

// The access token of a client's connection has changed, so its access must be checked again. `questions` names the
// resources: those that the client subscribes to directly, and those in its unanswered requests.
struct TokenChanged {
  ConnId conn;
  TokenEvent event;
  std::vector<Question> questions;
};

// The answer of a service to an access request ("What may this client do with this resource?").
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

// Asks the cache for the state of a resource, and then for its events. The cache answers with a LoadResult.
struct Subscribe {
  RidPtr target;  // the resource id with {cid} replaced by the client's connection id
  Ticket ticket = 0;
  ThrottleId throttle = 0;
};

// Tells the cache that a subscription no longer waits for its LoadResult. A LoadResult that is on its way already still
// comes.
struct Withdraw {
  RidPtr target;
  Ticket ticket = 0;
};

// Tells the cache that a client of this lane has ended one subscription to the resource.
struct Unsubscribe {
  LaneId lane = 0;
  ResourceId resource = 0;
};

// ---- from the authorize node and the cache to the ask node --------------------------------------------------------

// GetFor, QueryFor, AccessFor, CallFor and TokenResetFor say what a request to a service is for. The ask node copies
// the struct into the Answer. From the struct, the decode node knows the format of the answer, and which node needs the
// answer.
struct GetFor {
  ResourceId resource = 0;
  bool reset = false;
};
struct QueryFor {
  // Identifies the resource name in the cache. It is needed besides `resource`, since the cache may drop the resource
  // before the answer comes, while it keeps the name.
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
  MetaPtr access_meta = nullptr;  // HTTP status and headers from the answer that allowed the call; null: none
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

// Tells the ask node that nobody needs the get request for this resource any more. If the request was not sent yet, the
// ask node does not send it, and answers it with errors::withdrawn.
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

// Messages between the lanes, about a throttle (a limit on requests to services that are under way at once in all
// lanes). One lane counts the requests for all. Before a lane sends a request, it asks the counting lane for a slot
// (SlotWanted) and waits until it gets one (SlotGiven). When the request has ended, it gives the slot back
// (SlotReturned).
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

// The result of a request to a service: the payload of the reply, or an error, for example if no reply came in time.
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
  std::string data;  // JSON text; empty: the event has no data
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

// The answer of a service to a request to call a method, or to an access request. It goes to its receiver by way of the
// cache, so that it cannot overtake events that the service has sent before it.
struct OrderedReply {
  std::string name;
  std::variant<Boxed<CallReply>, Boxed<AccessReply>> message;
};

// One difference between two states of a resource: the changed properties of a model, a value added to a collection, or
// the index of a value removed from a collection.
using Edit = std::variant<Properties, AddEvent, std::int64_t>;

struct DiffResult {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::vector<Edit> edits;
};

// What a system reset (a service declares resources outdated) means for one resource name: its states are outdated
// (`resources`), the access of clients must be checked again (`access`), or both.
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

// Asks the diff node for the differences between two states of one resource. Both states are shared, not copied, so the
// cache must not change the cached state until the DiffResult has come.
struct DiffIn {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::shared_ptr<const Resource> from;
  std::shared_ptr<const Resource> to;
};

// ---- from the session node to the encode node ---------------------------------------------------------------------

// One resource in a message to a client: its state as JSON text (`snapshot`), or an error. All such entries of one
// message are its resource set (RES-Client protocol, "Resource set").
struct SetEntry {
  RidPtr rid;
  SnapshotPtr snapshot;  // null: there is an error instead
  ErrorPtr error;
};
using ResourceSet = std::vector<SetEntry>;

enum class ReplyForm : std::uint8_t {
  empty,     // a reply without content, for example to an unsubscribe request
  error,     // an error instead of a result
  protocol,  // the RES protocol version of the gateway
  set,       // the resources that the client has asked for
  payload,   // the result of a call, in the form {"payload":...}
  result,    // the result of a call without {"payload":...}, for clients before RES protocol 1.2.0
  // The result of a call that has returned a resource: the id of this resource, and (as far as the client does not have
  // them yet) this resource and those that it refers to.
  resource,
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

// The answer to an HTTP API request, or to a WebSocket handshake that the gateway refuses.
struct WebReply {
  Reply reply;
  std::optional<unsigned> status;  // the HTTP status; nullopt: the encode node derives it from `reply`
  Headers headers;
  bool mapped = false;  // true: the request is a PUT, DELETE or PATCH, mapped to a call (WebOptions::put_method)
};

// Accepts a WebSocket handshake. The handshake had to wait (ClientKind::held) until a service had checked its HTTP
// headers.
struct Accept {
  ConnId conn;
  Headers headers;
};

// The clients that get the same message; mostly only one.
using Recipients = boost::container::small_vector<ConnId, 1>;

// An event for the clients in `to`. All get the same bytes. The bytes contain the resource id as the client has spelled
// it, so only clients with the same spelling are in `to`. Also, either all of these clients use a protocol version
// before 1.2.1 (`legacy` is true), or none does.
struct Delivery {
  EventPtr event;
  RidPtr rid;
  bool legacy = false;
  ResourceSet set;
  Recipients to;
};

// Closes a client's connection. Before that, the write node sends the frames that wait for the client, as many as the
// socket takes without blocking.
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
  // True: the frame answers a request of the client. False: it is an event. The write node has separate limits for the
  // bytes of answers and of events.
  bool answer = false;
};

struct WebAnswer {
  ConnId conn;
  WebResponse response;
};

// A batch of messages has ended: the write node now sends all frames that it has gathered.
struct Flush {};

using WriteIn = std::variant<Outgoing, WebAnswer, Accept, Connected, Disconnected, CloseClient, Writable, Flush>;

}  // namespace resflow
