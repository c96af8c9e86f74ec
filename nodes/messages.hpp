// The messages on the pipeline's edges, in the order in which they travel: what each node takes (its *In variant) and
// what the parts of it mean. Messages are owned values: a node that gets one may take it apart. Pure; any thread.
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

// The time.
struct Tick {
  Millis now;
  Nanos precise = 0;
};

// A message for some lane.
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

// RES-Client protocol, "Requests". An invalid one has its error and nothing else.
struct Request {
  ConnId conn;
  RequestId id;
  RequestKind kind = RequestKind::invalid;
  RidPtr rid;
  std::string method;       // of call and auth
  std::string params;       // JSON text as it came; empty when there were none
  std::uint32_t count = 1;  // of unsubscribe
  std::string protocol;     // of version
  ErrorPtr error;
};

// What a web request wants (HTTP API).
struct WebTask {
  enum class Kind : std::uint8_t { respond, get, call };

  ConnId conn;
  ClientInfoPtr info;
  RequestId id;
  Kind kind = Kind::respond;
  RidPtr rid;
  std::string method;   // of a call
  std::string params;   // JSON text; empty when there are none
  bool mapped = false;  // the call is what the HTTP method PUT, DELETE or PATCH stands for
  WebMethod asks = WebMethod::other;
  Headers headers;  // of the response, whatever it will be
  ErrorPtr error;   // of a response that is clear already; null: it says nothing but its headers
};

// A new turn of the lane begins.
struct NewTurn {};

// A node goes on with what did not fit into its last turn.
struct Continue {};

// session -> admit: how a client gets on with its requests. `answered` have got their answers since the last time;
// `held` tells that no more can be served at present, since work is left over or the client does not read.
struct Standing {
  ConnId conn;
  std::uint32_t answered = 0;
  bool held = false;
};

using AdmitIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Standing, Continue, Tick>;

// write -> session: whether the client leaves unread what it was sent last.
struct Unread {
  ConnId conn;
  bool on = false;
};

// ---- services and cache -> session --------------------------------------------------------------------------------

using Tickets = boost::container::small_vector<Ticket, 1>;  // mostly one

// The answer to all of a lane who wait for a resource: its state, or why there is none. Later events of `resource`
// follow on the same edge, without a gap.
struct LoadResult {
  Tickets tickets;
  ResourceId resource = 0;
  SnapshotPtr snapshot;
  ErrorPtr error;
};

// An event for all subscribers of a resource in this lane.
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

// What authorize says of a client's reading a resource: `denied` is null when it may.
struct Verdict {
  ConnId conn;
  RidPtr rid;
  ErrorPtr denied;
  MetaPtr meta = nullptr;  // for web requests; null when there is none
};

// A service sets the connection's access token.
struct TokenSet {
  ConnId conn;
  TokenEvent event;
};

using SessionIn = std::variant<Connected, Disconnected, Boxed<Request>, Boxed<WebTask>, Verdict, Boxed<CallReply>,
                               LoadResult, LaneEvent, Boxed<TokenSet>, NewTurn, Continue, Unread>;

// ---- session -> authorize -----------------------------------------------------------------------------------------

// May the client read this? Answered with a Verdict, which is remembered until Release.
struct Question {
  ConnId conn;
  RidPtr rid;     // as the client spells it
  RidPtr target;  // with the connection id in place
};

// What was known of the client's access is void. With `ask`, it is asked for again and a Verdict comes.
struct Recheck {
  ConnId conn;
  RidPtr rid;
  RidPtr target;
  bool ask = true;
  ThrottleId throttle = 0;
};

// The client has no subscription on this any more.
struct Release {
  ConnId conn;
  RidPtr rid;
};

// A call to be made if the client may. With `subscribed`, the verdict is remembered until Release.
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

// An auth request needs no access.
struct Auth {
  ConnId conn;
  RequestId id;
  RidPtr target;
  std::string method;
  std::string params;
  bool is_http = false;  // its answer's meta decides about an HTTP response
};

// The token changed while the client had direct subscriptions on these: each wants a Verdict.
struct TokenChanged {
  ConnId conn;
  TokenEvent event;
  std::vector<std::pair<RidPtr, RidPtr>> direct;  // rid and target
};

// The answer to an access request.
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

struct Subscribe {
  RidPtr target;  // with the connection id in place
  Ticket ticket = 0;
  ThrottleId throttle = 0;
};

// A Subscribe whose LoadResult is not waited for any more; it may come all the same.
struct Withdraw {
  RidPtr target;
  Ticket ticket = 0;
};

struct Unsubscribe {
  LaneId lane = 0;
  ResourceId resource = 0;
};

// ---- authorize and cache -> ask -----------------------------------------------------------------------------------

// What a service is asked for, and who wants the answer.
struct GetFor {
  ResourceId resource = 0;
  bool reset = false;
};
struct QueryFor {
  SubscriptionHandle name_handle = 0;  // the cache's handle of the resource name, which outlives the resource
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
  MetaPtr access_meta = nullptr;  // of the access answer that let it pass
};
struct TokenResetFor {
  ConnId conn;
};
using AskedFor = std::variant<GetFor, QueryFor, AccessFor, CallFor, TokenResetFor>;

struct ServiceRequest {
  std::string name;  // the resource name whose lane the answer travels through
  std::string subject;
  std::string payload;
  AskedFor purpose;
  ThrottleId throttle = 0;
};

// Nobody wants the resource's get request: if it is not sent yet, it ends with errors::withdrawn.
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

// A lane wants to send a request that is throttled, may do so when it is its turn, and says when that is over. One lane
// counts for all.
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

// The end of a request: what the service said, or the error that stands for it.
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
  std::string name;  // of the event
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

// Answers to calls and access requests pass through the resource's lane, behind the events sent before them.
struct OrderedReply {
  std::string name;
  std::variant<Boxed<CallReply>, Boxed<AccessReply>> message;
};

// One step from one state of a resource to the next: exactly one of the three.
using Edit = std::variant<Properties, AddEvent, std::int64_t>;

struct DiffResult {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::vector<Edit> edits;
};

// What of a system reset is for one resource name.
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

// The states are shared with the cache, which does not touch its own until the result is back.
struct DiffIn {
  SubscriptionHandle name_handle = 0;
  ResourceId resource = 0;
  std::shared_ptr<const Resource> from;
  std::shared_ptr<const Resource> to;
};

// ---- session -> encode --------------------------------------------------------------------------------------------

// RES-Client protocol, "Resource set".
struct SetEntry {
  RidPtr rid;
  SnapshotPtr snapshot;  // or
  ErrorPtr error;
};
using ResourceSet = std::vector<SetEntry>;

enum class ReplyForm : std::uint8_t {
  empty,     // no result
  error,     // the error
  protocol,  // the version of this gateway's protocol
  set,       // the resource set
  payload,   // the result of a call, wrapped
  result,    // the result of a call as it is (before 1.2.0)
  resource,  // the rid and the resource set
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

// The answer to a web request, or to a held connection that is not opened.
struct WebReply {
  Reply reply;
  std::optional<unsigned> status;  // when it does not follow from the reply
  Headers headers;
  bool mapped = false;  // as in WebTask
};

// A held connection is to be opened.
struct Accept {
  ConnId conn;
  Headers headers;
};

// Mostly one.
using Recipients = boost::container::small_vector<ConnId, 1>;

// An event for clients that spell the rid alike.
struct Delivery {
  EventPtr event;
  RidPtr rid;
  bool legacy = false;
  ResourceSet set;
  Recipients to;
};

// The gateway ends a connection; what was sent to it before still goes out.
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
  bool answer = false;  // to a request of the client's own, which waits for its turn when the client does not read
};

struct WebAnswer {
  ConnId conn;
  WebResponse response;
};

// The end of a batch: everything goes out now.
struct Flush {};

using WriteIn = std::variant<Outgoing, WebAnswer, Accept, Connected, Disconnected, CloseClient, Writable, Flush>;

}  // namespace resflow
