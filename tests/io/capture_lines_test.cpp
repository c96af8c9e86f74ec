// Each kind of line of a capture, written and read back.
#include <algorithm>
#include <deque>
#include <functional>
#include <sstream>

#include "tests/io/capture_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

const std::string kOdd = "\xff\xfe \"\\\n\x01";  // not valid UTF-8
const ConnId kConn{3, 4, 0};

ClientInfoPtr odd_client(const std::string& cid) {
  return std::make_shared<const ClientInfo>(ClientFields{
      cid, "h\xc3\xa4", "[::1]:80", "/\xff?x", {{"Cookie", "a=1; b=\"2\""}, {"X-Odd", kOdd}, {"X-Odd", ""}}});
}

std::string written(const std::function<void(CaptureLines&)>& write, LaneId lane = 0) {
  CaptureLines lines(lane, false);
  write(lines);
  lines.finish();
  return std::string(lines.text().view());
}

// Writes an input or a turn again, as it would be recorded. For an output, returns only its kind.
std::string written_again(const CaptureRecord& record) {
  if (const auto* out = record.get<CaptureOut>()) return std::string(out->what);
  return written(
      [&](CaptureLines& lines) {
        if (const auto* m = record.get<ParseIn>()) lines.entered(*m, record.inside);
        if (const auto* m = record.get<WriteIn>()) lines.entered(*m, record.inside);
        if (const auto* m = record.get<ServiceReply>()) lines.entered(*m, record.inside);
        if (const auto* m = record.get<ServiceMessage>()) lines.entered(*m, record.inside);
        if (const auto* m = record.get<ServiceNotice>()) lines.entered(*m, record.inside);
        if (const auto* turn = record.get<CaptureTurn>()) lines.turn(turn->now, turn->us);
      },
      record.lane);
}

// Reads the only line of the text. There is a fast reader for usual lines and a general reader; both must give the same
// record.
CaptureRecord read_back(const std::string& text) {
  static std::deque<std::string> kept;  // the records point into these lines
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 1);
  REQUIRE(text.back() == '\n');
  const std::string& line = kept.emplace_back(text.substr(0, text.size() - 1));
  const CaptureRecord record = parse_record(line);
  CHECK(record.text == line);
  CaptureRecord as_written;
  parse_record(line, true, as_written);
  CHECK(as_written.what.index() == record.what.index());
  CHECK(as_written.lane == record.lane);
  CHECK(as_written.inside == record.inside);
  CHECK(written_again(as_written) == written_again(record));
  const std::string& spaced = kept.emplace_back("{ " + line.substr(1));
  const CaptureRecord same = parse_record(spaced);
  CHECK(same.what.index() == record.what.index());
  CHECK(same.lane == record.lane);
  CHECK(same.inside == record.inside);
  CHECK(written_again(same) == written_again(record));
  return record;
}

template <typename Message>
CaptureRecord entered(const Message& message, bool inside = false, LaneId lane = 0) {
  return read_back(written([&](CaptureLines& lines) { lines.entered(message, inside); }, lane));
}

void check_same(const ClientInfo& a, const ClientInfo& b) {
  CHECK(a.cid() == b.cid());
  CHECK(a.headers() == b.headers());
  CHECK(a.host() == b.host());
  CHECK(a.remote_addr() == b.remote_addr());
  CHECK(a.uri() == b.uri());
}

std::string out_kind(const CaptureRecord& record) {
  const auto* out = record.get<CaptureOut>();
  return out == nullptr ? "no output" : std::string(out->what);
}

std::string complaint_of(std::string_view line) {
  try {
    parse_record(line);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Capture lines: a connection that begins, of each kind") {
  for (const ClientKind kind : {ClientKind::websocket, ClientKind::held, ClientKind::web}) {
    const CaptureRecord r = entered(ParseIn(Connected{kConn, odd_client("c\"id"), kind}));
    REQUIRE(r.get<ParseIn>());
    const auto& m = std::get<Connected>(*r.get<ParseIn>());
    CHECK(m.conn == kConn);
    CHECK(m.kind == kind);
    check_same(*m.info, *odd_client("c\"id"));
    CHECK_FALSE(r.inside);
  }
}

TEST_CASE("Capture lines: what clients send") {
  for (const std::string& text : {std::string(R"({"id":1})"), std::string(), kOdd, std::string("no JSON \x7f")}) {
    const CaptureRecord frame = entered(ParseIn(ClientText{kConn, text}));
    CHECK(std::get<ClientText>(*frame.get<ParseIn>()).text == text);
    CHECK(std::get<ClientText>(*frame.get<ParseIn>()).conn == kConn);
    const CaptureRecord request = entered(ParseIn(WebRequest{kConn, odd_client("w"), "PO\"ST", text}));
    const auto& m = std::get<WebRequest>(*request.get<ParseIn>());
    CHECK(m.conn == kConn);
    CHECK(m.method == "PO\"ST");
    CHECK(m.body == text);
    check_same(*m.info, *odd_client("w"));
  }
  const CaptureRecord gone = entered(ParseIn(Disconnected{kConn}));
  CHECK(std::get<Disconnected>(*gone.get<ParseIn>()).conn == kConn);
}

TEST_CASE("Capture lines: a socket that takes data again is the only news of the way out") {
  const CaptureRecord r = entered(WriteIn(Writable{kConn}), true);
  REQUIRE(r.get<WriteIn>());
  CHECK(std::get<Writable>(*r.get<WriteIn>()).conn == kConn);
  CHECK(r.inside);
  CHECK(written([](CaptureLines& lines) { lines.entered(WriteIn(Flush{}), false); }) == "");
}

TEST_CASE("Capture lines: what services send") {
  for (const std::string& text : {std::string("{}"), std::string(), kOdd}) {
    for (const bool none : {false, true}) {
      for (const std::string& failure : {std::string(), std::string("no \"room\""), kOdd}) {
        const CaptureRecord r = entered(ServiceReply{UINT64_MAX, text, none, failure});
        REQUIRE(r.get<ServiceReply>());
        CHECK(r.get<ServiceReply>()->id.value() == UINT64_MAX);
        CHECK(r.get<ServiceReply>()->payload == text);
        CHECK(r.get<ServiceReply>()->no_responders == none);
        CHECK(r.get<ServiceReply>()->failure == failure);
      }
    }
    const CaptureRecord r = entered(ServiceMessage{9, "event." + text, text}, true);
    REQUIRE(r.get<ServiceMessage>());
    CHECK(r.get<ServiceMessage>()->handle.value() == 9);
    CHECK(r.get<ServiceMessage>()->subject == "event." + text);
    CHECK(r.get<ServiceMessage>()->payload == text);
    CHECK(r.inside);
  }
}

TEST_CASE("Capture lines: what the messaging system says of itself") {
  for (std::size_t i = 0; i < By<SubscriptionRefusal>::kSize; ++i) {
    const auto why = static_cast<SubscriptionRefusal>(i);
    const CaptureRecord r = entered(ServiceNotice(SubscriptionRefused{UINT64_MAX, why}), true);
    REQUIRE(r.get<ServiceNotice>());
    REQUIRE(std::holds_alternative<SubscriptionRefused>(*r.get<ServiceNotice>()));
    CHECK(std::get<SubscriptionRefused>(*r.get<ServiceNotice>()).handle.value() == UINT64_MAX);
    CHECK(std::get<SubscriptionRefused>(*r.get<ServiceNotice>()).why == why);
    CHECK(r.inside);
  }
  const CaptureRecord r = entered(ServiceNotice(ServicesRestored{}), false, 3);
  REQUIRE(r.get<ServiceNotice>());
  CHECK(std::holds_alternative<ServicesRestored>(*r.get<ServiceNotice>()));
  CHECK(r.lane == 3);
  CHECK(complaint_of(R"({"in":"refusal","handle":1,"why":"whim"})").find("whim") != std::string::npos);
}

TEST_CASE("Capture lines: the lane is in the line, and in its connections") {
  const CaptureRecord r = entered(ParseIn(ClientText{ConnId{1, 1, 63}, "x"}), true, 63);
  CHECK(r.lane == 63);
  CHECK(r.inside);
  CHECK(std::get<ClientText>(*r.get<ParseIn>()).conn == ConnId{1, 1, 63});
}

TEST_CASE("Capture lines: a turn, and what it takes") {
  const CaptureRecord turn = read_back(written([](CaptureLines& lines) { lines.turn(1'700'000'000'123, 42); }));
  REQUIRE(turn.get<CaptureTurn>());
  CHECK(turn.get<CaptureTurn>()->now == 1'700'000'000'123);
  CHECK(turn.get<CaptureTurn>()->us == 42);
  for (const MailRuns& runs :
       {MailRuns{}, MailRuns{{MailRun::kOutside, 1}}, MailRuns{{0, 70'000}, {MailRun::kOutside, 2}, {63, 1}, {0, 5}}}) {
    const CaptureRecord take = read_back(written([&](CaptureLines& lines) { lines.took(runs); }));
    REQUIRE(take.get<CaptureTake>());
    CHECK(take.get<CaptureTake>()->runs == runs);
  }
}

TEST_CASE("Capture lines: sends of the same frames are one line, and frames are written once a turn") {
  const Frame a = text_frame(R"({"a":1})");
  const Frame b = text_frame("{\"b\":\n2}");
  const Frame odd = text_frame(kOdd);
  const Frame binary = std::make_shared<const std::string>(frame(Opcode::binary, "x"));
  CaptureLines lines(0, false);
  const auto send = [&](std::uint32_t slot, std::vector<Frame> frames) { lines.sent(ConnId{slot, 1, 0}, frames); };
  lines.turn(1, 1);
  lines.text().clear();
  send(1, {a, b});
  CHECK(lines.is_open());
  send(2, {a, b});
  send(3, {a});
  send(4, {odd, binary, a});
  send(5, {odd, binary, a});
  lines.finish();
  CHECK_FALSE(lines.is_open());
  std::vector<CaptureSent> sent;
  std::istringstream text{std::string(lines.text().view())};
  for (std::string line; std::getline(text, line);) {
    const CaptureRecord r = read_back(line + '\n');
    CHECK(out_kind(r) == "send");
    sent.push_back(parse_sent(r));
  }
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].frames == Strings{R"({"a":1})", R"("{\"b\":\u000a2}")"});
  CHECK(sent[0].to == std::vector<ConnId>{{1, 1, 0}, {2, 1, 0}});
  CHECK(sent[1].frames == Strings{"0"});
  CHECK(sent[1].to == std::vector<ConnId>{{3, 1, 0}});
  REQUIRE(sent[2].frames.size() == 3);
  CHECK(sent[2].frames[0].starts_with(R"({"bytes64":")"));
  CHECK(sent[2].frames[1].starts_with(R"({"bytes64":")"));
  CHECK(sent[2].frames[2] == "0");
  CHECK(sent[2].to.size() == 2);

  // The numbers that stand for repeated frames are valid for one turn. In a new turn, the frame is written again.
  lines.text().clear();
  lines.turn(2, 2);
  lines.text().clear();
  send(1, {a});
  lines.finish();
  CHECK(parse_sent(read_back(std::string(lines.text().view()))).frames == Strings{R"({"a":1})"});
}

TEST_CASE("Capture lines: an input between two sends parts them") {
  const std::vector<Frame> frames{text_frame("{}")};
  const std::string text = written([&](CaptureLines& lines) {
    lines.turn(1, 1);
    lines.sent(ConnId{1, 1, 0}, frames);
    lines.entered(WriteIn(Writable{kConn}), true);
    lines.sent(ConnId{2, 1, 0}, frames);
    lines.refused(ConnId{3, 1, 0});
    lines.sent(ConnId{4, 1, 0}, frames);
  });
  CHECK(std::count(text.begin(), text.end(), '\n') == 6);
}

TEST_CASE("Capture lines: all else that leaves") {
  const auto line = [](const std::function<void(CaptureLines&)>& write) { return read_back(written(write)); };
  CHECK(out_kind(line([](CaptureLines& l) { l.refused(kConn); })) == "refused");
  CHECK(out_kind(line([](CaptureLines& l) { l.unsubscribed(1); })) == "unsubscribe");
  CHECK(out_kind(line([](CaptureLines& l) { l.paused(kConn); })) == "pause");
  CHECK(out_kind(line([](CaptureLines& l) { l.resumed(kConn); })) == "resume");
  for (const std::string& odd : {std::string("x"), std::string(), kOdd}) {
    CHECK(out_kind(line([&](CaptureLines& l) { l.closed(kConn, {1001, odd}); })) == "close");
    CHECK(out_kind(line([&](CaptureLines& l) { l.accepted(kConn, {{"A", odd}, {"B", odd}}); })) == "accept");
    CHECK(out_kind(line([&](CaptureLines& l) { l.responded(kConn, {404, {{"A", odd}}, odd}); })) == "respond");
    CHECK(out_kind(line([&](CaptureLines& l) { l.subscribed(1, odd); })) == "subscribe");
  }
  CHECK(out_kind(line([](CaptureLines& l) { l.accepted(kConn, {}); })) == "accept");
}

TEST_CASE("Capture lines: a request is understood, whatever its payload") {
  for (const std::string& payload :
       {std::string(), std::string(R"({"a":"b"})"), std::string("{\"a\":\n1}"), std::string("{\"a\":\"\xff\"}")}) {
    const CaptureRecord r = read_back(written([&](CaptureLines& l) { l.requested(5, "call.a.b", payload); }));
    CHECK(out_kind(r) == "request");
    const CaptureRequest request = parse_request(r);
    CHECK(request.id.value() == 5);
    CHECK(request.subject == "call.a.b");
    CHECK(request.payload == payload);
  }
}

TEST_CASE("Capture lines: the lane of what leaves, whatever the line ends with") {
  for (const unsigned n : {0u, 1u, 9u, 10u, 63u}) {
    const auto lane = static_cast<LaneId>(n);
    const auto lane_of = [&](const std::function<void(CaptureLines&)>& write) {
      return read_back(written(write, lane)).lane;
    };
    const Frame frame = text_frame(R"({"lane":7})");
    CHECK(lane_of([&](CaptureLines& l) { l.sent(ConnId{1, 1, lane}, {&frame, 1}); }) == lane);
    for (const char* payload : {"", R"({"lane":7})", "7", R"("\"lane\":7")", R"([1,"lane"])"}) {
      CHECK(lane_of([&](CaptureLines& l) { l.requested(1, "a", payload); }) == lane);
    }
    CHECK(lane_of([&](CaptureLines& l) { l.requested(1, "a,\"lane\":7", ""); }) == lane);
    CHECK(lane_of([&](CaptureLines& l) { l.unsubscribed(7); }) == lane);
  }
}

TEST_CASE("Capture lines: other outputs give other lines") {
  const auto responded = [](const WebResponse& r) { return written([&](CaptureLines& l) { l.responded(kConn, r); }); };
  CHECK(responded({200, {}, "a"}) != responded({201, {}, "a"}));
  CHECK(responded({200, {{"A", "b"}}, ""}) != responded({200, {{"A", "c"}}, ""}));
  CHECK(responded({200, {}, "a"}) != responded({200, {}, "b"}));
  const auto closed = [](std::uint16_t code, const char* text) {
    return written([&](CaptureLines& l) { l.closed(kConn, {code, text}); });
  };
  CHECK(closed(1000, "a") != closed(1001, "a"));
  CHECK(closed(1000, "a") != closed(1000, "b"));
}

TEST_CASE("Capture lines: what is none is refused, with a reason") {
  CHECK_THAT(complaint_of("x"), Contains("no JSON"));
  CHECK_THAT(complaint_of("{}"), Contains("unknown kind of line"));
  CHECK_THAT(complaint_of("[1]"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"in":"writable","conn":"1.1"}x)"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"in":"smoke","conn":"1.1"})"), Contains("\"smoke\""));
  CHECK_THAT(complaint_of(R"({"out":"smoke"})"), Contains("\"smoke\""));
  CHECK_THAT(complaint_of(R"({"smoke":1})"), Contains("\"smoke\""));
  CHECK_THAT(complaint_of(R"({"in":"writable","conn":"1.1","new":1})"), Contains("\"new\""));
  // Without their fault, these lines would be read by the fast reader.
  CHECK_THAT(complaint_of(R"({"in":"frame","conn":"1.1","text":"","new":1})"), Contains("\"new\""));
  CHECK_THAT(complaint_of(R"({"in":"frame","conn":"1.1","text":"})"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"in":"frame","conn":"1","text":""})"), Contains("names no connection"));
  CHECK_THAT(complaint_of(R"({"in":"reply","id":1,"payload":"\q"})"), !Catch::Matchers::Equals(""));
  CHECK_THAT(complaint_of(R"({"in":"reply","id":01,"payload":""})"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"in":"reply","id":99999999999999999999,"payload":""})"), Contains("\"id\""));
  CHECK_THAT(complaint_of(R"({"in":"message","handle":1,"subject":"a","payload":""}})"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"out":"send","frames":[1],"to":["1.1"],"new":1})"), Contains("\"new\""));
  CHECK_THAT(complaint_of(R"({"out":"send","frames":[1,"to":["1.1"]})"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"out":"send","frames":[1],"to":["1.1"],"inside":true})"), Contains("\"inside\""));
  CHECK_THAT(complaint_of(R"({"out":"request","id":1,"subject":"a","payload":{"a":}})"), Contains("no JSON"));
  CHECK_THAT(complaint_of(R"({"turn":1,"us":1,"new":1})"), Contains("\"new\""));
  CHECK_THAT(complaint_of(R"({"turn":1,"us":1,"lane":64})"), Contains("no lane 64"));
  CHECK_THAT(complaint_of(R"({"in":"writable","conn":"1.1","conn":"1.1"})"), Contains("\"conn\""));
  CHECK_THAT(complaint_of(R"({"out":"refused","conn":"1.1","handle":1})"), Contains("\"handle\""));
  CHECK_THAT(complaint_of(R"({"in":"writable"})"), Contains("\"conn\": is missing"));
  for (const char* conn :
       {R"("")", R"("1")", R"("1.")", R"(".1")", R"("1.1.1")", R"("-1.1")", R"("1.4294967296")", "1", "null", "[]"}) {
    CHECK_THAT(complaint_of(std::string(R"({"in":"writable","conn":)") + conn + '}'), Contains("names no connection"));
  }
  for (const char* lane : {"64", "-1", "1.5", "1e1", "\"1\"", "null", "99999999999999999999"}) {
    CAPTURE(lane);
    CHECK_FALSE(complaint_of(std::string(R"({"in":"writable","conn":"1.1","lane":)") + lane + '}').empty());
  }
  for (const char* runs : {"1", "[1]", "[[1]]", "[[1,2,3]]", R"([["inside",1]])", "[[-1,1]]", "[[64,1]]", "[[300,1]]",
                           "[[1,-1]]", "[[1,1.5]]", "[[1,null]]", "[[1,99999999999999999999]]"}) {
    CAPTURE(runs);
    CHECK_FALSE(complaint_of(std::string(R"({"take":)") + runs + '}').empty());
  }
  for (const char* turn :
       {R"({"turn":-1,"us":1})", R"({"turn":1})", R"({"turn":1,"us":1.5})", R"({"turn":"1","us":1})"}) {
    CHECK_FALSE(complaint_of(turn).empty());
  }
  CHECK_FALSE(complaint_of(R"({"in":"reply","id":1,"payload":1})").empty());
  CHECK_FALSE(complaint_of(R"({"in":"reply","id":1,"payload64":"!"})").empty());
  CHECK_FALSE(complaint_of(R"({"in":"reply","id":1,"payload64":12345678})").empty());
  CHECK_FALSE(complaint_of(R"({"in":"reply","id":1,"payload":"","noresponders":false})").empty());
  CHECK_FALSE(
      complaint_of(R"({"in":"connected","conn":"1.1","kind":"x","cid":"","remote":"","host":"","uri":"","headers":[]})")
          .empty());
  for (const char* headers : {"1", "[1]", "[[\"a\"]]", R"([["a","b","c"]])", R"([["a",1]])", R"([["a",{"b":1}]])"}) {
    CAPTURE(headers);
    CHECK_FALSE(
        complaint_of(std::string(R"({"in":"request","conn":"1.1","cid":"","remote":"","host":"","uri":"","headers":)") +
                     headers + R"(,"method":"","body":""})")
            .empty());
  }
  CHECK_FALSE(complaint_of(R"({"end":"soon"})").empty());
  CHECK_FALSE(complaint_of(R"({"end":1})").empty());
  std::string many = R"({"in":"writable")";
  for (int i = 0; i < 40; ++i) many += ",\"f" + std::to_string(i) + "\":1";
  CHECK_FALSE(complaint_of(many + '}').empty());
}

TEST_CASE("Capture lines: a frame that one client alone gets has a number of its own") {
  const Frame shared = text_frame("{}");
  const std::string text = written([&](CaptureLines& lines) {
    lines.turn(1, 1);
    for (std::uint32_t i = 0; i < 3; ++i) {
      std::vector<Frame> frames{nullptr, shared};
      frames[0] = text_frame(R"({"a":1})");
      lines.sent(ConnId{i, 1, 0}, frames);
    }
    const Frame alone = text_frame(R"({"a":2})");
    lines.sent(ConnId{3, 1, 0}, {&alone, 1});
    CHECK_FALSE(lines.is_open());
    lines.sent(ConnId{4, 1, 0}, std::vector<Frame>{shared});
    CHECK(lines.is_open());
  });
  CHECK_THAT(text, Contains(R"("frames":[{"a":1},{}],"to":["0.1"])") && Contains(R"([{"a":1},1],"to":["1.1"])") &&
                       Contains(R"([{"a":1},1],"to":["2.1"])") && Contains(R"([1],"to":["4.1"])"));
}

TEST_CASE("Capture lines: the line ahead of a batch, and one wrong byte in it") {
  CaptureLines lines(0);
  CHECK(lines.batch().empty());
  for (int turn = 0; turn < 2; ++turn) {
    lines.turn(turn, 1);
    const std::string text(lines.batch());
    REQUIRE(text.size() > kBatchLineSize);
    REQUIRE(text[kBatchLineSize - 1] == '\n');
    const std::string line = text.substr(0, kBatchLineSize - 1);
    const std::string rest = text.substr(kBatchLineSize);
    const auto batch = parse_batch_line(line);
    REQUIRE(batch);
    CHECK(is_sound(*batch, rest));
    CHECK_FALSE(is_sound(*batch, rest.substr(0, rest.size() - 1)));
    CHECK_FALSE(is_sound(*batch, rest + '\n'));
    for (std::size_t at = 0; at < line.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = line;
        if (other[at] == static_cast<char>(byte)) continue;
        other[at] = static_cast<char>(byte);
        const auto read = parse_batch_line(other);
        CHECK((!read || !is_sound(*read, rest)));
      }
    }
    lines.text().clear();
  }
  CHECK_FALSE(parse_batch_line(""));
  CHECK_FALSE(parse_batch_line(std::string(kBatchLineSize - 1, ' ')));
}

TEST_CASE("Capture lines: the checksum of a line") {
  const std::string line = sealed(R"({"in":"x")");
  CHECK(unseal_line(line.substr(0, line.size() - 1)) == R"({"in":"x")");
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    std::string damaged = line.substr(0, line.size() - 1);
    damaged[at] = damaged[at] == '!' ? '?' : '!';
    const auto body = unseal_line(damaged);
    CHECK((!body || *body == damaged));
  }
  // Lines that were written by hand have no checksum.
  CHECK(unseal_line("{}") == "{}");
  CHECK(unseal_line("") == "");
}
