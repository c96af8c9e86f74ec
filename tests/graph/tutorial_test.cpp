// The node of the tutorial in nodes/README.md, wired into a graph between two of the gateway's own.
#include <catch2/catch.hpp>

#include "graph/dot.hpp"
#include "graph/wiring.hpp"
#include "tests/graph/memory_ends.hpp"
#include "tests/nodes/tutorial/tally.hpp"

namespace resflow {

template <>
struct Outputs<TallyOut> : OutputList<&TallyOut::encode> {};

}  // namespace resflow

using namespace resflow;
using namespace resflow::testing;

namespace {

// Stands in for session: it passes on what it gets, and its other outputs lead nowhere here.
struct SessionPlayed {
  void process(EncodeIn&& message, SessionOut& out) { out.encode.push_back(std::move(message)); }
};

struct TutorialWiring {
  oneapi::tbb::flow::graph graph;
  Registry registry;
  MemoryLog log;
  MemoryClients clients;
  SessionPlayed session_;
  Tally tally_;
  Encode encode_{WebOptions{}};
  Write write_{WriteLimits{}, clients, log};
  Stage<SessionPlayed, EncodeIn, SessionOut> session{
      graph, registry, {"session", "client side", "", ""}, session_, log};
  Stage<Tally, EncodeIn, TallyOut> tally{
      graph, registry, {"tally", "client side", "which resources are busy?", "deliveries by name"}, tally_, log};
  Stage<Encode, EncodeIn, EncodeOut> encode{graph, registry, {"encode", "client side", "", ""}, encode_, log};
  Stage<Write, WriteIn, WriteOut> write{graph, registry, {"write", "client side", "", ""}, write_, log};
  QueuedEdge<SessionIn> write_to_session{graph, [](std::vector<SessionIn>&) {}};

  TutorialWiring() {
    Registry& r = registry;
    connect<&SessionOut::encode>(r, session, tally, "reply, event, web reply, accept");
    connect<&TallyOut::encode>(r, tally, encode, "reply, event, web reply, accept");
    connect<&EncodeOut::write>(r, encode, write, "frame, web answer, accept");
    connect<&WriteOut::session>(r, write, write_to_session, "session", "unread");
  }
};

}  // namespace

TEST_CASE("tutorial: an event goes through the new node to the client") {
  TutorialWiring w;
  const ConnId conn{1, 2, 0};
  w.session.put(EncodeIn(Connected{conn, nullptr}));
  Delivery d;
  auto event = std::make_shared<ResourceEvent>();
  event->name = "custom";
  event->data = "1";
  d.event = event;
  d.rid = make_rid("test.model");
  d.to = {conn};
  w.session.put(EncodeIn(std::move(d)));
  w.write.put(WriteIn(Flush{}));
  CHECK(w.clients.socket(conn).texts == std::vector<std::string>{R"({"event":"test.model.custom","data":1})"});
  CHECK(w.tally_.busiest(1).at(0).first == "test.model");
  CHECK(to_dot(w.registry).find("\"tally\"") != std::string::npos);
}
