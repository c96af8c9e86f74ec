#include <memory>
#include <utility>

#include "nodes/ask/ask.hpp"
#include "nodes/cache/cache.hpp"
#include "nodes/decode.hpp"
#include "nodes/diff.hpp"
#include "nodes/protocol/ids.hpp"
#include "tests/bench/cases.hpp"
#include "tests/bench/quiet_ends.hpp"

namespace resflow::bench {

namespace {

Step decode_message(std::function<DecodeIn()> message) {
  struct State {
    QuietLog log;
    Decode decode{log};
    DecodeOut out;
  };
  return [message = std::move(message), s = std::make_shared<State>()] {
    s->decode.process(message(), s->out);
    s->out.cache.clear();
  };
}

Step decode_event(const std::string& payload) {
  return decode_message([=] { return ServiceMessage{resource_handle(0, 1), "event.library.book.1.change", payload}; });
}

Step decode_answer(const AskedFor& purpose, const std::string& payload) {
  return decode_message([=] { return Answer{"library.book.1", purpose, payload, nullptr}; });
}

std::string get_reply(bool model, const std::string& text) {
  return R"({"result":{")" + std::string(model ? "model" : "collection") + "\":" + text + "}}";
}

// A cached resource with one subscriber, fed with events.
class CachedBook {
 public:
  explicit CachedBook(const std::string& reply) {
    const RidPtr rid = make_rid("library.book.1");
    step(Subscribe{rid, 1});
    GetFor get;
    for (const AskIn& m : out_.ask) {
      if (const auto* s = std::get_if<ServiceSubscribe>(&m)) handle_ = s->handle;
      if (const auto* r = std::get_if<ServiceRequest>(&m)) get = std::get<GetFor>(r->purpose);
    }
    clear();
    step(GetAnswer{get.resource, false, decode_get_reply(reply)});
    clear();
  }

  void event(const std::string& name, EventBody body) {
    step(ServiceEvent{handle_, name, std::move(body)});
    keep(out_.session.size());
    clear();
  }

 private:
  void step(CacheIn message) { cache_.process(std::move(message), out_); }
  void clear() {
    out_.session.clear();
    out_.ask.clear();
  }

  QuietLog log_;
  Cache cache_{0, CacheLimits{}, log_};
  CacheOut out_;
  SubscriptionHandle handle_ = 0;
};

// Two properties change back and forth.
Step cache_change(std::size_t properties) {
  auto book = std::make_shared<CachedBook>(get_reply(true, model_text(properties)));
  const ChangeEvent one = decode_change_event(R"({"values":{"property0":1,"property1":"x"}})").value;
  const ChangeEvent two = decode_change_event(R"({"values":{"property0":2,"property1":"y"}})").value;
  return [=, turn = false]() mutable {
    turn = !turn;
    book->event("change", turn ? one : two);
  };
}

Step cache_add_remove(std::size_t values) {
  auto book = std::make_shared<CachedBook>(get_reply(false, references_text("library.book.", values)));
  const AddEvent add = decode_add_event(R"({"idx":3,"value":{"rid":"library.book.9999"}})").value;
  return [=] {
    book->event("add", add);
    book->event("remove", RemoveEvent{3, {}});
  };
}

Resource resource(bool model, const std::string& text) {
  return decode_get_reply(get_reply(model, text)).value.resource;
}

Step compare_models() {
  const Resource from = resource(true, model_text(100));
  Resource to = from;
  to.properties["property7"].text = "7";
  return [=] { keep(diff_models(from.properties, to.properties).size()); };
}

Step compare_collections(std::size_t values, std::size_t every) {
  const Resource from = resource(false, references_text("library.book.", values));
  Resource to = from;
  for (std::size_t i = every / 2; i < values; i += every) {
    to.values[i].rid = make_rid("library.new." + std::to_string(i));
  }
  return [=] { keep(diff_collections(from.values, to.values).size()); };
}

// Sends a request and takes its reply.
Step ask_and_answer() {
  struct State {
    QuietLog log;
    QuietServices services;
    Ask ask{0, AskLimits{}, services, log};
    AskOut out;
  };
  return [s = std::make_shared<State>()] {
    s->ask.process(ServiceRequest{"library.book.1", "call.library.book.1.set", R"({"cid":"x","params":null})",
                                  CallFor{ConnId{0, 1, 0}, 1, RequestKind::call, false}},
                   s->out);
    s->ask.process(ServiceReply{s->services.requests.back().first, R"({"result":null})", false, {}}, s->out);
    s->services.requests.clear();
    s->out.decode.clear();
  };
}

}  // namespace

std::vector<Case> service_cases() {
  const CallFor call{ConnId{0, 1, 0}, 1, RequestKind::call, false};
  const AccessFor access{ConnId{0, 1, 0}, make_rid("library.book.1"), 1};
  return {
      {"ask/request_reply", 2'000, ask_and_answer},
      {"decode/change_event", 2'000, [] { return decode_event(R"({"values":{"title":"Dune","year":1965}})"); }},
      {"decode/get_model_10", 500,
       [] {
         return decode_answer(GetFor{1, false}, get_reply(true, model_text(10)));
       }},
      {"decode/get_collection_100", 50,
       [] {
         return decode_answer(GetFor{1, false}, get_reply(false, references_text("library.book.", 100)));
       }},
      {"decode/access_reply", 2'000,
       [=] { return decode_answer(access, R"({"result":{"get":true,"call":"set,delete"}})"); }},
      {"decode/call_reply", 2'000, [=] { return decode_answer(call, R"({"result":{"ok":true}})"); }},
      {"cache/change_10", 2'000, [] { return cache_change(10); }},
      {"cache/change_1000", 2'000, [] { return cache_change(1'000); }},
      {"cache/add_remove_100", 1'000, [] { return cache_add_remove(100); }},
      {"diff/model_100", 200, compare_models},
      {"diff/collection_1000_1_in_100", 20, [] { return compare_collections(1'000, 100); }},
      {"diff/collection_1000_1_in_5", 5, [] { return compare_collections(1'000, 5); }},
  };
}

}  // namespace resflow::bench
