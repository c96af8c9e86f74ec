// encode: RES-Client protocol, "Client JSONRPC", "Resource set" and "Event object", as bytes on the wire.
#include "nodes/encode/encode.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "nodes/protocol/json.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

const ConnId kConn{1, 2, 0};

SnapshotPtr snapshot(bool is_model, const std::string& text, const std::string& legacy = "") {
  auto s = std::make_shared<Snapshot>();
  s->is_model = is_model;
  s->text = text;
  if (!legacy.empty()) s->legacy_text = std::make_unique<const std::string>(legacy);
  return s;
}

EventPtr event(const std::string& name, const std::string& data, const std::string& legacy = "") {
  auto e = std::make_shared<ResourceEvent>();
  e->name = name;
  e->data = data;
  e->legacy_data = legacy;
  return e;
}

// Returns the payload of a text frame of the server, which has no mask.
std::string text_of(const Frame& frame) {
  const std::string& f = *frame;
  REQUIRE(f.size() >= 2);
  CHECK(static_cast<unsigned char>(f[0]) == 0x81);
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(f[i])}; };
  std::size_t size = byte(1);
  std::size_t header = 2;
  if (size == 126) {
    size = byte(2) << 8 | byte(3);
    header = 4;
  } else if (size == 127) {
    size = 0;
    for (std::size_t i = 2; i < 10; ++i) size = size << 8 | byte(i);
    header = 10;
  }
  CHECK(f.size() == header + size);
  CHECK(json::valid(f.substr(header)));
  return f.substr(header);
}

struct Bench {
  Encode encode{WebOptions{}};

  Outgoing step(EncodeIn message) {
    EncodeOut out;
    encode.process(std::move(message), out);
    const auto found = testing::only<Outgoing>(out.write);
    REQUIRE(found.size() == 1);
    return found[0];
  }
  std::string reply(Reply r) {
    r.conn = kConn;
    const Outgoing o = step(std::move(r));
    CHECK(o.to == Recipients{kConn});
    return text_of(o.frame);
  }
  Frame deliver(const EventPtr& e, const std::string& rid, bool legacy = false, const ResourceSet& set = {}) {
    return step(Delivery{e, make_rid(rid), legacy, set, {kConn}}).frame;
  }
  std::string delivery(const EventPtr& e, const std::string& rid, bool legacy = false, const ResourceSet& set = {}) {
    return text_of(deliver(e, rid, legacy, set));
  }
};

ResourceSet mixed_set() {
  return {{make_rid("m.1"), snapshot(true, R"({"a":{"data":[1]}})", R"({"a":"[Data]"})"), nullptr},
          {make_rid("c.1"), snapshot(false, "[1]"), nullptr},
          {make_rid("e.1"), nullptr, errors::not_found},
          {make_rid("m.2?q=\"x\""), snapshot(true, "{}"), nullptr}};
}

Reply reply_of(ReplyForm form) {
  Reply r;
  r.id = 7;
  r.form = form;
  return r;
}

}  // namespace

TEST_CASE("Encode: replies without a set", "[encode]") {
  Bench bench;
  CHECK(bench.reply(reply_of(ReplyForm::empty)) == R"({"id":7})");
  CHECK(bench.reply(reply_of(ReplyForm::protocol)) == R"({"result":{"protocol":"1.2.3"},"id":7})");
  Reply error = reply_of(ReplyForm::error);
  error.error = std::make_shared<const ResError>(ResError{"a.b", "say \"no\"", "[1]"});
  error.id = 18446744073709551615u;
  CHECK(bench.reply(error) ==
        R"({"error":{"code":"a.b","message":"say \"no\"","data":[1]},"id":18446744073709551615})");
  Reply payload = reply_of(ReplyForm::payload);
  payload.result = R"({ "x" : 1.0 })";
  CHECK(bench.reply(payload) == R"({"result":{"payload":{ "x" : 1.0 }},"id":7})");
  payload.form = ReplyForm::result;
  CHECK(bench.reply(payload) == R"({"result":{ "x" : 1.0 },"id":7})");
}

TEST_CASE("Encode: the set is grouped by type", "[encode]") {
  Bench bench;
  Reply r = reply_of(ReplyForm::set);
  CHECK(bench.reply(r) == R"({"result":{},"id":7})");
  r.set = mixed_set();
  CHECK(bench.reply(r) ==
        R"({"result":{"models":{"m.1":{"a":{"data":[1]}},"m.2?q=\"x\"":{}},"collections":{"c.1":[1]},)"
        R"("errors":{"e.1":{"code":"system.notFound","message":"Not found"}}},"id":7})");
  r.legacy = true;
  r.set.resize(1);
  CHECK(bench.reply(r) == R"({"result":{"models":{"m.1":{"a":"[Data]"}}},"id":7})");
  r.set = {{make_rid("e"), nullptr, errors::timeout}};
  CHECK(bench.reply(r) ==
        R"({"result":{"errors":{"e":{"code":"system.timeout","message":"Request timeout"}}},"id":7})");
}

TEST_CASE("Encode: a resource as the answer", "[encode]") {
  Bench bench;
  Reply r = reply_of(ReplyForm::resource);
  r.rid = make_rid("c.1");
  CHECK(bench.reply(r) == R"({"result":{"rid":"c.1"},"id":7})");
  r.set = {{make_rid("c.1"), snapshot(false, "[]"), nullptr}};
  CHECK(bench.reply(r) == R"({"result":{"rid":"c.1","collections":{"c.1":[]}},"id":7})");
}

TEST_CASE("Encode: events", "[encode]") {
  Bench bench;
  CHECK(bench.delivery(event("custom", R"({ "a":1 })"), "a.b") == R"({"event":"a.b.custom","data":{ "a":1 }})");
  CHECK(bench.delivery(event("delete", ""), "a.b") == R"({"event":"a.b.delete","data":null})");
  CHECK(bench.delivery(event("e\"x", "1"), "a?q=\"1\"") == R"({"event":"a?q=\"1\".e\"x","data":1})");
  const EventPtr change = event("change", R"({"values":{"a":{"data":[]}}})", R"({"values":{"a":"[Data]"}})");
  CHECK(bench.delivery(change, "a") == R"({"event":"a.change","data":{"values":{"a":{"data":[]}}}})");
  CHECK(bench.delivery(change, "a", true) == R"({"event":"a.change","data":{"values":{"a":"[Data]"}}})");
}

// RES-Client protocol: "Will result in new indirect subscriptions". The set is part of the event's data.
TEST_CASE("Encode: events with a set", "[encode]") {
  Bench bench;
  CHECK(bench.delivery(event("change", R"({"values":{"a":{"rid":"m.1"}}})"), "x", false, mixed_set()) ==
        R"({"event":"x.change","data":{"values":{"a":{"rid":"m.1"}},"models":{"m.1":{"a":{"data":[1]}},)"
        R"("m.2?q=\"x\"":{}},"collections":{"c.1":[1]},)"
        R"("errors":{"e.1":{"code":"system.notFound","message":"Not found"}}}})");
  CHECK(bench.delivery(event("add", R"({"idx":0,"value":{"rid":"c.1"}})"), "x", true,
                       {{make_rid("c.1"), snapshot(false, "[1]"), nullptr}}) ==
        R"({"event":"x.add","data":{"idx":0,"value":{"rid":"c.1"},"collections":{"c.1":[1]}}})");
}

TEST_CASE("Encode: the same text is made once", "[encode]") {
  Bench bench;
  const EventPtr ping = event("ping", "{}", R"({"old":1})");
  const Frame first = bench.deliver(ping, "a.b");
  CHECK(bench.deliver(ping, "a.b") == first);
  const Frame legacy = bench.deliver(ping, "a.b", true);
  CHECK(legacy != first);
  CHECK(bench.deliver(ping, "a.b", true) == legacy);
  CHECK(text_of(bench.deliver(ping, "a.c")) == R"({"event":"a.c.ping","data":{}})");
  CHECK(text_of(bench.deliver(event("ping", "[]"), "a.c")) == R"({"event":"a.c.ping","data":[]})");

  const ResourceSet set = mixed_set();
  const EventPtr change = event("change", R"({"values":{}})");
  const Frame with_set = bench.deliver(change, "a", false, set);
  CHECK(bench.deliver(change, "a", false, set) == with_set);
  ResourceSet smaller = set;
  smaller.pop_back();
  CHECK(bench.delivery(change, "a", false, smaller) != text_of(with_set));
  ResourceSet other = set;
  other[0].snapshot = snapshot(true, R"({"b":1})");
  CHECK(bench.delivery(change, "a", false, other).find(R"("m.1":{"b":1})") != std::string::npos);
  ResourceSet renamed = other;
  renamed[0].rid = make_rid("m.9");
  CHECK(bench.delivery(change, "a", false, renamed).find(R"("m.9":{"b":1})") != std::string::npos);
}

TEST_CASE("Encode: a large set that comes again has the text that it would have alone", "[encode]") {
  ResourceSet large;
  for (int i = 0; i < 20; ++i) {
    large.push_back({make_rid("m." + std::to_string(i)), snapshot(i % 2 == 0, "1", i == 7 ? "2" : ""), nullptr});
  }
  ResourceSet renamed = large;
  renamed[3].rid = make_rid("other");
  ResourceSet changed = large;
  changed[19].snapshot = snapshot(false, "9");
  ResourceSet shorter = large;
  shorter.pop_back();
  ResourceSet huge = large;
  huge[0].snapshot = snapshot(true, '"' + std::string(100'000, 'x') + '"');

  const auto reply_of = [](const ResourceSet& set, bool legacy, ReplyForm form) {
    return Reply{{}, 1, form, legacy, nullptr, {}, make_rid("r"), set};
  };
  Bench bench;
  for (const ResourceSet* set : {&large, &large, &renamed, &large, &changed, &shorter, &huge, &huge, &large}) {
    for (const bool legacy : {false, false, true, false}) {
      for (const ReplyForm form : {ReplyForm::set, ReplyForm::resource, ReplyForm::set}) {
        const std::string alone = Bench().reply(reply_of(*set, legacy, form));
        REQUIRE(bench.reply(reply_of(*set, legacy, form)) == alone);
      }
    }
  }
}

TEST_CASE("Encode: an event for many is one message", "[encode]") {
  Bench bench;
  const Recipients all{{1, 1, 0}, {2, 1, 0}, {3, 1, 0}};
  CHECK(bench.step(Delivery{event("ping", "1"), make_rid("a"), false, {}, all}).to == all);
}

TEST_CASE("Encode: frames of every length class", "[encode]") {
  Bench bench;
  for (const std::size_t size :
       {10u, 90u, 91u, 92u, 93u, 94u, 95u, 96u, 97u, 98u, 99u, 100u, 65'400u, 65'510u, 200'000u}) {
    const std::string data = '"' + std::string(size, 'x') + '"';
    CHECK(bench.delivery(event("ping", data), "a") == R"({"event":"a.ping","data":)" + data + "}");
  }
  CHECK(bench.delivery(event("ping", "1"), "a") == R"({"event":"a.ping","data":1})");
}

TEST_CASE("Encode: what it does not read passes", "[encode]") {
  Encode encode{WebOptions{}};
  EncodeOut out;
  encode.process(Connected{kConn, nullptr}, out);
  encode.process(CloseClient{kConn, 1008, "why"}, out);
  encode.process(Disconnected{kConn}, out);
  REQUIRE(out.write.size() == 3);
  CHECK(std::get<Connected>(out.write[0]).conn == kConn);
  CHECK(std::get<CloseClient>(out.write[1]).reason == "why");
  CHECK(std::get<Disconnected>(out.write[2]).conn == kConn);
}

TEST_CASE("Encode: answers to web requests, in the encoding of the operator's choice", "[encode]") {
  WebOptions options;
  options.encoding = ApiEncoding::jsonflat;
  Encode encode(options);
  EncodeOut out;
  WebReply web;
  web.reply = reply_of(ReplyForm::set);
  web.reply.conn = kConn;
  web.reply.rid = make_rid("c");
  web.reply.set = {{make_rid("c"), snapshot(false, R"([{"rid":"m"}])"), nullptr},
                   {make_rid("m"), snapshot(true, "{}"), nullptr}};
  encode.process(std::move(web), out);
  const auto answers = testing::only<WebAnswer>(out.write);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].conn == kConn);
  CHECK(answers[0].response.status == 200);
  CHECK(answers[0].response.body == "[{}]");
}

TEST_CASE("Encode: acceptances pass", "[encode]") {
  Encode encode{WebOptions{}};
  EncodeOut out;
  encode.process(Accept{kConn, {{"X", "1"}}}, out);
  const auto accepted = testing::only<Accept>(out.write);
  REQUIRE(accepted.size() == 1);
  CHECK(accepted[0].headers == Headers{{"X", "1"}});
}

TEST_CASE("Encode: answers are noted for who measures, errors and deliveries are counted", "[encode][statistics]") {
  Bench bench;
  Reply reply = reply_of(ReplyForm::error);
  reply.error = errors::timeout;
  reply.id.kind = RequestKind::call;
  bench.step(reply);
  CHECK(bench.encode.counters().errors[RequestKind::call] == 1);
  CHECK(bench.encode.take_answered().empty());  // without an arrival time, the duration is not measured
  reply.form = ReplyForm::empty;
  reply.id.arrived = 12'345;
  bench.step(reply);
  CHECK(bench.encode.counters().errors[RequestKind::call] == 1);
  const std::vector<RequestId> answered = bench.encode.take_answered();
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].kind == RequestKind::call);
  CHECK(answered[0].arrived == 12'345);
  CHECK(bench.encode.take_answered().empty());

  bench.step(Delivery{event("change", "{}"), make_rid("a"), false, {}, {kConn, ConnId{2, 1, 0}}});
  CHECK(bench.encode.counters().events_delivered == 2);

  WebReply web;
  web.reply = reply;
  web.reply.form = ReplyForm::error;
  web.reply.error = errors::timeout;
  web.reply.id.kind = RequestKind::web;
  EncodeOut out;
  bench.encode.process(std::move(web), out);
  CHECK(bench.encode.counters().errors[RequestKind::web] == 1);
  CHECK(bench.encode.take_answered().size() == 1);
}
