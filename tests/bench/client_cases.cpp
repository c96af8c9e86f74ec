#include <memory>
#include <utility>

#include "nodes/encode/encode.hpp"
#include "nodes/parse/parse.hpp"
#include "nodes/session/session.hpp"
#include "nodes/write.hpp"
#include "tests/bench/cases.hpp"
#include "tests/bench/quiet_ends.hpp"
#include "tests/nodes/client_info.hpp"

namespace resflow::bench {

namespace {

ConnId conn(std::uint32_t slot) {
  return {slot, 1, 0};
}

Step parse_frame(std::string text) {
  struct State {
    QuietLog log;
    Parse parse{WebOptions{}, log};
    ParseOut out;
  };
  return [text = std::move(text), s = std::make_shared<State>()] {
    s->parse.process(ClientText{conn(0), text}, s->out);
    s->out.admit.clear();
  };
}

EventPtr change_event() {
  auto event = std::make_shared<ResourceEvent>();
  event->kind = EventKind::change;
  event->name = "change";
  event->data = R"({"values":{"title":"Dune","year":1965}})";
  return event;
}

// A session whose questions are answered at once: every client may do everything, and every resource exists. The
// resource library.books is a collection of references to `references` models.
class AnsweredSession {
 public:
  explicit AnsweredSession(std::uint32_t clients, std::size_t references = 0) {
    for (std::uint32_t slot = 0; slot < clients; ++slot) {
      step(Connected{conn(slot), testing::client_info("cid" + std::to_string(slot))});
    }
    auto leaf = std::make_shared<Snapshot>();
    leaf->text = model_text(3);
    leaf_ = leaf;
    auto tree = std::make_shared<Snapshot>();
    tree->is_model = false;
    tree->text = references_text("library.book.", references);
    for (std::size_t i = 0; i < references; ++i)
      tree->references.push_back(make_rid("library.book." + std::to_string(i)));
    tree_ = tree;
  }

  void request(std::uint32_t slot, RequestKind kind, const RidPtr& rid) {
    Request r;
    r.conn = conn(slot);
    r.id = ++last_id_;
    r.kind = kind;
    r.rid = rid;
    take_turn(std::move(r));
  }
  void event(const RidPtr& rid, const EventPtr& event) { take_turn(LaneEvent{id_of(rid), event}); }

 private:
  // Takes as many turns as the message needs.
  void take_turn(SessionIn message) {
    if (session_.wants_new_turn()) step(NewTurn{});
    step(std::move(message));
    while (std::exchange(continues_, false)) {
      step(NewTurn{});
      step(Continue{});
    }
  }

  void step(SessionIn message) {
    SessionOut out;
    session_.process(std::move(message), out);
    keep(out.encode.size());
    continues_ = continues_ || !out.later.empty();
    for (const AuthorizeIn& m : out.authorize) {
      if (const auto* q = std::get_if<Question>(&m)) step(Verdict{q->conn, q->rid, q->number});
    }
    for (const CacheIn& m : out.cache) {
      const auto* s = std::get_if<Subscribe>(&m);
      if (s == nullptr) continue;
      const bool tree = s->target->text() == "library.books";
      step(LoadResult{{s->ticket}, id_of(s->target), tree ? tree_ : leaf_, nullptr});
    }
  }

  static ResourceId id_of(const RidPtr& rid) { return ResourceId::from((rid->hash() & 0xFFFFFFFF) + 1); }

  Session session_{0, SessionLimits{}, WebOptions{}};
  SnapshotPtr leaf_;
  SnapshotPtr tree_;
  std::uint64_t last_id_ = 0;
  bool continues_ = false;  // true when work is left over for the next turn
};

Step session_subscribe(const std::string& name, std::size_t references) {
  auto session = std::make_shared<AnsweredSession>(1, references);
  return [session, rid = make_rid(name)] {
    session->request(0, RequestKind::subscribe, rid);
    session->request(0, RequestKind::unsubscribe, rid);
  };
}

Step session_event(std::uint32_t clients) {
  auto session = std::make_shared<AnsweredSession>(clients);
  const RidPtr rid = make_rid("library.book.1");
  for (std::uint32_t slot = 0; slot < clients; ++slot) session->request(slot, RequestKind::subscribe, rid);
  return [session, rid, event = change_event()] { session->event(rid, event); };
}

Step encode_message(std::function<EncodeIn()> message) {
  struct State {
    Encode encode{WebOptions{}};
    EncodeOut out;
  };
  return [message = std::move(message), s = std::make_shared<State>()] {
    s->encode.process(message(), s->out);
    s->out.write.clear();
  };
}

Step encode_event() {
  const RidPtr rid = make_rid("library.book.1");
  return encode_message([rid] { return Delivery{change_event(), rid, false, {}, {conn(0)}}; });
}

Step encode_set(std::size_t entries) {
  ResourceSet set;
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->text = model_text(10);
  for (std::size_t i = 0; i < entries; ++i) {
    set.push_back({make_rid("library.book." + std::to_string(i)), snapshot, nullptr});
  }
  return encode_message([set] { return Reply{conn(0), 1, ReplyForm::set, false, nullptr, {}, nullptr, set}; });
}

// Writes frames to each client, then flushes.
Step write_frames(std::uint32_t clients, int frames) {
  struct State {
    QuietClients ends;
    QuietLog log;
    Write write{WriteLimits{}, ends, log};
    WriteOut out;
    Recipients to;
  };
  auto s = std::make_shared<State>();
  for (std::uint32_t slot = 0; slot < clients; ++slot) {
    s->to.push_back(conn(slot));
    s->write.process(Connected{conn(slot), nullptr}, s->out);
  }
  return [s, frames, frame = std::make_shared<const std::string>(90, 'x')] {
    for (int i = 0; i < frames; ++i) s->write.process(Outgoing{frame, s->to}, s->out);
    s->write.process(Flush{}, s->out);
  };
}

}  // namespace

std::vector<Case> client_cases() {
  const std::string subscribe = R"({"id":17,"method":"subscribe.library.book.42"})";
  const std::string call = R"({"id":18,"method":"call.library.book.42.set","params":)" + model_text(5) + "}";
  return {
      {"parse/subscribe", 2'000, [=] { return parse_frame(subscribe); }},
      {"parse/call", 2'000, [=] { return parse_frame(call); }},
      {"session/subscribe_model", 1'000, [] { return session_subscribe("library.book.1", 0); }},
      {"session/subscribe_tree_100", 20, [] { return session_subscribe("library.books", 100); }},
      {"session/event_1", 2'000, [] { return session_event(1); }},
      {"session/event_1000", 50, [] { return session_event(1'000); }},
      {"encode/event", 2'000, encode_event},
      {"encode/set_1", 2'000, [] { return encode_set(1); }},
      {"encode/set_100", 50, [] { return encode_set(100); }},
      {"write/1000_clients", 50, [] { return write_frames(1'000, 1); }},
      {"write/100_clients_10_frames", 50, [] { return write_frames(100, 10); }},
  };
}

}  // namespace resflow::bench
