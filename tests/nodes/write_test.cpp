// write: one send for each client and batch, in order. A client that does not read is closed with a reason (RFC 6455,
// 7.4.1).
#include "nodes/write.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

using Lines = std::vector<std::string>;

struct FakeClients : ClientPort {
  Lines calls;  // "1: abc" for a send, "1 refused", "1 closed 1008 why"
  std::set<std::uint32_t> busy;
  std::set<std::uint32_t> backlog;  // clients that accept what they are sent, but have not written it yet

  bool send(ConnId conn, std::span<const Frame> frames) override {
    const std::string slot = std::to_string(conn.slot);
    if (frames.empty()) return !backlog.contains(conn.slot);
    if (busy.contains(conn.slot)) {
      calls.push_back(slot + " refused");
      return false;
    }
    std::string line = slot + ": ";
    for (const Frame& frame : frames) line += frame->size() > 9 ? "large" : *frame;
    calls.push_back(line);
    return true;
  }
  void close(ConnId conn, const CloseReason& reason) override {
    calls.push_back(std::to_string(conn.slot) + " closed " + std::to_string(reason.code) + ' ' + reason.text);
  }
  void accept(ConnId conn, const Headers& headers) override {
    calls.push_back(std::to_string(conn.slot) + " accepted, " + std::to_string(headers.size()) + " headers");
  }
  void respond(ConnId conn, const WebResponse& response) override {
    calls.push_back(std::to_string(conn.slot) + " response " + std::to_string(response.status));
  }
  void pause(ConnId conn) override { calls.push_back(std::to_string(conn.slot) + " paused"); }
  void resume(ConnId conn) override { calls.push_back(std::to_string(conn.slot) + " resumed"); }
};

ConnId conn(std::uint32_t slot, std::uint32_t generation = 1) {
  return ConnId{slot, generation, 0};
}

struct Bench {
  FakeClients clients;
  testing::FakeLog log;
  Write write{WriteLimits{100}, clients, log};

  Bench() {
    step(Connected{conn(1), nullptr});
    step(Connected{conn(2), nullptr});
  }
  void step(WriteIn message) {
    WriteOut out;
    write.process(std::move(message), out);
  }
  void send(const std::string& text, const Recipients& to) {
    step(Outgoing{std::make_shared<const std::string>(text), to});
  }
  // Flushes, and returns the calls since the last flush.
  Lines flush() {
    step(Flush{});
    return std::exchange(clients.calls, {});
  }
};

}  // namespace

TEST_CASE("Write: what is due to a client goes out in one call, in order", "[write]") {
  Bench bench;
  bench.send("a", {conn(1)});
  bench.send("b", {conn(1), conn(2)});
  bench.send("c", {conn(2)});
  bench.send("d", {conn(1)});
  CHECK(bench.clients.calls.empty());
  CHECK(bench.flush() == Lines{"1: abd", "2: bc"});
  CHECK(bench.write.counters().sent == 5);
  CHECK(bench.flush().empty());
  bench.send("e", {conn(1)});
  CHECK(bench.flush() == Lines{"1: e"});
}

TEST_CASE("Write: a socket that is busy is left alone until it can be written to", "[write]") {
  Bench bench;
  bench.clients.busy.insert(1);
  bench.send("a", {conn(1)});
  CHECK(bench.flush() == Lines{"1 refused"});
  bench.send("b", {conn(1), conn(2)});
  CHECK(bench.flush() == Lines{"2: b"});
  bench.clients.busy.clear();
  bench.step(Writable{conn(1)});
  bench.send("c", {conn(1)});
  CHECK(bench.flush() == Lines{"1: abc"});
  bench.step(Writable{conn(1)});
  CHECK(bench.flush().empty());
  CHECK(bench.write.counters().sent == 4);
}

TEST_CASE("Write: what is much does not wait for the end of the batch", "[write]") {
  FakeClients clients;
  testing::FakeLog log;
  Write write{WriteLimits{}, clients, log};
  WriteOut out;
  const std::string half(Write::kBatchBytes / 2, 'x');
  const auto send = [&](const std::string& text, const Recipients& to) {
    write.process(Outgoing{std::make_shared<const std::string>(text), to}, out);
  };
  for (std::uint32_t slot = 1; slot <= 3; ++slot) write.process(Connected{conn(slot), nullptr}, out);
  // A frame for several clients is in memory once.
  send(half, {conn(1), conn(2), conn(3)});
  send(half, {conn(1)});
  CHECK(clients.calls.empty());
  send("a", {conn(2)});
  CHECK(std::exchange(clients.calls, {}) == Lines{"1: largelarge", "2: largea", "3: large"});
  send("d", {conn(3)});
  CHECK(clients.calls.empty());
  write.process(Flush{}, out);
  CHECK(clients.calls == Lines{"3: d"});
}

TEST_CASE("Write: nobody is written to who is not there", "[write]") {
  Bench bench;
  bench.send("a", {conn(1), conn(3), conn(2, 2), conn(1'000)});
  bench.step(Disconnected{conn(1)});
  bench.step(Writable{conn(3)});
  bench.step(CloseClient{conn(7), 1008, "x"});
  bench.step(Disconnected{conn(2, 9)});
  CHECK(bench.flush().empty());
  // The next connection in a slot gets no messages of the previous one.
  bench.send("b", {conn(2)});
  bench.step(Disconnected{conn(2)});
  bench.step(Connected{conn(2, 2), nullptr});
  bench.send("c", {conn(2, 2)});
  bench.send("d", {conn(2)});
  CHECK(bench.flush() == Lines{"2: c"});
}

TEST_CASE("Write: the next connection of a slot is not busy with what the last one was", "[write]") {
  Bench bench;
  bench.clients.busy.insert(1);
  bench.send("a", {conn(1)});
  bench.flush();
  bench.clients.busy.clear();
  bench.step(Disconnected{conn(1)});
  bench.step(Connected{conn(1, 2), nullptr});
  bench.step(Writable{conn(1)});
  bench.send("b", {conn(1, 2)});
  CHECK(bench.flush() == Lines{"1: b"});
}

TEST_CASE("Write: a close goes behind what was sent before it, and nothing behind it", "[write]") {
  Bench bench;
  bench.send("a", {conn(1)});
  bench.step(CloseClient{conn(1), 1008, "why"});
  bench.send("b", {conn(1)});
  bench.step(CloseClient{conn(1), 1001, "again"});
  CHECK(bench.flush() == Lines{"1: a", "1 closed 1008 why"});
  bench.send("c", {conn(1)});
  bench.step(Writable{conn(1)});
  CHECK(bench.flush().empty());
}

TEST_CASE("Write: a client that does not read does not hold up its own close", "[write]") {
  Bench bench;
  bench.clients.busy.insert(1);
  bench.send("a", {conn(1)});
  bench.flush();
  bench.step(CloseClient{conn(1), 1008, "why"});
  CHECK(bench.flush() == Lines{"1 closed 1008 why"});
  CHECK(bench.flush().empty());
}

TEST_CASE("Write: a client that does not read is closed when its outbox is full", "[write]") {
  Bench bench;
  bench.clients.busy.insert(1);
  bench.send(std::string(60, 'x'), {conn(1), conn(2)});
  CHECK(bench.flush() == Lines{"1 refused", "2: large"});
  bench.send(std::string(40, 'x'), {conn(1), conn(2)});
  CHECK(bench.flush() == Lines{"2: large"});
  CHECK(bench.write.slow_clients() == 0);
  bench.send("x", {conn(1), conn(2)});
  CHECK(bench.flush() == Lines{"1 closed 1008 slow consumer", "2: x"});
  CHECK(bench.write.slow_clients() == 1);
  CHECK(bench.log.errors() == 1);
  bench.send("y", {conn(1)});
  bench.clients.busy.clear();
  bench.step(Writable{conn(1)});
  CHECK(bench.flush().empty());
}

TEST_CASE("Write: a large batch is no sign of a slow client", "[write]") {
  Bench bench;
  for (int i = 0; i < 5; ++i) bench.send(std::string(60, 'x'), {conn(1)});
  CHECK(bench.flush().size() == 1);
  CHECK(bench.write.slow_clients() == 0);
  CHECK(bench.write.counters().sent == 5);
}

TEST_CASE("Write: a frame larger than the outbox reaches a client that reads", "[write]") {
  Bench bench;
  bench.send(std::string(1'000, 'x'), {conn(1)});
  CHECK(bench.flush() == Lines{"1: large"});
  bench.clients.busy.insert(1);
  bench.send(std::string(1'000, 'x'), {conn(1)});
  CHECK(bench.flush() == Lines{"1 refused", "1 closed 1008 slow consumer"});
}

TEST_CASE("Write: who overflows while all are sent to is closed with them, and the next one on that slot is served",
          "[write]") {
  Bench bench;
  bench.step(Connected{conn(3), nullptr});
  for (std::uint32_t slot = 1; slot <= 3; ++slot) bench.clients.busy.insert(slot);
  bench.send(std::string(1'000, 'x'), {conn(1), conn(2), conn(3)});
  const Lines calls = bench.flush();
  CHECK(std::count(calls.begin(), calls.end(), "2 closed 1008 slow consumer") == 1);
  CHECK(std::count(calls.begin(), calls.end(), "3 closed 1008 slow consumer") == 1);
  bench.clients.busy.clear();
  bench.step(Disconnected{conn(2)});
  bench.step(Connected{ConnId{2, 2, 0}, nullptr});
  bench.send("x", {ConnId{2, 2, 0}});
  CHECK(bench.flush() == Lines{"2: x"});
}

TEST_CASE("Write: a large answer of which the port keeps a part counts until it is written", "[write]") {
  Bench bench;
  const std::size_t large = 2 * Write::kMuch;
  bench.clients.backlog.insert(1);
  const auto unread = [&](WriteIn message) {
    WriteOut out;
    bench.write.process(std::move(message), out);
    bench.write.process(Flush{}, out);
    return testing::only<Unread>(out.session);
  };
  const auto told = unread(Outgoing{std::make_shared<const std::string>(large, 'x'), {conn(1)}, true});
  REQUIRE(told.size() == 1);
  CHECK(told[0].on);
  ClientState state;
  bench.write.add_outbox(conn(1), state);
  CHECK(state.outbox_bytes == large);
  bench.clients.backlog.clear();
  CHECK(unread(Writable{conn(1)}).size() == 1);
  state = {};
  bench.write.add_outbox(conn(1), state);
  CHECK(state.outbox_bytes == 0);
}

TEST_CASE("Write: responses and acceptances go out at once", "[write]") {
  Bench bench;
  bench.step(WebAnswer{conn(1), WebResponse{204, {}, {}}});
  bench.step(Accept{conn(2), {{"Set-Cookie", "a=1"}}});
  CHECK(bench.clients.calls == Lines{"1 response 204", "2 accepted, 1 headers"});
}

TEST_CASE("Write: closes are counted by reason", "[write][statistics]") {
  Bench bench;
  bench.step(CloseClient{conn(1), 1008, "why"});
  bench.step(CloseClient{conn(1), 1008, "again"});
  bench.step(CloseClient{conn(2), 1008, "why"});
  bench.step(CloseClient{conn(9), 1008, "nobody"});
  CHECK(bench.write.counters().closes == std::map<std::string, std::uint64_t>{{"why", 2}});
}
