// The flow graph of one lane: its nodes, and in wiring.cpp every edge between them.
#pragma once

#include <optional>

#include "graph/mailbox.hpp"
#include "graph/stage.hpp"
#include "nodes/admit.hpp"
#include "nodes/ask/ask.hpp"
#include "nodes/authorize.hpp"
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
  bool measure = false;  // read the clock for statistics; what is only counted is always counted
};

// Where mailbox edges lead.
class Router {
 public:
  // What waits for a lane: messages for its nodes are added there.
  virtual LaneBatch& batch_for(LaneId to) noexcept = 0;
  // What this lane takes in its next turn, behind what that turn brings.
  virtual LaneBatch& later() noexcept = 0;

 protected:
  ~Router() = default;
};

class Wiring {
 public:
  Wiring(oneapi::tbb::flow::graph& graph, const LaneOptions& options, ClientPort& clients, ServicePort& services,
         LogPort& log, Router& router);

  Registry registry;

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
  By<RequestKind, Histogram> requests_;

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

  // Whether the turn that begins has to begin with a Tick for admit, which tells session.
  bool wants_tick(bool time_has_passed) const {
    return admit_.wants_tick(time_has_passed) || session_.wants_new_turn();
  }
  bool waits_for_time() const { return ask_.pending_count() > 0 || cache_.waits_for_time(); }
  const Session& session_node() const { return session_; }
  const Cache& cache_node() const { return cache_; }
  const Write& write_node() const { return write_; }

  LaneStatistics statistics(const Waiting& waiting) const;
  // That an edge has carried; none when it is not counted.
  std::optional<std::uint64_t> carried(const EdgeInfo& edge) const;
  // What has been answered since the last time has left now.
  void answered(Nanos now);

 private:
  MailboxEdge<AdmitIn> admit_to_itself_;
  MailboxEdge<CacheIn> session_to_cache_;
  MailboxEdge<AdmitIn> session_to_admit_;
  MailboxEdge<SessionIn> session_to_itself_;
  MailboxEdge<SessionIn> write_to_session_;
  MailboxEdge<SessionIn> authorize_to_session_;
  MailboxEdge<AskIn> authorize_to_ask_;
  MailboxEdge<ToLane<SessionIn>> cache_to_session_;
  MailboxEdge<ToLane<AuthorizeIn>> cache_to_authorize_;
  MailboxEdge<AskIn> cache_to_ask_;
  MailboxEdge<CacheIn> cache_to_itself_;
  MailboxEdge<CacheIn> diff_to_cache_;
  MailboxEdge<ToLane<AskIn>> ask_to_ask_;
};

}  // namespace resflow
