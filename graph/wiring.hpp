// The flow graph of one lane (one of the gateway's parallel threads). This file has the nodes, their outputs, and the
// stages, which put the nodes into the TBB graph; wiring.cpp has every edge between them. Owned by Lane, built at
// start, used on the lane's thread only.
#pragma once

#include <optional>

#include "graph/mailbox.hpp"
#include "graph/stage.hpp"
#include "nodes/admit.hpp"
#include "nodes/ask/ask.hpp"
#include "nodes/authorize/authorize.hpp"
#include "nodes/cache/cache.hpp"
#include "nodes/decode.hpp"
#include "nodes/diff.hpp"
#include "nodes/encode/encode.hpp"
#include "nodes/parse/parse.hpp"
#include "nodes/pipeline_options.hpp"
#include "nodes/session/session.hpp"
#include "nodes/statistics.hpp"
#include "nodes/write.hpp"

namespace resflow {

// Lists which members of each output struct are outputs of its node. connect() accepts only these.
template <>
struct Outputs<ParseOut> : OutputList<&ParseOut::admit> {};
template <>
struct Outputs<AdmitOut> : OutputList<&AdmitOut::session, &AdmitOut::later> {};
template <>
struct Outputs<SessionOut> : OutputList<&SessionOut::authorize, &SessionOut::cache, &SessionOut::encode,
                                        &SessionOut::admit, &SessionOut::later> {};
template <>
struct Outputs<AuthorizeOut> : OutputList<&AuthorizeOut::session, &AuthorizeOut::ask> {};
template <>
struct Outputs<EncodeOut> : OutputList<&EncodeOut::write> {};
template <>
struct Outputs<WriteOut> : OutputList<&WriteOut::session> {};
template <>
struct Outputs<AskOut> : OutputList<&AskOut::decode, &AskOut::slots> {};
template <>
struct Outputs<DecodeOut> : OutputList<&DecodeOut::cache, &DecodeOut::session, &DecodeOut::authorize> {};
template <>
struct Outputs<CacheOut>
    : OutputList<&CacheOut::session, &CacheOut::authorize, &CacheOut::ask, &CacheOut::diff, &CacheOut::later> {};
template <>
struct Outputs<DiffOut> : OutputList<&DiffOut::cache> {};

struct LaneOptions : PipelineOptions {
  LaneId id = 0;
  bool measure = false;  // true: measure how long nodes and requests take
};

// Gives each QueuedEdge (an edge that stores its messages for later) the batch to which it adds its messages. LaneGraph
// implements this interface.
class Router {
 public:
  // Returns the batch of messages that wait for the lane `to`. An edge appends its messages for that lane to it.
  virtual LaneBatch& batch_for(LaneId to) noexcept = 0;
  // Returns the batch for this lane's next turn (run). In that turn, the lane processes it after all messages that have
  // arrived in the meantime.
  virtual LaneBatch& later() noexcept = 0;

 protected:
  ~Router() = default;
};

// All nodes and edges of a lane. Each node has a stage, an object that runs the node in the TBB graph. The public
// functions read the state and the counters of the nodes.
class Wiring {
 public:
  Wiring(oneapi::tbb::flow::graph& graph, const LaneOptions& options, ClientPort& clients, ServicePort& services,
         LogPort& log, Router& router);

  Registry registry;  // the list of all nodes and edges

 private:
  Parse parse_;
  Admit admit_;
  Session session_;
  Authorize authorize_;
  Encode encode_;
  Write write_;
  Ask ask_;
  Decode decode_;
  Cache cache_;
  Diff diff_;
  By<RequestKind, Histogram> requests_;  // how long the requests of clients took, from arrival to answer

 public:
  Stage<Parse, ParseIn, ParseOut> parse;
  Stage<Admit, AdmitIn, AdmitOut> admit;
  Stage<Session, SessionIn, SessionOut> session;
  Stage<Authorize, AuthorizeIn, AuthorizeOut> authorize;
  Stage<Encode, EncodeIn, EncodeOut> encode;
  Stage<Write, WriteIn, WriteOut> write;
  Stage<Ask, AskIn, AskOut> ask;
  Stage<Decode, DecodeIn, DecodeOut> decode;
  Stage<Cache, CacheIn, CacheOut> cache;
  Stage<Diff, DiffIn, DiffOut> diff;

  // Returns true if this turn (run of the lane) must begin with a Tick to the admit node. A Tick is a message with the
  // time. When the admit node gets it, it also tells the session node that a new turn begins. `time_has_passed`: the
  // time is later than in the previous turn.
  bool wants_tick(bool time_has_passed) const {
    return admit_.wants_tick(time_has_passed) || session_.wants_new_turn();
  }
  // Returns true if the ask node or the cache node must act at a later time, for example when a request reaches its
  // time limit. Then the lane must go on sending them the time, even if no other message arrives.
  bool waits_for_time() const { return ask_.pending_count() > 0 || cache_.waits_for_time(); }
  const Session& session_node() const { return session_; }
  const Cache& cache_node() const { return cache_; }
  const Write& write_node() const { return write_; }

  // Returns the counters of all nodes and edges. `waiting`, how many messages wait for each node, is copied into the
  // result.
  LaneStatistics statistics(const Waiting& waiting) const;
  // Returns how many messages have passed along an edge; nullopt if the gateway does not count them for this edge.
  std::optional<std::uint64_t> carried(const EdgeInfo& edge) const;
  // Measures how long requests took: adds to requests_ the time from arrival to `now` for each request that was
  // answered since the previous call. Called when the answers have left the gateway.
  void answered(Nanos now);

 private:
  QueuedEdge<AdmitIn> admit_to_itself_;
  QueuedEdge<CacheIn> session_to_cache_;
  QueuedEdge<AdmitIn> session_to_admit_;
  QueuedEdge<SessionIn> session_to_itself_;
  QueuedEdge<SessionIn> write_to_session_;
  QueuedEdge<SessionIn> authorize_to_session_;
  QueuedEdge<AskIn> authorize_to_ask_;
  QueuedEdge<ToLane<SessionIn>> cache_to_session_;
  QueuedEdge<ToLane<AuthorizeIn>> cache_to_authorize_;
  QueuedEdge<AskIn> cache_to_ask_;
  QueuedEdge<CacheIn> cache_to_itself_;
  QueuedEdge<CacheIn> diff_to_cache_;
  QueuedEdge<ToLane<AskIn>> ask_to_ask_;
};

}  // namespace resflow
